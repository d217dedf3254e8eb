internal import CodeRequests
internal import Documents
internal import FoundationEssentials

// What settings are, beyond strings and numbers.

extension DocumentNode {
  /// A string with something in it, on one line.
  func line() throws(DocumentFault) -> String {
    let text = try string("a string")
    guard !text.isEmpty else { throw fault("is empty; leave it out or give a value") }
    if let control = firstControlCharacter(in: text) {
      throw fault("holds the control character \(name(of: control))")
    }
    return text
  }

  /// The same for a text that readers of mail see: nothing in it is invisible, and no blank is at its ends.
  func shownLine() throws(DocumentFault) -> String {
    let text = try line()
    if let scalar = text.unicodeScalars.first(where: PlainText.isActive) {
      throw fault("holds the invisible character \(name(of: scalar)); delete it")
    }
    guard text.trimmed == text else { throw fault("begins or ends with white space; delete it") }
    return text
  }

  /// `250ms`, `2s`, `30m`, `24h`, `30d`.
  func duration(in range: ClosedRange<Duration>) throws(DocumentFault) -> Duration {
    guard case .string(let text) = value.content else { throw wrongType("a duration such as \"30m\"") }
    guard let duration = Duration(settingsText: text) else {
      throw fault(
        of: text, "is not a duration; expected a whole number with ms, s, m, h or d, such as \"30m\"")
    }
    guard range.contains(duration) else {
      throw fault(
        "is \(text); expected \(range.lowerBound.settingsText) to \(range.upperBound.settingsText)")
    }
    return duration
  }

  /// One of these names.
  func choice(of names: [String]) throws(DocumentFault) -> String {
    guard case .string(let text) = value.content else {
      throw wrongType("one of \(names.joined(separator: ", "))")
    }
    guard names.contains(text) else {
      let hint = nearest(to: text, in: names).map { "; did you mean \($0)?" } ?? ""
      throw fault(of: text, "is not one of \(names.joined(separator: ", "))\(hint)")
    }
    return text
  }

  /// A path; a relative one is relative to the configuration.
  func path() throws(DocumentFault) -> String { path(try line()) }

  func path(_ text: String) -> String {
    let base = URL(fileURLWithPath: file).deletingLastPathComponent()
    return URL(fileURLWithPath: text, relativeTo: base).standardizedFileURL.path
  }

  func address() throws(DocumentFault) -> EmailAddress {
    let text = try line()
    do { return try EmailAddress(text, field: path.keyPath) } catch { throw fault(error.message) }
  }
}
