/// The help pages, made from the verbs themselves so that they cannot say more than there is.
enum Help {
  static func overview(_ verbs: [Verb]) -> String {
    let width = (verbs.map(\.name.count).max() ?? 0) + 2
    let rows = verbs.map { "  \(padded($0.name, width))\($0.summary)" }
    return """
      Passcode Mailer: one-time passcodes by e-mail, in the reader's language.

      usage: passcode VERB … [--config FILE] [--json]

      \(rows.joined(separator: "\n"))
        \(padded("help [VERB]", width))this page, or the page of a verb

      Start with: passcode demo
      """
  }

  static func page(_ verb: Verb) -> String {
    let operands = verb.operands.map { " \($0)" }.joined()
    let options = verb.options + Verb.common
    let width = (options.map(\.spelling.count).max() ?? 0) + 2
    var text = "usage: passcode \(verb.name)\(operands)\(verb.options.isEmpty ? "" : " [options]")\n\n"
    text += "\(verb.summary.prefix(1).uppercased())\(verb.summary.dropFirst()).\n"
    if !verb.discussion.isEmpty { text += "\n\(verb.discussion)\n" }
    text += "\noptions:\n"
    text += options.map { "  \(padded($0.spelling, width))\($0.help)" }.joined(separator: "\n")
    return text
  }

  static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }
}
