internal import CLibcrypto

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

/// HMAC-SHA-256 from where its key has been hashed in, in memory that is wiped when it ends.
private final class Authenticator: @unchecked Sendable {
  // Sendable: `start` is only read once it is made.
  private let start = UnsafeMutablePointer<clibcrypto_hmac_key>.allocate(capacity: 1)

  /// - Parameter secret: of 32 bytes.
  init(secret: [UInt8]) { clibcrypto_hmac_start(start, secret) }

  deinit {
    OPENSSL_cleanse(start, MemoryLayout<clibcrypto_hmac_key>.size)
    start.deallocate()
  }

  /// The message is put together first: one call of libcrypto costs as much as hashing a part of it.
  func mac(_ label: StaticString, _ parts: [[UInt8]]) -> [UInt8] {
    let size = parts.reduce(4 + label.utf8CodeUnitCount) { $0 + 4 + $1.count }
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: size) { message in
      var rest = label.withUTF8Buffer { Self.put($0, message) }
      for part in parts { rest = part.withUnsafeBufferPointer { Self.put($0, rest) } }
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
      clibcrypto_hmac(start, message.baseAddress, message.count, output.baseAddress!)
      return Array(output)
    }
  }
}
