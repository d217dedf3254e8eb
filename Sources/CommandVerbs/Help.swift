/// The help pages, made from the verbs themselves so that they cannot say more than there is. No line is longer than a
/// terminal is wide: 80 columns.
package enum Help {
  private static let width = 80

  static func overview(_ command: Command) -> String {
    // What a page has room for is left to the pages.
    let options = command.options.filter { $0.name != "help" }.map { " [\($0.spelling)]" }.joined()
    let rows =
      command.verbs.map { ($0.name, $0.summary) } + [("help [VERB]", "this page, or the page of a verb")]
    return """
      \(wrapped(command.purpose))

      usage: \(command.name) VERB …\(options)

      \(table(rows))

      Start with: \(command.start)
      """
  }

  static func page(_ verb: Verb, of command: Command) -> String {
    let operands = verb.operands.map { " \($0)" }.joined()
    var text = "usage: \(command.name) \(verb.name)\(operands)\(verb.options.isEmpty ? "" : " [options]")\n\n"
    text += wrapped("\(verb.summary.prefix(1).uppercased())\(verb.summary.dropFirst()).") + "\n"
    if !verb.discussion.isEmpty { text += "\n\(paragraphs(verb.discussion))\n" }
    text += "\noptions:\n"
    text += table((verb.options + command.options).map { ($0.spelling, $0.help) })
    return text
  }

  static func pageOfHelp(_ command: Command) -> String {
    """
    usage: \(command.name) help [VERB]

    \(wrapped("Lists the verbs, or explains one; the first word of several (such as queue) explains all of them. VERB --help does the same."))
    """
  }

  /// Rows of two columns, indented; what is too long goes on below its own beginning.
  private static func table(_ rows: [(name: String, text: String)]) -> String {
    let column = (rows.map(\.name.count).max() ?? 0) + 2
    let indentation = String(repeating: " ", count: column + 2)
    return rows.map { row in
      "  \(padded(row.name, column))\(wrapped(row.text, indentation: indentation))"
    }.joined(separator: "\n")
  }

  /// Texts whose lines are broken anew; indented lines stay as they are.
  private static func paragraphs(_ text: String) -> String {
    var result: [String] = []
    var paragraph: [Substring] = []
    func endParagraph() {
      if !paragraph.isEmpty { result.append(wrapped(paragraph.joined(separator: " "))) }
      paragraph = []
    }
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.isEmpty || line.hasPrefix(" ") {
        endParagraph()
        result.append(String(line))
      } else {
        paragraph.append(line)
      }
    }
    endParagraph()
    return result.joined(separator: "\n")
  }

  /// Broken at blanks.
  ///
  /// - Parameter indentation: of all lines but the first, which begins as far in already.
  private static func wrapped(_ text: String, indentation: String = "") -> String {
    var result = ""
    var room = width - indentation.count
    for word in text.split(separator: " ") {
      if result.isEmpty {
        result = String(word)
        room -= word.count
      } else if word.count < room {
        result += " \(word)"
        room -= word.count + 1
      } else {
        result += "\n\(indentation)\(word)"
        room = width - indentation.count - word.count
      }
    }
    return result
  }

  package static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }
}
