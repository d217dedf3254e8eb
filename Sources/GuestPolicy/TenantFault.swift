internal import Documents

/// What is wrong in a tenants file (or in a resource that is applied to it), and where.
package struct TenantFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kind of fault, for programs.
  package enum Code: String, Sendable {
    case unreadable, syntax, unknownKey, repeatedKey, missing, wrongType, badValue, duplicate, unknownTenant
  }

  package let code: Code
  /// What was found, what is expected and what to do.
  package let message: String
  /// The file, as it was named to the loader.
  package let file: String
  /// `tenants[0].whenOff.url`; empty where the file as a whole is meant.
  package let keyPath: String
  /// From 1; nil where the fault has no place in the file.
  package let line: Int?
  /// From 1, in characters.
  package let column: Int?

  package init(
    _ code: Code, _ message: String, file: String, keyPath: String = "", line: Int? = nil, column: Int? = nil
  ) {
    self.code = code
    self.message = message
    self.file = file
    self.keyPath = keyPath
    self.line = line
    self.column = column
  }

  /// - Parameter code: in place of the document's own.
  init(_ fault: DocumentFault, _ code: Code? = nil) {
    self.init(
      code ?? Code(fault.kind), fault.message, file: fault.file, keyPath: fault.keyPath, line: fault.line,
      column: fault.column)
  }

  /// `tenants.json5:4:5: tenants[0].passcode is not a key here; did you mean passcodes? …`
  package var description: String {
    var place = file
    if let line { place += ":\(line)" }
    if let column { place += ":\(column)" }
    return "\(place): \(keyPath.isEmpty ? "" : keyPath + " ")\(message)"
  }
}

/// Every fault that one reading of a file found, in the order of the file; never empty.
package struct TenantFaults: Error, Hashable, Sendable, CustomStringConvertible {
  package let faults: [TenantFault]

  package init(_ faults: [TenantFault]) {
    self.faults = faults.sorted { ($0.line ?? 0, $0.column ?? 0) < ($1.line ?? 0, $1.column ?? 0) }
  }

  /// One fault a line.
  package var description: String { faults.map(\.description).joined(separator: "\n") }
}

extension TenantFault.Code {
  init(_ kind: DocumentFault.Kind) {
    self =
      switch kind {
      case .syntax: .syntax
      case .repeatedKey: .repeatedKey
      case .unknownKey: .unknownKey
      case .missing: .missing
      case .wrongType: .wrongType
      case .badValue: .badValue
      }
  }
}
