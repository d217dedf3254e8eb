internal import CodeRequests
internal import Configuration
internal import LinuxSystem
internal import RecordKeys
internal import RequestSpool

/// The composition root: finds the verb, runs it, and turns whatever went wrong into one line on standard
/// error and an exit status. No error passes without both.
enum Command {
  static let version = "1.0.0"

  static func run(_ words: [String]) -> ExitStatus {
    do {
      return try dispatch(words.dropFirst())
    } catch {
      let (status, message) = explain(error)
      Terminal.error("passcode: \(message)")
      return status
    }
  }

  private static func dispatch(_ words: ArraySlice<String>) throws -> ExitStatus {
    guard let first = words.first else {
      Terminal.print(Help.overview(Verbs.all))
      return .usage
    }
    switch first {
    case "--version", "version":
      Terminal.print("passcode \(version)")
      return .done
    case "help", "--help", "-h":
      return try help(words.dropFirst())
    default: break
    }
    let (verb, rest) = try find(words)
    let invocation = try Invocation(verb: verb, words: rest)
    if invocation.has("help") {
      Terminal.print(Help.page(verb))
      return .done
    }
    return try verb.run(invocation)
  }

  private static func help(_ words: ArraySlice<String>) throws -> ExitStatus {
    if words.isEmpty {
      Terminal.print(Help.overview(Verbs.all))
    } else if let verb = Verbs.all.first(where: { $0.path == Array(words) }) {
      Terminal.print(Help.page(verb))
    } else {
      let group = Verbs.all.filter { $0.path.starts(with: words) }
      guard !group.isEmpty else { throw unknown(words.joined(separator: " ")) }
      Terminal.print(group.map(Help.page).joined(separator: "\n\n"))
    }
    return .done
  }

  /// The verb with the longest path that the words begin with.
  private static func find(_ words: ArraySlice<String>) throws -> (Verb, ArraySlice<String>) {
    let matches = Verbs.all.filter { words.starts(with: $0.path) }
    if let verb = matches.max(by: { $0.path.count < $1.path.count }) {
      return (verb, words.dropFirst(verb.path.count))
    }
    guard let first = words.first else { throw unknown("") }
    let group = Verbs.all.filter { $0.path.first == first }
    guard !group.isEmpty else { throw unknown(first) }
    let names = group.compactMap { $0.path.dropFirst().first }
    // The word after it, or else an option: what follows that may be its value.
    let given = words.dropFirst().first.flatMap { $0.hasPrefix("-") ? nil : $0 }
    // `queue` alone lists the queue, `tenant` alone the tenants.
    if given == nil, let verb = group.first(where: { $0.path == [first, "list"] }) {
      return (verb, words.dropFirst())
    }
    let hint = given.flatMap { nearest(to: $0, in: names) }.map { "; did you mean \(first) \($0)?" } ?? ""
    throw CommandFault.usage("passcode \(first) takes one of \(names.joined(separator: ", "))\(hint)")
  }

  private static func unknown(_ word: String) -> CommandFault {
    let hint = nearest(to: word, in: Verbs.all.map(\.name)).map { "; did you mean \($0)?" } ?? ""
    return .usage("there is no verb '\(word.prefix(40))'\(hint) See passcode help")
  }
}
