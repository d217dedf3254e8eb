/// What a code is for, which is also the name of its template set: `sign-in`, `verify-email`.
public struct Purpose: Hashable, Sendable, CustomStringConvertible {
  /// The name: 1 to 64 characters, lower-case letters, digits and hyphens, beginning with a letter.
  public let rawValue: String

  /// The purpose of a request that names none.
  public static let signIn = Purpose(unchecked: "sign-in")

  private init(unchecked rawValue: String) { self.rawValue = rawValue }

  /// Checks a name that came from outside; the fault's field is `purpose`.
  public init(_ text: String) throws(RequestFault) {
    guard isSlug(text, maximum: 64) else {
      throw RequestFault(
        field: "purpose",
        "is not a purpose; expected 1 to 64 lower-case letters, digits and hyphens, such as sign-in")
    }
    rawValue = text
  }

  /// The name.
  public var description: String { rawValue }
}

/// Lower-case letters, digits and hyphens, a letter first.
package func isSlug(_ text: String, maximum: Int) -> Bool {
  guard let first = text.utf8.first, (0x61...0x7A).contains(first), text.utf8.count <= maximum else {
    return false
  }
  return text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
}
