internal import Glibc

/// Names of waiting files in order of rank (a time in milliseconds), in a compact form: 16 bytes a name and the
/// name's own bytes in one block, since there may be tens of thousands.
///
/// The list holds at most so many; where the directory holds more, those of middle rank are left out and `gap`
/// marks where they would stand. What is left out is found again by the next scan.
struct CandidateList: Sendable {
  struct Record: Sendable {
    let rank: Int64
    var offset: UInt32
    let length: UInt8
  }

  /// How many of the lowest and of the highest ranks are kept when not all can be.
  let keepFirst: Int
  let keepLast: Int
  private(set) var records: [Record] = []
  private var head = 0
  /// The index where names are missing; nil where the list is complete.
  private var gapIndex: Int?
  private var arena: [UInt8] = []
  private var garbage = 0

  init(keepFirst: Int, keepLast: Int) {
    self.keepFirst = keepFirst
    self.keepLast = keepLast
  }

  /// Takes over what a scan found, which must be sorted.
  init(sorted records: [Record], gap: Int?, arena: [UInt8], keepFirst: Int, keepLast: Int) {
    self.init(keepFirst: keepFirst, keepLast: keepLast)
    self.records = records
    self.arena = arena
    gapIndex = gap
  }

  var count: Int { records.count - head }
  /// The directory held more than is in this list.
  var isPartial: Bool { gapIndex != nil }
  /// The lowest rank; nil where none is known without a scan.
  var firstRank: Int64? { head == records.count || gapIndex == head ? nil : records[head].rank }
  /// The highest rank; nil where none is known without a scan.
  var lastRank: Int64? {
    head == records.count || gapIndex == records.count ? nil : records[records.count - 1].rank
  }

  /// Takes the name of the lowest rank.
  mutating func popFirst() -> (rank: Int64, name: String)? {
    guard firstRank != nil else { return nil }
    let record = records[head]
    head += 1
    defer { tidy() }
    return (record.rank, take(record))
  }

  /// Takes the name of the highest rank.
  mutating func popLast() -> (rank: Int64, name: String)? {
    guard lastRank != nil else { return nil }
    let record = records.removeLast()
    defer { tidy() }
    return (record.rank, take(record))
  }

  /// Adds a name; one that is there already under the same rank is not added again.
  mutating func insert(rank: Int64, name: UnsafeRawBufferPointer) {
    // Nearly always it is the newest.
    var low = head
    var high = records.count
    if let last = records.last, high > head, order(last, rank, name) < 0 { low = high }
    while low < high {
      let middle = (low + high) / 2
      let difference = order(records[middle], rank, name)
      if difference == 0 { return }
      if difference < 0 { low = middle + 1 } else { high = middle }
    }
    let record = Record(rank: rank, offset: UInt32(arena.count), length: UInt8(name.count))
    arena.append(contentsOf: name)
    records.insert(record, at: low)
    if let gapIndex, low < gapIndex { self.gapIndex = gapIndex + 1 }
    if count > keepFirst + keepLast + (keepFirst + keepLast) / 4 + 16 { dropMiddle() }
  }

  mutating func insert(rank: Int64, name: String) {
    var name = name
    name.withUTF8 { insert(rank: rank, name: UnsafeRawBufferPointer($0)) }
  }

  /// Takes a name out, wherever it stands.
  mutating func remove(rank: Int64, name: String) {
    var name = name
    let found = name.withUTF8 { buffer -> Int? in
      var low = head
      var high = records.count
      while low < high {
        let middle = (low + high) / 2
        let difference = order(records[middle], rank, UnsafeRawBufferPointer(buffer))
        if difference == 0 { return middle }
        if difference < 0 { low = middle + 1 } else { high = middle }
      }
      return nil
    }
    guard let found else { return }
    garbage += Int(records.remove(at: found).length)
    if let gapIndex, found < gapIndex { self.gapIndex = gapIndex - 1 }
    tidy()
  }

  private func order(_ record: Record, _ rank: Int64, _ name: UnsafeRawBufferPointer) -> Int {
    if record.rank != rank { return record.rank < rank ? -1 : 1 }
    let own = Int(record.length)
    let difference = arena.withUnsafeBytes {
      Int(memcmp($0.baseAddress! + Int(record.offset), name.baseAddress!, min(own, name.count)))
    }
    return difference != 0 ? difference : own - name.count
  }

