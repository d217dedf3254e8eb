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
    fingerprint = Array(authenticator.mac("fingerprint", []).prefix(8))
    // Sealing uses a key of its own, so that no output of one use says anything about the other.
    sealing = authenticator.mac("sealing", [])
  }

  /// HMAC-SHA-256 (RFC 2104) over `label` and `parts`, each with its length before it, so that no two lists of
  /// parts give the same input. 32 bytes.
  package func mac(_ label: StaticString, _ parts: [UInt8]...) -> [UInt8] {
    authenticator.mac(label, parts)
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

  /// The message is put together first: one call of libcrypto costs as much as hashing a part of it.
  func mac(_ label: StaticString, _ parts: [[UInt8]]) -> [UInt8] {
    let size = parts.reduce(4 + label.utf8CodeUnitCount) { $0 + 4 + $1.count }
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: size) { message in
      var rest = label.withUTF8Buffer { Self.put($0, message) }
      for part in parts { rest = part.withUnsafeBufferPointer { Self.put($0, rest) } }
      // A code may be among the parts.
      defer { overwrite(UnsafeMutableRawBufferPointer(message)) }
      return mac(UnsafeBufferPointer(message))
    }
  }

  /// Writes a part behind its length; what is left of the room.
  private static func put(
    _ part: UnsafeBufferPointer<UInt8>, _ room: UnsafeMutableBufferPointer<UInt8>
  ) -> UnsafeMutableBufferPointer<UInt8> {
    for index in 0..<4 { room[index] = UInt8(truncatingIfNeeded: part.count >> (24 - 8 * index)) }
    let rest = UnsafeMutableBufferPointer(rebasing: room[4...])
    _ = rest.update(fromContentsOf: part)
    return UnsafeMutableBufferPointer(rebasing: rest[part.count...])
  }

  private func mac(_ message: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32) { output in
      var count = 0
      let isGood = context.withLock { context in
        EVP_MAC_init(context.pointer, nil, 0, nil) == 1
          && EVP_MAC_update(context.pointer, message.baseAddress, message.count) == 1
          && EVP_MAC_final(context.pointer, output.baseAddress, &count, 32) == 1
      }
      precondition(isGood && count == 32, "libcrypto failed at HMAC-SHA-256")
      return Array(output)
    }
  }
}
