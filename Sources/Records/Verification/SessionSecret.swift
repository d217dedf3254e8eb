package import CodeRequests
package import RecordKeys

// A token is 8 bytes that lead to the challenge it came from and 32 random ones, so its plain SHA-256 tells nothing, and
// no key can be lost that it would need. It stands in the challenge's own row: one challenge begins one session.
//
// What else belongs to a session follows from its token, which the records do not have: the device's token, and the key
// that its recipient is closed with. Each is a SHA-256 of its own over the token, so that none tells another, and who looks
// the session up needs no key of the keyring, whatever was rotated meanwhile.

/// The bytes of a session's token.
package struct SessionSecret {
  private let bytes: [UInt8]
  package let hash: [UInt8]

  /// - Parameter random: 32 bytes.
  package init(idKey: Int64, random: ArraySlice<UInt8>) {
    self.init(
      bytes: [UInt8](unsafeUninitializedCapacity: 8 + random.count) { output, count in
        for index in 0..<8 {
          output.initializeElement(at: index, to: UInt8(truncatingIfNeeded: idKey >> Int64(56 - 8 * index)))
        }
        count = output.suffix(from: 8).initialize(fromContentsOf: random)
      })
  }

  /// A token as it was sent; nil for what was never given out.
  init?(_ token: SessionToken) {
    guard token.reveal().utf8.count == 54, let bytes = Base64URL.decode(token.reveal()) else { return nil }
    self.init(bytes: bytes)
  }

  private init(bytes: [UInt8]) {
    self.bytes = bytes
    hash = Digest.sha256(bytes)
  }

  package var token: SessionToken { SessionToken(Base64URL.encode(bytes)) }

  /// Leads to the challenge that it came from.
  var idKey: Int64 { prefixKey(bytes) }

  /// The token of the device that the session's sign-in makes known.
  var device: DeviceToken { DeviceToken(Base64URL.encode(derived("device"))) }

  /// Closes one text: the session's recipient.
  var recipientKey: [UInt8] { derived("recipient") }

  private func derived(_ label: String) -> [UInt8] { Digest.sha256(Array(label.utf8) + [0] + bytes) }
}

/// What a sign-in hands out, made before it is known whether anybody signs in.
package struct SignInSecrets {
  package let session: SessionSecret
  package let device: DeviceToken
  /// SHA-256 of the device's token, which stands in the guest's row.
  package let deviceHash: [UInt8]
  /// For the row of the session; nil where the address is not known.
  package let recipient: [UInt8]?

  static let randomBytes = 32

  /// - Parameters:
  ///   - random: 32 bytes.
  ///   - recipient: who signs in, and what the row of the session closes it with.
  package init(idKey: Int64, random: ArraySlice<UInt8>, recipient: (text: String, seal: RowSeal)? = nil) {
    session = SessionSecret(idKey: idKey, random: random)
    device = session.device
    deviceHash = Digest.sha256(device.reveal())
    self.recipient = recipient.map { [session] in $0.seal.close($0.text, once: session.recipientKey) }
  }
}
