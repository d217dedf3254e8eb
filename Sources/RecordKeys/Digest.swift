internal import CLibcrypto
internal import LinuxSystem

/// SHA-256 and the comparison that takes the same time wherever two values differ.
package enum Digest {
  // Looked up once: since OpenSSL 3 every look-up by name walks the providers.
  // EVP_MD is immutable once fetched, and counted atomically.
  nonisolated(unsafe) private static let algorithm: OpaquePointer? = EVP_MD_fetch(nil, "SHA256", nil)

  /// SHA-256 (FIPS 180-4), 32 bytes.
  package static func sha256(_ bytes: [UInt8]) -> [UInt8] {
    bytes.withUnsafeBytes { sha256($0) }
  }

  /// SHA-256 of the UTF-8 of `text`.
  package static func sha256(_ text: String) -> [UInt8] {
    var text = text
    return text.withUTF8 { sha256(UnsafeRawBufferPointer($0)) }
  }

  package static func sha256(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32) { output in
      let code = EVP_Digest(bytes.baseAddress, bytes.count, output.baseAddress, nil, algorithm, nil)
      // There is nothing to go on with: a record made without its hash would answer to nobody.
      precondition(code == 1, "libcrypto has no SHA-256")
      return Array(output)
    }
  }
}

/// Compares in a time that depends on the length only. The corresponding C function is `CRYPTO_memcmp`.
package func constantTimeEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
  guard left.count == right.count else { return false }
  return CRYPTO_memcmp(left, right, left.count) == 0
}

/// Random bytes from the kernel's generator, drawn in blocks: at ten thousand mails a second the call costs more than
/// the bytes.
///
/// Not from libcrypto's: it is seeded from the same place, and setting it up takes a seventh of a short command's
/// instructions.
package struct RandomBytes: RandomNumberGenerator {
  private var block: [UInt8] = []

  package init() {}

  package mutating func next(_ count: Int) -> [UInt8] {
    if block.count < count { block = Self.draw(max(4096, count)) }
    defer { block.removeLast(count) }
    return Array(block.suffix(count))
  }

  package mutating func next() -> UInt64 {
    if block.count < 8 { block = Self.draw(4096) }
    var value: UInt64 = 0
    for byte in block.suffix(8) { value = value << 8 | UInt64(byte) }
    block.removeLast(8)
    return value
  }

  /// `count` bytes in one call.
  package static func draw(_ count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { output, filled in
      fillWithRandomBytes(UnsafeMutableRawBufferPointer(output))
      filled = count
    }
  }
}
