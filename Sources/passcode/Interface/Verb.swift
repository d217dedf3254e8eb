internal import CodeRequests
internal import Configuration
internal import Foundation

/// One verb of the command: what it takes, what its help says, and what it does.
struct Verb: Sendable {
  /// An option, always written `--name`.
  struct Option: Sendable {
    enum Value: Sendable {
      case none
      /// What stands for it in the help, for example `ADDR`.
      case required(String)
      /// May be left out: taken only where the next word is a duration.
      case optionalDuration(String)
    }

    let name: String
    let value: Value
    let help: String
    var isRepeatable = false

    static func flag(_ name: String, _ help: String) -> Option {
      Option(name: name, value: .none, help: help)
    }
    static func value(_ name: String, _ placeholder: String, _ help: String) -> Option {
      Option(name: name, value: .required(placeholder), help: help)
    }
    static func repeated(_ name: String, _ placeholder: String, _ help: String) -> Option {
      Option(name: name, value: .required(placeholder), help: help, isRepeatable: true)
    }

    var spelling: String {
      switch value {
      case .none: "--\(name)"
      case .required(let placeholder): "--\(name) \(placeholder)"
      case .optionalDuration(let placeholder): "--\(name) [\(placeholder)]"
      }
    }
  }

  /// `queue retry` is `["queue", "retry"]`.
  let path: [String]
  let summary: String
  /// Words after the verb, for example `ID`; all required unless in square brackets.
  var operands: [String] = []
  var options: [Option] = []
  /// Paragraphs of the help below the options.
  var discussion = ""
  let run: @Sendable (Invocation) throws -> ExitStatus

  var name: String { path.joined(separator: " ") }

  /// True for an id where one is asked for: one in 64 begins with a hyphen and is no option for that.
  func takesAsID(_ word: String) -> Bool {
    operands.contains { $0 == "ID" || $0 == "[ID]" } && (try? RequestID(word)) != nil
  }

  /// Options that every verb takes.
  static let common: [Option] = [
    .value(
      "config", "FILE",
      "the configuration; else $PASSCODE_CONFIG, ./Config/passcode.json5, /etc/passcode/passcode.json5"),
    .flag("json", "print JSON, one object or one a line"),
    .flag("help", "show this help"),
  ]
}

/// A verb as it was called.
struct Invocation: Sendable {
  let verb: Verb
  let operands: [String]
  private let values: [String: [String]]

  var isJSON: Bool { has("json") }

  func has(_ option: String) -> Bool { values[option] != nil }

  func string(_ option: String) -> String? { values[option]?.last }

  func strings(_ option: String) -> [String] { values[option] ?? [] }

  func required(_ option: String) throws(CommandFault) -> String {
    guard let value = string(option) else {
      throw .usage("passcode \(verb.name) needs --\(option); see passcode help \(verb.name)")
    }
    return value
  }

  func integer(_ option: String, in range: ClosedRange<Int>) throws(CommandFault) -> Int? {
    guard let text = string(option) else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw .usage("--\(option) takes a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// The `K=V` values of a repeatable option.
  func pairs(_ option: String) throws(CommandFault) -> [String: String] {
    var pairs: [String: String] = [:]
    for text in strings(option) {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { throw .usage("--\(option) takes K=V") }
      pairs[String(parts[0])] = String(parts[1])
    }
    return pairs
  }

  /// A moment: RFC 3339, or how long ago it was, such as `24h`.
  func moment(_ option: String, now: Date = Date()) throws(CommandFault) -> Date? {
    guard let text = string(option) else { return nil }
    if let age = Duration(settingsText: text) { return now.addingTimeInterval(-age.inSeconds) }
    if let date = Date(rfc3339: text) { return date }
    throw .usage("--\(option) takes RFC 3339 such as 2026-11-21T05:22:47Z, or an age such as 24h")
  }

  /// Parses the words after the verb.
  init(verb: Verb, words: ArraySlice<String>) throws(CommandFault) {
    self.verb = verb
    let known = verb.options + Verb.common
    var values: [String: [String]] = [:]
    var operands: [String] = []
    var rest = words
    var isOptionsEnd = false
    while let word = rest.popFirst() {
      if word == "--", !isOptionsEnd {
        isOptionsEnd = true
        continue
      }
      if isOptionsEnd || !word.hasPrefix("-") || word == "-" || verb.takesAsID(word) {
        operands.append(word)
        continue
      }
      let parts = word.drop { $0 == "-" }.split(
        separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = word == "-h" ? "help" : String(parts.first ?? "")
      guard word.hasPrefix("--") || word == "-h", let option = known.first(where: { $0.name == name }) else {
        let hint = nearest(to: name, in: known.map(\.name)).map { "; did you mean --\($0)?" } ?? ""
        throw .usage("passcode \(verb.name) has no option \(word.prefix { $0 != "=" })\(hint)")
      }
      var value = parts.count == 2 ? String(parts[1]) : nil
      switch option.value {
      case .none:
        guard value == nil else { throw .usage("--\(name) takes no value") }
        value = ""
      case .required(let placeholder):
        if value == nil { value = rest.popFirst() }
        guard value != nil else { throw .usage("--\(name) needs \(placeholder)") }
      case .optionalDuration:
        if value == nil, let next = rest.first, Duration(settingsText: next) != nil {
          value = rest.popFirst()
        }
        if let value, Duration(settingsText: value) == nil {
          throw .usage("--\(name) takes a duration such as 30s")
        }
      }
      guard option.isRepeatable || values[name] == nil else { throw .usage("--\(name) is given twice") }
      values[name, default: []].append(value ?? "")
    }
    self.values = values
    self.operands = operands
    if has("help") { return }
    let required = verb.operands.filter { !$0.hasPrefix("[") }
    if operands.count < required.count {
      throw .usage("passcode \(verb.name) needs \(required[operands.count]); see passcode help \(verb.name)")
    }
    if operands.count > verb.operands.count, !(verb.operands.last?.contains("…") ?? false) {
      throw .usage(
        "passcode \(verb.name) takes \(verb.operands.isEmpty ? "no words" : verb.operands.joined(separator: " ")), and '\(operands[verb.operands.count])' is one too many"
      )
    }
  }
}
