internal import CodeRequests

/// One verb of a program: what it takes, what its help says, and what it does.
package struct Verb: Sendable {
  /// An option, always written `--name`.
  package struct Option: Sendable {
    package enum Value: Sendable {
      case none
      /// What stands for it in the help, for example `ADDR`.
      case required(String)
      /// May be left out: taken only where the next word is a duration.
      case optionalDuration(String)
    }

    package let name: String
    package let value: Value
    package let help: String
    package let isRepeatable: Bool

    package init(name: String, value: Value, help: String, isRepeatable: Bool = false) {
      self.name = name
      self.value = value
      self.help = help
      self.isRepeatable = isRepeatable
    }

    package static func flag(_ name: String, _ help: String) -> Option {
      Option(name: name, value: .none, help: help)
    }
    package static func value(_ name: String, _ placeholder: String, _ help: String) -> Option {
      Option(name: name, value: .required(placeholder), help: help)
    }
    package static func repeated(_ name: String, _ placeholder: String, _ help: String) -> Option {
      Option(name: name, value: .required(placeholder), help: help, isRepeatable: true)
    }

    package var spelling: String {
      switch value {
      case .none: "--\(name)"
      case .required(let placeholder): "--\(name) \(placeholder)"
      case .optionalDuration(let placeholder): "--\(name) [\(placeholder)]"
      }
    }
  }

  /// `queue retry` is `["queue", "retry"]`.
  package let path: [String]
  package let summary: String
  /// Words after the verb, for example `ID`; all required unless in square brackets.
  package let operands: [String]
  package let options: [Option]
  /// Paragraphs of the help below the options.
  package let discussion: String
  package let run: @Sendable (Invocation) throws -> ExitStatus

  package init(
    path: [String], summary: String, operands: [String] = [], options: [Option] = [], discussion: String = "",
    run: @escaping @Sendable (Invocation) throws -> ExitStatus
  ) {
    self.path = path
    self.summary = summary
    self.operands = operands
    self.options = options
    self.discussion = discussion
    self.run = run
  }

  package var name: String { path.joined(separator: " ") }

  /// True for an id where one is asked for: one in 64 begins with a hyphen and is no option for that.
  func takesAsID(_ word: String) -> Bool {
    operands.contains { $0 == "ID" || $0 == "[ID]" } && (try? RequestID(word)) != nil
  }

  /// Options that every verb of every program takes.
  package static let common: [Option] = [
    .flag("json", "print JSON, one object or one a line"),
    .flag("help", "show this help"),
  ]
}
