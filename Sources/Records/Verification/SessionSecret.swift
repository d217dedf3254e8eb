package import CodeRequests
internal import RecordKeys

// A token is 8 bytes that lead to the challenge it came from and 32 random ones, so its plain SHA-256 tells nothing, and
// no key can be lost that it would need. It stands in the challenge's own row: one challenge begins one session.

/// The bytes of a token and their hash, made before it is known whether a session begins.
package struct SessionSecret {
  private let bytes: [UInt8]
  package let hash: [UInt8]

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

/// The token of a device and its hash, made before it is known whether anybody signs in. A token is 32 random bytes; its
/// hash stands in the guest's row.
package struct DeviceSecret {
  package let token: DeviceToken
  package let hash: [UInt8]

  /// - Parameter random: 32 bytes.
  package init(random: ArraySlice<UInt8>) {
    token = DeviceToken(Base64URL.encode(Array(random)))
    hash = Digest.sha256(token.reveal())
  }
}

/// What a sign-in hands out.
package struct SignInSecrets {
  package let session: SessionSecret
  package let device: DeviceSecret

  static let randomBytes = 64

  /// - Parameter random: 64 bytes.
  package init(idKey: Int64, random: ArraySlice<UInt8>) {
    session = SessionSecret(idKey: idKey, random: random.prefix(32))
    device = DeviceSecret(random: random.dropFirst(32))
  }
}
