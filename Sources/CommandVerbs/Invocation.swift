internal import CodeRequests
internal import Configuration
internal import Documents
package import FoundationEssentials
internal import LinuxSystem

/// A verb as it was called.
package struct Invocation: Sendable {
  package let verb: Verb
  package let operands: [String]
  /// The name of the program, for what it says.
  private let program: String
  private let values: [String: [String]]

  package var isJSON: Bool { has("json") }

  package func has(_ option: String) -> Bool { values[option] != nil }

  package func string(_ option: String) -> String? { values[option]?.last }

  package func strings(_ option: String) -> [String] { values[option] ?? [] }

  package func required(_ option: String) throws(CommandFault) -> String {
    guard let value = string(option) else {
      throw .usage("\(program) \(verb.name) needs --\(option); see \(program) help \(verb.name)")
    }
    return value
  }

  package func integer(_ option: String, in range: ClosedRange<Int>) throws(CommandFault) -> Int? {
    guard let text = string(option) else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw .usage("--\(option) takes a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// The `K=V` values of a repeatable option.
  package func pairs(_ option: String) throws(CommandFault) -> [String: String] {
    var pairs: [String: String] = [:]
    for text in strings(option) {
      guard let (key, value) = text.pair() else { throw .usage("--\(option) takes K=V") }
      guard pairs.updateValue(value, forKey: key) == nil else {
        throw .usage("--\(option) gives \(key.prefix(40)) twice")
      }
    }
    return pairs
  }

  /// A moment: RFC 3339, or how long ago it was, such as `24h`.
  package func moment(_ option: String, now: Date = Date()) throws(CommandFault) -> Date? {
    guard let text = string(option) else { return nil }
    if let age = Duration(optionText: text) { return now.addingTimeInterval(-age.inSeconds) }
    if let date = Date(rfc3339: text) { return date }
    throw .usage("--\(option) takes RFC 3339 such as 2026-11-21T05:22:47Z, or an age such as 24h")
  }

  /// How long: seconds, or as the configuration has it, such as `2m`. Nil where it is not given, or given without a value.
  package func duration(_ option: String) throws(CommandFault) -> Duration? {
    guard let text = string(option), !text.isEmpty else { return nil }
    guard let duration = Duration(optionText: text) else { throw Self.noDuration(option) }
    return duration
  }

  private static func noDuration(_ option: String) -> CommandFault {
    .usage("--\(option) takes seconds or a duration, such as 30 or 2m")
  }

  /// One of these names.
  package func choice(_ option: String, of names: [String]) throws(CommandFault) -> String? {
    guard let text = string(option) else { return nil }
    guard names.contains(text) else {
      throw .usage(
        unknownName(
          "--\(option) does not know '\(text.prefix(40))'", nearest: nearest(to: text, in: names),
          known: "known are \(names.joined(separator: ", "))"))
    }
    return text
  }

  /// Parses the words after the verb.
  ///
  /// - Parameter common: the options that every verb of the program takes.
  package init(
    verb: Verb, words: ArraySlice<String>, program: String, common: [Verb.Option]
  ) throws(CommandFault) {
    self.verb = verb
    self.program = program
    let known = verb.options + common
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
      let bare = String(word.drop { $0 == "-" })
      let given = bare.pair()
      let name = word == "-h" ? "help" : given?.key ?? bare
      guard word.hasPrefix("--") || word == "-h", let option = known.first(where: { $0.name == name }) else {
        let hint = nearest(to: name, in: known.map(\.name)).map { "; did you mean --\($0)?" } ?? ""
        throw .usage("\(program) \(verb.name) has no option \(word.pair()?.key ?? word)\(hint)")
      }
      var value = given?.value
      switch option.value {
      case .none:
        guard value == nil else { throw .usage("--\(name) takes no value") }
        value = ""
      case .required(let placeholder):
        if value == nil { value = rest.popFirst() }
        guard value != nil else { throw .usage("--\(name) needs \(placeholder)") }
      case .optionalDuration:
        if value == nil, let next = rest.first, Duration(optionText: next) != nil {
          value = rest.popFirst()
        }
        if let value, Duration(optionText: value) == nil { throw Self.noDuration(name) }
      }
      guard option.isRepeatable || values[name] == nil else { throw .usage("--\(name) is given twice") }
      values[name, default: []].append(value ?? "")
    }
    self.values = values
    self.operands = operands
    if has("help") { return }
    let required = verb.operands.filter { !$0.hasPrefix("[") }
    if operands.count < required.count {
      throw .usage(
        "\(program) \(verb.name) needs \(required[operands.count]); see \(program) help \(verb.name)")
    }
    if operands.count > verb.operands.count, !(verb.operands.last?.contains("…") ?? false) {
      throw .usage(
        "\(program) \(verb.name) takes \(verb.operands.isEmpty ? "no words" : verb.operands.joined(separator: " ")), and '\(operands[verb.operands.count])' is one too many"
      )
    }
  }
}

extension Duration {
  /// Seconds, or a whole number with its unit as the configuration has it.
  fileprivate init?(optionText text: String) {
    let isNumber = !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    self.init(settingsText: isNumber ? text + "s" : text)
  }
}