  private mutating func take(_ record: Record) -> String {
    let start = Int(record.offset)
    garbage += Int(record.length)
    return arena.withUnsafeBytes {
      String(
        decoding: UnsafeRawBufferPointer(rebasing: $0[start..<(start + Int(record.length))]), as: UTF8.self)
    }
  }

  /// Gives back the room of what was taken, when that has become more than what is left.
  private mutating func tidy() {
    if head == records.count, gapIndex == nil || gapIndex == head {
      records.removeAll(keepingCapacity: records.capacity <= 4096)
      arena.removeAll(keepingCapacity: arena.capacity <= 262_144)
      if gapIndex != nil { gapIndex = 0 }
      head = 0
      garbage = 0
      return
    }
    if head >= 1024, head > records.count / 2 {
      records.removeFirst(head)
      gapIndex = gapIndex.map { $0 - head }
      head = 0
    }
    if garbage > 65536, garbage > arena.count / 2 { compact() }
  }

  private mutating func compact() {
    var compacted: [UInt8] = []
    compacted.reserveCapacity(arena.count - garbage)
    arena.withUnsafeBytes { bytes in
      for index in head..<records.count {
        let start = Int(records[index].offset)
        records[index].offset = UInt32(compacted.count)
        compacted.append(contentsOf: bytes[start..<(start + Int(records[index].length))])
      }
    }
    arena = compacted
    garbage = 0
  }

  private mutating func dropMiddle() {
    let first = min(gapIndex ?? .max, head + keepFirst)
    let last = records.count - keepLast
    for record in records[first..<last] { garbage += Int(record.length) }
    records.removeSubrange(first..<last)
    gapIndex = first
    tidy()
  }
}

/// Collects the names of one scan: all of them where they fit, else the lowest and the highest ranks.
struct CandidateScan {
  private let keepFirst: Int
  private let keepLast: Int
  private var records: [CandidateList.Record] = []
  private var arena: [UInt8] = []
  /// After the first cut: what lies strictly between is left out.
  private var leftOut: (above: Int64, below: Int64)?

  init(keepFirst: Int, keepLast: Int) {
    self.keepFirst = keepFirst
    self.keepLast = keepLast
  }

  mutating func add(rank: Int64, name: UnsafeRawBufferPointer) {
    if let leftOut, rank > leftOut.above, rank < leftOut.below { return }
    records.append(.init(rank: rank, offset: UInt32(arena.count), length: UInt8(name.count)))
    arena.append(contentsOf: name)
    let limit = keepFirst + keepLast
    if records.count >= limit + limit / 2 + 16 { cut() }
  }

  private mutating func sort() {
    arena.withUnsafeBytes { bytes in
      records.sort { left, right in
        if left.rank != right.rank { return left.rank < right.rank }
        let difference = memcmp(
          bytes.baseAddress! + Int(left.offset), bytes.baseAddress! + Int(right.offset),
          Int(min(left.length, right.length)))
        return difference != 0 ? difference < 0 : left.length < right.length
      }
    }
  }

  private mutating func cut() {
    sort()
    let last = records.count - keepLast
    leftOut = (records[keepFirst - 1].rank, keepLast == 0 ? .max : records[last].rank)
    records.removeSubrange(keepFirst..<last)
    var kept: [UInt8] = []
    kept.reserveCapacity(arena.count)
    arena.withUnsafeBytes { bytes in
      for index in records.indices {
        let start = Int(records[index].offset)
        records[index].offset = UInt32(kept.count)
        kept.append(contentsOf: bytes[start..<(start + Int(records[index].length))])
      }
    }
    arena = kept
  }

  /// What the directory held, in order.
  mutating func finish() -> CandidateList {
    var isPartial = leftOut != nil
    if records.count > keepFirst + keepLast {
      cut()
      isPartial = true
    } else {
      sort()
    }
    return CandidateList(
      sorted: records, gap: isPartial ? min(keepFirst, records.count) : nil, arena: arena,
      keepFirst: keepFirst, keepLast: keepLast)
  }
}
