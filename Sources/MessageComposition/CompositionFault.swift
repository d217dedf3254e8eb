/// Why a message cannot be composed. Names the value, never shows it.
package struct CompositionFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// `control-character`, `bad-token` or `empty`.
  package let code: String
  /// `subject`, `sender.name`, `language`, …
  package let field: String
  /// What was found and what was expected.
  package let message: String

  package init(code: String, field: String, _ message: String) {
    self.code = code
    self.field = field
    self.message = message
  }

  package var description: String { "\(field) \(message)" }
}
