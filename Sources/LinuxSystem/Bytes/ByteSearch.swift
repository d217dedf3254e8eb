internal import CLinux
internal import Glibc

extension UnsafeRawBufferPointer {
  /// Where a byte first stands, from `start` on; nil where it does not. The corresponding C function is `memchr`, which
  /// looks at many bytes at a time.
  package func firstOffset(of byte: UInt8, from start: Int = 0) -> Int? {
    guard let baseAddress, start < count, let found = memchr(baseAddress + start, Int32(byte), count - start)
    else { return nil }
    return UnsafeRawPointer(found) - baseAddress
  }

  /// Less than, equal to or more than 0, by the first byte that differs in the first `count` bytes of both. The
  /// corresponding C function is `memcmp`.
  package func order(_ other: UnsafeRawBufferPointer, count: Int) -> Int {
    guard count > 0, let left = baseAddress, let right = other.baseAddress else { return 0 }
    precondition(count <= self.count && count <= other.count)
    return Int(memcmp(left, right, count))
  }
}

/// Overwrites a secret, which no compiler leaves out. The corresponding C function is `explicit_bzero`.
package func wipe(_ bytes: UnsafeMutableRawBufferPointer) {
  if let base = bytes.baseAddress { explicit_bzero(base, bytes.count) }
}

/// Fills memory from the kernel's generator of random bytes. The corresponding C function is `getrandom`.
package func fillWithRandomBytes(_ bytes: UnsafeMutableRawBufferPointer) {
  var filled = 0
  while filled < bytes.count {
    // More than 256 bytes may come in parts.
    let part = try? systemCall("getrandom") {
      getrandom(bytes.baseAddress! + filled, bytes.count - filled, 0)
    }
    // Without randomness neither keys nor salts may be made.
    guard let part, part > 0 else { preconditionFailure("the kernel has no random bytes") }
    filled += part
  }
}
