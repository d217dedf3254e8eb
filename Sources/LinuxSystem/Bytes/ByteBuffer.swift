/// Bytes that grow at their end and have one owner, which writes a mail into the same room as the one before it. An
/// array would ask for each of a mail's hundred pieces whether somebody else holds it, and be made anew for each mail.
///
/// `@usableFromInline`: without it nothing that is `@inlinable` here is specialised in other modules.
@usableFromInline package struct ByteBuffer: ~Copyable {
  @usableFromInline var start: UnsafeMutablePointer<UInt8>
  @usableFromInline var end: UnsafeMutablePointer<UInt8>
  @usableFromInline var limit: UnsafeMutablePointer<UInt8>

  /// - Parameter capacity: how many bytes have room before it grows.
  @inlinable package init(capacity: Int) {
    let capacity = max(capacity, 16)
    start = .allocate(capacity: capacity)
    end = start
    limit = start + capacity
  }

  @inlinable deinit { start.deallocate() }

  /// How many bytes it holds.
  @inlinable package var count: Int { end - start }
  /// The byte at its end.
  @inlinable package var last: UInt8? { end == start ? nil : (end - 1).pointee }

  /// Forgets the bytes and keeps the room.
  @inlinable package mutating func removeAll() { end = start }

  /// Fills the bytes with zeros and forgets them.
  package mutating func overwrite() {
    LinuxSystem.overwrite(UnsafeMutableRawBufferPointer(start: start, count: count))
    removeAll()
  }

  /// Forgets the bytes from `count` on.
  @inlinable package mutating func removeLast(to count: Int) {
    precondition((0...self.count).contains(count))
    end = start + count
  }

  /// Adds a byte.
  @inlinable package mutating func append(_ byte: UInt8) {
    if end == limit { grow(by: 1) }
    end.pointee = byte
    end += 1
  }

  /// Adds bytes.
  @inlinable package mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
    write(atMost: bytes.count) { place in
      guard let base = bytes.baseAddress else { return place }
      place.update(from: base, count: bytes.count)
      return place + bytes.count
    }
  }

  /// Adds bytes.
  @inlinable package mutating func append(_ bytes: [UInt8]) { bytes.withUnsafeBufferPointer { append($0) } }

  /// Adds text in UTF-8.
  @inlinable package mutating func append(_ text: String) {
    if text.utf8.withContiguousStorageIfAvailable({ append($0) }) == nil {
      for byte in text.utf8 { append(byte) }
    }
  }

  /// Adds text that stands in the source.
  @inlinable package mutating func append(literal text: StaticString) {
    append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Adds the digits of a number, which is not negative.
  package mutating func append(decimal number: Int) {
    precondition(number >= 0)
    var divisor = 1
    while number / divisor >= 10 { divisor *= 10 }
    while divisor > 0 {
      append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / divisor % 10))
      divisor /= 10
    }
  }

  /// Lets `body` write up to `count` bytes.
  ///
  /// - Parameter body: takes where the bytes begin and returns where they end.
  @inlinable package mutating func write(
    atMost count: Int, _ body: (UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<UInt8>
  ) {
    if limit - end < count { grow(by: count) }
    end = body(end)
    precondition(end <= limit, "more was written than was reckoned")
  }

  /// Calls `body` with the bytes.
  @inlinable package func withBytes<Result, Failure>(
    _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeBufferPointer(start: start, count: count))
  }

  @usableFromInline mutating func grow(by more: Int) {
    let capacity = max(2 * (limit - start), count + more)
    let room = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    room.update(from: start, count: count)
    // A code may be among them.
    LinuxSystem.overwrite(UnsafeMutableRawBufferPointer(start: start, count: count))
    end = room + count
    limit = room + capacity
    start.deallocate()
    start = room
  }
}

extension [UInt8] {
  package init(_ buffer: borrowing ByteBuffer) {
    self = buffer.withBytes { Array($0) }
  }
}
