internal import CodeRequests
internal import Documents
internal import LinuxSystem

/// A program made of verbs: finds the one that is called, runs it, and turns whatever went wrong into one line on
/// standard error and an exit status. No error passes without both.
package struct Command: Sendable {
  package static let version = "1.0.0"

  package let name: String
  /// One sentence at the head of the help.
  let purpose: String
  /// What a newcomer calls first.
  let start: String
  /// In the order that the help shows them.
  let verbs: [Verb]
  /// What every verb takes.
  let options: [Verb.Option]
  /// Groups of verbs that are a program of their own: the group's first word, and that program.
  let moved: [String: String]

  /// - Parameter options: what every verb takes beside `--json` and `--help`.
  package init(
    name: String, purpose: String, start: String, verbs: [Verb], options: [Verb.Option] = [],
    moved: [String: String] = [:]
  ) {
    self.name = name
    self.purpose = purpose
    self.start = start
    self.verbs = verbs
    self.options = options + Verb.common
    self.moved = moved
  }

  /// `queue retry`, …
  package var verbNames: [String] { verbs.map(\.name) }

  /// - Parameter words: the program's own name, then what it was called with.
  package func run(_ words: [String]) -> ExitStatus {
    do {
      return try dispatch(words.dropFirst())
    } catch {
      let (status, message) = Self.explain(error)
      Terminal.error(Self.wantsJSON(words) ? Self.json(error, status, message) : "\(name): \(message)")
      return status
    }
  }

  /// Looked for in the words themselves: what is wrong may be that they cannot be understood.
  private static func wantsJSON(_ words: [String]) -> Bool {
    words.dropFirst().prefix { $0 != "--" }.contains("--json")
  }

  func dispatch(_ words: ArraySlice<String>) throws -> ExitStatus {
    let words = try verbFirst(words)
    guard let first = words.first else {
      Terminal.print(Help.overview(self))
      return .usage
    }
    switch first {
    case "--version", "version":
      Terminal.print("\(name) \(Self.version)")
      return .done
    case "help", "--help", "-h":
      return try help(words.dropFirst())
    default: break
    }
    let (verb, rest) = try find(words)
    let invocation = try Invocation(verb: verb, words: rest, program: name, common: options)
    if invocation.has("help") {
      Terminal.print(Help.page(verb, of: self))
      return .done
    }
    return try verb.run(invocation)
  }

  /// The words with the options behind the verb that every verb takes and that stand before it.
  private func verbFirst(_ words: ArraySlice<String>) throws -> ArraySlice<String> {
    var options: [String] = []
    var rest = words
    while let word = rest.first, word.hasPrefix("-"),
      !["-", "--", "-h", "--help", "--version"].contains(word)
    {
      let bare = String(word.drop { $0 == "-" })
      let name = bare.pair()?.key ?? bare
      guard let option = self.options.first(where: { $0.name == name }) else {
        throw CommandFault.usage(
          "\(self.name) knows no option \(word.pair()?.key ?? word) before the verb; see \(self.name) help")
      }
      options.append(word)
      rest.removeFirst()
      if case .required(let placeholder) = option.value, bare.pair() == nil {
        guard let value = rest.popFirst() else { throw CommandFault.usage("--\(name) needs \(placeholder)") }
        options.append(value)
      }
    }
    guard !options.isEmpty, !["help", "-h", "--help", "version", "--version"].contains(rest.first) else {
      return rest
    }
    if rest.isEmpty {
      throw CommandFault.usage("a verb is missing behind \(options[0]); see \(name) help")
    }
    let behind = try find(rest).1
    return rest.dropLast(behind.count) + options + behind
  }

  private func help(_ words: ArraySlice<String>) throws -> ExitStatus {
    if words.isEmpty {
      Terminal.print(Help.overview(self))
    } else if words.first == "help" {
      Terminal.print(Help.pageOfHelp(self))
    } else if let verb = verbs.first(where: { $0.path == Array(words) }) {
      Terminal.print(Help.page(verb, of: self))
    } else {
      try refuseMoved(words)
      let group = verbs.filter { $0.path.starts(with: words) }
      guard !group.isEmpty else { throw unknown(words.joined(separator: " ")) }
      Terminal.print(group.map { Help.page($0, of: self) }.joined(separator: "\n\n"))
    }
    return .done
  }

  /// The verb with the longest path that the words begin with.
  private func find(_ words: ArraySlice<String>) throws -> (Verb, ArraySlice<String>) {
    let matches = verbs.filter { words.starts(with: $0.path) }
    if let verb = matches.max(by: { $0.path.count < $1.path.count }) {
      return (verb, words.dropFirst(verb.path.count))
    }
    guard let first = words.first else { throw unknown("") }
    try refuseMoved(words)
    let group = verbs.filter { $0.path.first == first }
    guard !group.isEmpty else { throw unknown(first) }
    let names = group.compactMap { $0.path.dropFirst().first }
    // The word after it, or else an option: what follows that may be its value.
    let given = words.dropFirst().first.flatMap { $0.hasPrefix("-") ? nil : $0 }
    // `queue` alone lists the queue, `tenant` alone the tenants.
    if given == nil, let verb = group.first(where: { $0.path == [first, "list"] }) {
      return (verb, words.dropFirst())
    }
    let hint = given.flatMap { nearest(to: $0, in: names) }.map { "; did you mean \(first) \($0)?" } ?? ""
    throw CommandFault.usage("\(name) \(first) takes one of \(names.joined(separator: ", "))\(hint)")
  }

  /// Says where a group of verbs went, and its verb as it is called there.
  private func refuseMoved(_ words: ArraySlice<String>) throws(CommandFault) {
    guard let first = words.first, let program = moved[first] else { return }
    let isWord = { (word: String) in word.allSatisfy { ("a"..."z").contains($0) } }
    let verb = words.dropFirst().first.flatMap { isWord($0) ? $0 : nil }
    throw .usage(
      "\(name) \(first) is a program of its own: \(program)\(verb.map { " \($0)" } ?? ""); see \(program) help"
    )
  }

  private func unknown(_ word: String) -> CommandFault {
    let names = verbs.map(\.name) + verbs.map { $0.path[0] } + ["help"]
    return .usage(
      unknownName(
        "there is no verb '\(word.prefix(40))'", nearest: nearest(to: word, in: names),
        known: "see \(name) help"))
  }
}
