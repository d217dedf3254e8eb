internal import Glibc

/// Bytes that nobody is to find in memory later: they are overwritten when their last owner lets go of them.
///
/// A class, so that a value which holds a secret may be copied and the secret is not. It answers for its own bytes alone:
/// who makes a string or an array of them has made a copy, and `overwrite` is there for arrays.
package final class SecretBytes: Sendable {
  // Sendable: written before anybody else has it, and again when nobody has it any more.
  private nonisolated(unsafe) let bytes: UnsafeMutableRawBufferPointer
  package let count: Int

  #if DEBUG
    /// Shown the bytes when they have been overwritten and are about to be given back. For tests.
    @TaskLocal package static var ended: (@Sendable (UnsafeRawBufferPointer) -> Void)?
  #endif

  private init(owning bytes: UnsafeMutableRawBufferPointer) {
    self.bytes = bytes
    count = bytes.count
  }

  /// In UTF-8.
  package convenience init(_ text: String) {
    var text = text
    let start: UnsafeMutableRawBufferPointer = text.withUTF8 {
      let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: $0.count, alignment: 1)
      bytes.copyBytes(from: $0)
      return bytes
    }
    self.init(owning: start)
  }

  deinit {
    overwrite(bytes)
    #if DEBUG
      Self.ended?(UnsafeRawBufferPointer(bytes))
    #endif
    bytes.deallocate()
  }

  /// Lends the bytes.
  package func withBytes<Result, Failure>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeRawBufferPointer(bytes))
  }
}

extension SecretBytes: Hashable {
  package static func == (one: SecretBytes, other: SecretBytes) -> Bool {
    one.withBytes { one in other.withBytes { one.elementsEqual($0) } }
  }

  package func hash(into hasher: inout Hasher) { withBytes { hasher.combine(bytes: $0) } }
}

/// Fills an array with zeros, in a way that no optimiser leaves out. The array must have no other owner: of one that is
/// shared a copy would be filled. The corresponding C function is `explicit_bzero`.
package func overwrite(_ bytes: inout [UInt8]) {
  bytes.withUnsafeMutableBytes { overwrite($0) }
}

/// The same of memory that this function's caller owns.
package func overwrite(_ bytes: UnsafeMutableRawBufferPointer) {
  guard let start = bytes.baseAddress else { return }
  explicit_bzero(start, bytes.count)
}
