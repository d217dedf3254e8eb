/// The help pages, made from the verbs themselves so that they cannot say more than there is.
package enum Help {
  static func overview(_ command: Command) -> String {
    let width = (command.verbs.map(\.name.count).max() ?? 0) + 2
    let rows = command.verbs.map { "  \(padded($0.name, width))\($0.summary)" }
    // What a page has room for is left to the pages.
    let options = command.options.filter { $0.name != "help" }.map { " [\($0.spelling)]" }.joined()
    return """
      \(command.purpose)

      usage: \(command.name) VERB …\(options)

      \(rows.joined(separator: "\n"))
        \(padded("help [VERB]", width))this page, or the page of a verb

      Start with: \(command.start)
      """
  }

  static func page(_ verb: Verb, of command: Command) -> String {
    let operands = verb.operands.map { " \($0)" }.joined()
    let options = verb.options + command.options
    let width = (options.map(\.spelling.count).max() ?? 0) + 2
    var text = "usage: \(command.name) \(verb.name)\(operands)\(verb.options.isEmpty ? "" : " [options]")\n\n"
    text += "\(verb.summary.prefix(1).uppercased())\(verb.summary.dropFirst()).\n"
    if !verb.discussion.isEmpty { text += "\n\(verb.discussion)\n" }
    text += "\noptions:\n"
    text += options.map { "  \(padded($0.spelling, width))\($0.help)" }.joined(separator: "\n")
    return text
  }

  package static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }
}
