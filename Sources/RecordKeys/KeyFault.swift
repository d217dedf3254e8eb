/// What is wrong with the keys: which file, what was found, what to do. Never carries key material.
public struct KeyFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kinds of fault.
  public enum Code: String, Sendable {
    /// A key that records or sealed codes name is not there.
    case missing
    /// A key is there that is not the one that records were made with.
    case foreign
    /// A key file does not hold what it should.
    case damaged
    /// Others than the owner may read or write a key file or the directory.
    case exposed
    /// The system refused an operation on the directory or a file.
    case system
    /// A sealed code was not sealed for this request by these keys.
    case seal
  }

  /// The kind.
  public let code: Code
  /// The file or directory; empty where the fault is not about one.
  public let path: String
  /// What was found, what was expected, what to do.
  public let message: String

  package init(_ code: Code, _ path: String, _ message: String) {
    self.code = code
    self.path = path
    self.message = message
  }

  /// `path: message`.
  public var description: String { path.isEmpty ? message : "\(path): \(message)" }
}
