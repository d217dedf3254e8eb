internal import Glibc

/// Collects the names of one scan: all of them where they fit, else the lowest and the highest ranks, most of
/// them at the end that the intake takes from.
///
/// On failure: nothing here fails; a scan that is broken off by an error of the directory is thrown away whole, and
/// the next one begins anew.
struct CandidateScan {
  private let capacity: Int
  private let minor: Int
  /// Where a rank below this is found, the newest go first.
  private let staleBefore: Int64
  private var lowest = Int64.max
  private var records: [CandidateList.Record] = []
  private var arena: [UInt8] = []
  /// After the first cut: what lies strictly between is left out.
  private var leftOut: (above: Int64, below: Int64)?

  /// - Parameter minor: how many are kept at the other end.
  init(capacity: Int, minor: Int, staleBefore: Int64) {
    self.capacity = capacity
    self.minor = minor
    self.staleBefore = staleBefore
  }

  private var ends: (first: Int, last: Int) {
    lowest < staleBefore && minor > 0 ? (minor, capacity) : (capacity, minor)
  }

  mutating func add(rank: Int64, name: UnsafeRawBufferPointer) {
    if let leftOut, rank > leftOut.above, rank < leftOut.below { return }
    lowest = min(lowest, rank)
    records.append(CandidateList.Record(rank: rank, name: name, arena: &arena))
    let limit = capacity + minor
    if records.count >= limit + limit / 4 + 16 { cut() }
  }

  private mutating func cut() {
    arena.withUnsafeBytes { bytes in records.sort { $0.isBefore($1, bytes) } }
    let (first, last) = ends
    let end = records.count - last
    let above = records[first - 1].rank
    let below = last == 0 ? .max : records[end].rank
    // Where the favoured end has changed since the last cut, what that cut left out stays out.
    leftOut = (min(above, leftOut?.above ?? .max), max(below, leftOut?.below ?? .min))
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
    let gap = leftOut.map { leftOut in records.firstIndex { $0.rank > leftOut.above } ?? records.count }
    let (first, last) = ends
    return CandidateList(sorted: records, gap: gap, arena: arena, keepFirst: first, keepLast: last)
  }
}
