/// The times of the last events of one client, tenant or subject, the newest last. A rule of `count` in `window` is
/// broken while the count-th newest is younger than the window: exact, and bounded by the largest count.
///
/// A time that lies ahead, because the clock was moved back, counts as made now until the clock has come there: moving the
/// clock gives nobody more, and takes no more than the window.
package struct SlidingWindow: Equatable, Sendable {
  package var times: [Int64]

  package init(times: [Int64] = []) { self.times = times }

  /// 8 bytes each, big-endian.
  package init(bytes: [UInt8]) {
    times = stride(from: 0, to: bytes.count - bytes.count % 8, by: 8).map { start in
      var value: UInt64 = 0
      for byte in bytes[start..<start + 8] { value = value << 8 | UInt64(byte) }
      return Int64(bitPattern: value)
    }
  }

  package var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(times.count * 8)
    for time in times {
      for shift in stride(from: 56, through: 0, by: -8) {
        bytes.append(UInt8(truncatingIfNeeded: time >> Int64(shift)))
      }
    }
    return bytes
  }

  /// When one more would be within the rule; nil where it is now.
  package func freeAt(count: Int, window: Int64, now: Int64) -> Int64? {
    guard count > 0 else { return now + window }
    guard times.count >= count else { return nil }
    let free = min(times[times.count - count], now) + window
    return free > now ? free : nil
  }

  /// Takes back an event of that time; false where there is none.
  package mutating func remove(_ time: Int64) -> Bool {
    guard let index = times.lastIndex(of: time) else { return false }
    times.remove(at: index)
    return true
  }

  /// Adds an event and forgets what no rule of at most `capacity` in `window` needs.
  package mutating func add(_ time: Int64, capacity: Int, window: Int64) {
    // Kept in order even where the clock was moved back.
    let index = times.lastIndex { $0 <= time }.map { $0 + 1 } ?? 0
    times.insert(time, at: index)
    let isOld = times.prefix { $0 + window <= time }.count
    times.removeFirst(max(isOld, times.count - capacity))
  }
}
