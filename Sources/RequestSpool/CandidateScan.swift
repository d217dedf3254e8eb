internal import LinuxSystem

/// Collects the names of one scan: all of them where they fit, else the lowest and the highest ranks, most of
/// them at the end that the intake takes from.
///
/// On failure: a scan that is broken off by an error of the directory is thrown away whole, and the next one begins
/// anew.
struct CandidateScan {
  private let capacity: Int
  private let minor: Int
  /// Where a rank below this is found, the newest go first.
  private let staleBefore: Int64
  private var lowest = Int64.max
  private var records: [CandidateList.Record] = []
  private var arena: [UInt8] = []
  /// After the first cut: what stands strictly between is left out.
  private var leftOut: (above: Limit, below: Limit?)?

  /// - Parameter minor: how many are kept at the other end.
  init(capacity: Int, minor: Int, staleBefore: Int64) {
    self.capacity = capacity
    self.minor = minor
    self.staleBefore = staleBefore
  }

  /// From so many names on the middle is cut out.
  private var limit: Int { (capacity + minor) * 5 / 4 + 16 }

  private var ends: (first: Int, last: Int) {
    lowest < staleBefore && minor > 0 ? (minor, capacity) : (capacity, minor)
  }

  mutating func add(rank: Int64, name: UnsafeRawBufferPointer) {
    if let leftOut, leftOut.above.stands(before: rank, name),
      leftOut.below?.stands(behind: rank, name) ?? true
    {
      return
    }
    lowest = min(lowest, rank)
    // Grown by doubling, the two would take up to twice as much.
    if records.count == 4096 {
      records.reserveCapacity(limit)
      arena.reserveCapacity(limit * (arena.count / records.count + 1))
    }
    records.append(CandidateList.Record(rank: rank, name: name, arena: &arena))
    if records.count >= limit { cut() }
  }

  private mutating func cut() {
    arena.withUnsafeBytes { bytes in records.sort { $0.isBefore($1, bytes) } }
    let (first, last) = ends
    let end = records.count - last
    var above = Limit(records[first - 1], arena)
    var below = last == 0 ? nil : Limit(records[end], arena)
    // Where the favoured end has changed since the last cut, what that cut left out stays out.
    if let leftOut {
      above = above.isBefore(leftOut.above) ? above : leftOut.above
      if let own = below, let other = leftOut.below {
        below = own.isBefore(other) ? other : own
      } else {
        below = nil
      }
    }
    leftOut = (above, below)
    records.removeSubrange(first..<end)
    arena = CandidateList.compacted(arena, &records, from: 0)
  }

  /// What the directory held, in order.
  mutating func finish() -> CandidateList {
    if records.count > capacity + minor {
      cut()
    } else {
      arena.withUnsafeBytes { bytes in records.sort { $0.isBefore($1, bytes) } }
    }
    let gap = leftOut.map { leftOut in
      // By the whole name: more may have one rank than are kept.
      var low = 0
      var high = records.count
      while low < high {
        let middle = (low + high) / 2
        if leftOut.above.isBefore(Limit(records[middle], arena)) { high = middle } else { low = middle + 1 }
      }
      return low
    }
    let (first, last) = ends
    return CandidateList(sorted: records, gap: gap, arena: arena, keepFirst: first, keepLast: last)
  }
}

/// A name at which a cut was made.
private struct Limit {
  private let record: CandidateList.Record
  private let arena: [UInt8]

  init(_ other: CandidateList.Record, _ names: [UInt8]) {
    var name = names.withUnsafeBytes { other.name($0) }
    var arena: [UInt8] = []
    record = name.withUTF8 {
      CandidateList.Record(rank: other.rank, name: UnsafeRawBufferPointer($0), arena: &arena)
    }
    self.arena = arena
  }

  func stands(before rank: Int64, _ name: UnsafeRawBufferPointer) -> Bool {
    record.rank != rank ? record.rank < rank : arena.withUnsafeBytes { record.order(rank, name, $0) < 0 }
  }

  func stands(behind rank: Int64, _ name: UnsafeRawBufferPointer) -> Bool {
    record.rank != rank ? record.rank > rank : arena.withUnsafeBytes { record.order(rank, name, $0) > 0 }
  }

  func isBefore(_ other: Limit) -> Bool {
    var name = other.arena.withUnsafeBytes { other.record.name($0) }
    return name.withUTF8 { stands(before: other.record.rank, UnsafeRawBufferPointer($0)) }
  }
}
