internal import CodeRequests
internal import Documents

/// What the page's script needs to show the mails with other values: JSON.
///
/// Mails differ from each other in few lines, so each line is there once and a text is a list of numbers: twenty
/// languages with a dozen sets of values are a page of a few hundred kilobytes.
struct TemplatePreviewData {
  private var lines: [String] = []
  private var numbers: [Substring: Int] = [:]
  private var cards: [JSONLine] = []

  init(_ cards: [TemplatePreview.Card], _ samples: [TemplatePreview.Sample]) {
    for card in cards {
      guard let template = card.template, !card.mails.isEmpty else { continue }
      var line = JSONLine(capacity: 4096)
      line.add("id", card.identifier)
      line.add("forms", samples.map { template.phrases.rule.category(of: $0.count).rawValue })
      line.add("subjects", card.mails.map(\.mail.subject))
      line.add("preheaders", card.mails.map(\.preheader))
      line.add("html", card.mails.map { list(String(decoding: $0.mail.html, as: UTF8.self)) })
      line.add("text", card.mails.map { list(String(decoding: $0.mail.text, as: UTF8.self)) })
      self.cards.append(line)
    }
  }

  /// The numbers of its lines.
  private mutating func list(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      if let known = numbers[line] { return "\(known)" }
      numbers[line] = lines.count
      lines.append(String(line))
      return "\(lines.count - 1)"
    }.joined(separator: " ")
  }

  /// Fit to stand in a script element: nothing in it ends that.
  func json(_ samples: [TemplatePreview.Sample]) -> String {
    var line = JSONLine(capacity: 65_536)
    line.add("apps", samples.map(\.app))
    line.add("lines", lines)
    line.add("cards", cards)
    return line.text.replacing("<", with: "\\u003C")
  }
}
