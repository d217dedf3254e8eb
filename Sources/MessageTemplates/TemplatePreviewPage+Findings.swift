internal import CodeRequests
internal import FoundationEssentials

/// Findings: on top all of them, each leading to where it is shown; there with the line that it is about.
extension TemplatePreviewPage {
  /// What there is to say of all mails.
  var state: String {
    guard !findings.isEmpty else { return "<p class=\"fine\">Lint finds nothing.</p>" }
    let count = "\(findings.count) \(findings.count == 1 ? "finding" : "findings")"
    let items = findings.map { finding in
      let place = cards.first { $0.findings.contains(finding) }
      let words = "<code>\(finding.rule.rawValue)</code> \(escaped(finding.description))"
      let link = place.map { "<a href=\"#\(escaped(identifier(of: finding, in: $0)))\">\(words)</a>" }
      return item(finding, link ?? words)
    }
    return
      "<p class=\"wrong\">\(count)\(refused.isEmpty ? "" : ": a worker keeps the last good version").</p>"
      + "<ul class=\"findings all\">\(items.joined())</ul>\n"
  }

  func list(_ findings: [TemplateFault], in card: TemplatePreview.Card) -> String {
    guard !findings.isEmpty else { return "" }
    let items = findings.map { finding in
      let words = "<code>\(finding.rule.rawValue)</code> \(escaped(finding.description))"
      return item(finding, words + excerpt(finding), id: identifier(of: finding, in: card))
    }
    return "<ul class=\"findings\">\(items.joined())</ul>\n"
  }

  private func item(_ finding: TemplateFault, _ words: String, id: String? = nil) -> String {
    "<li\(id.map { " id=\"\(escaped($0))\"" } ?? "")\(refused.contains(finding) ? " class=\"refused\"" : "")>\(words)</li>"
  }

  func identifier(of finding: TemplateFault, in card: TemplatePreview.Card) -> String {
    "f\((findings.firstIndex(of: finding) ?? -1) + 1)-\(card.identifier)"
  }

  /// The line that a finding is about, the place marked; empty where it is about none.
  private func excerpt(_ finding: TemplateFault) -> String {
    guard finding.line > 0, let source = sources[finding.file] else { return "" }
    let lines = source.text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.indices.contains(finding.line - 1) else { return "" }
    let line = Array(lines[finding.line - 1].unicodeScalars)
    func text(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
      var view = String.UnicodeScalarView()
      view.append(contentsOf: scalars)
      return escaped(String(view))
    }
    guard finding.column > 0 else { return quoted(finding.line, "<mark>\(text(line[...]))</mark>") }
    let start = min(finding.column - 1, line.count)
    let end = Self.end(ofPlaceAt: start, in: line)
    // As much of the line as a card has room for.
    let from = max(0, start - 30)
    let to = min(line.count, max(end + 30, from + 80))
    return quoted(
      finding.line,
      (from > 0 ? "…" : "") + text(line[from..<start])
        + "<mark>\(start == end ? "␤" : text(line[start..<end]))</mark>"
        + text(line[end..<to]) + (to < line.count ? "…" : ""))
  }

  private func quoted(_ number: Int, _ marked: String) -> String {
    "<span class=\"source\" translate=\"no\"><i>\(number)</i> <bdi>\(marked)</bdi></span>"
  }

  /// A tag of either kind to its end, else a word, at least one character.
  private static func end(ofPlaceAt start: Int, in line: [Unicode.Scalar]) -> Int {
    guard start < line.count else { return start }
    let rest = line[start...]
    if rest.starts(with: "{{".unicodeScalars) {
      let close = rest.indices.dropLast().first { line[$0] == "}" && line[$0 + 1] == "}" }
      return close.map { $0 + 2 } ?? line.count
    }
    if rest.first == "<" { return min(rest.firstIndex(of: ">").map { $0 + 1 } ?? line.count, start + 80) }
    // Also what a sign begins: #bbbbbb, &nbsp.
    let word = rest.dropFirst().prefix { $0.properties.isAlphabetic || $0.properties.numericType != nil }
    return rest.first!.properties.isWhitespace ? start + 1 : word.endIndex
  }

  /// The part that a finding belongs to, by the file it is in.
  static func part(of finding: TemplateFault) -> String {
    let name = finding.file.split(separator: "/").last ?? ""
    if name.hasPrefix("subject") { return "subject" }
    if name.hasPrefix("preheader") { return "preheader" }
    if name.hasSuffix(".html") { return "html" }
    return name.hasSuffix(".txt") ? "text" : "other"
  }
}
