/// What is wrong in a document, and where.
package struct DocumentFault: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Kind: String, Sendable {
    case syntax, repeatedKey, unknownKey, missing, wrongType, badValue
  }

  package let kind: Kind
  /// What was found, what is expected and what to do.
  package let message: String
  /// What the document is called.
  package let file: String
  /// `tenants[0].whenOff.url`; empty where the document as a whole is meant.
  package let keyPath: String
  /// From 1.
  package let line: Int
  /// From 1, in characters.
  package let column: Int

  /// `passcode.json5:4:5: passcode.lenght is not a key here; …`
  package var description: String {
    "\(file):\(line):\(column): \(keyPath.isEmpty ? "" : keyPath + " ")\(message)"
  }
}
