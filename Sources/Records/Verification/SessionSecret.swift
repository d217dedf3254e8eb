internal import RecordKeys

// A token is 8 bytes that lead to the challenge it came from and 32 random ones, so its plain SHA-256 tells nothing, and
// no key can be lost that it would need. It stands in the challenge's own row: one challenge begins one session.

/// The bytes of a token and their hash, made before it is known whether a session begins.
package struct SessionSecret {
  private let bytes: [UInt8]
  package let hash: [UInt8]

  static let randomBytes = 32

  /// - Parameter random: 32 bytes.
  package init(idKey: Int64, random: ArraySlice<UInt8>) {
    bytes = [UInt8](unsafeUninitializedCapacity: 8 + random.count) { output, count in
      for index in 0..<8 {
        output.initializeElement(at: index, to: UInt8(truncatingIfNeeded: idKey >> Int64(56 - 8 * index)))
      }
      count = output.suffix(from: 8).initialize(fromContentsOf: random)
    }
    hash = Digest.sha256(bytes)
  }

  package var token: SessionToken { SessionToken(Base64URL.encode(bytes)) }
}
