internal import CLibcrypto
internal import LinuxSystem

/// One key of 256 bits. Printing it shows its version and no secret.
package struct Key: Sendable, CustomStringConvertible, CustomReflectable {
  /// 1, 2, 3, …; 0 is the address key, which has no versions.
  package let version: Int
  /// Tells keys apart without telling the key: 8 bytes of an HMAC of it.
  package let fingerprint: [UInt8]
  private let authenticator: Authenticator
  private let sealing: [UInt8]

  package static let size = 32

  package init(version: Int, secret: [UInt8]) {
    precondition(secret.count == Self.size)
    self.version = version
    authenticator = Authenticator(secret: secret)
    fingerprint = Array(authenticator.mac([Array("fingerprint".utf8)]).prefix(8))
    // Sealing uses a key of its own, so that no output of one use says anything about the other.
    sealing = authenticator.mac([Array("sealing".utf8)])
  }

  /// HMAC-SHA-256 (RFC 2104) over `label` and `parts`, each with its length before it, so that no two lists of
  /// parts give the same input. 32 bytes.
  package func mac(_ label: StaticString, _ parts: [UInt8]...) -> [UInt8] {
    let name = label.withUTF8Buffer { Array($0) }
    return authenticator.mac([name] + parts)
  }

  /// The AES-256 key for sealing.
  var sealingKey: [UInt8] { sealing }

  package var description: String { "key \(version)" }
  package var customMirror: Mirror { Mirror(self, children: []) }
}

/// A keyed HMAC context that is reused: starting it again with the same key skips the key schedule.
private final class Authenticator: Sendable {
  private struct Context: @unchecked Sendable {
    // Sendable: only touched with the monitor's lock held.
    let pointer: OpaquePointer
  }

  private let context: Monitor<Context>

  init(secret: [UInt8]) {
    // There is nothing to go on with where libcrypto lacks HMAC or memory for a context.
    guard let algorithm = EVP_MAC_fetch(nil, "HMAC", nil), let pointer = EVP_MAC_CTX_new(algorithm),
      clibcrypto_hmac_sha256_init(pointer, secret, secret.count) == 1
    else { fatalError("libcrypto has no HMAC-SHA-256") }
    EVP_MAC_free(algorithm)
    context = Monitor(Context(pointer: pointer))
  }

  deinit { context.withLock { EVP_MAC_CTX_free($0.pointer) } }

  func mac(_ parts: [[UInt8]]) -> [UInt8] {
    context.withLock { context in
      var isGood = EVP_MAC_init(context.pointer, nil, 0, nil) == 1
      for part in parts {
        var length = UInt32(part.count).bigEndian
        withUnsafeBytes(of: &length) { prefix in
          isGood =
            EVP_MAC_update(
              context.pointer, prefix.baseAddress?.assumingMemoryBound(to: UInt8.self), prefix.count) == 1
            && isGood
        }
        isGood = EVP_MAC_update(context.pointer, part, part.count) == 1 && isGood
      }
      return [UInt8](unsafeUninitializedCapacity: 32) { output, count in
        isGood = EVP_MAC_final(context.pointer, output.baseAddress, &count, 32) == 1 && isGood
        precondition(isGood && count == 32, "libcrypto failed at HMAC-SHA-256")
      }
    }
  }
}
