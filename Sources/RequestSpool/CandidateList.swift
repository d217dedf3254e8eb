internal import LinuxSystem

/// Names of waiting files in order of rank (a time in milliseconds), in a compact form: 16 bytes a name and the
/// name's own bytes in one block, since there may be tens of thousands.
///
/// The list holds at most so many; where the directory holds more, those of middle rank are left out and `gap`
/// marks where they would stand. What is left out is found again by the next scan.
///
/// On failure: whatever is left out or forgotten is still a file in its directory, so the next scan finds it; a name
/// under the same rank is never held twice.
struct CandidateList: Sendable {
  struct Record: Sendable {
    let rank: Int64
    fileprivate(set) var offset: UInt32
    let length: UInt8
    /// The name begins with the rank and a dot, which are not kept in the block then.
    private let startsWithRank: Bool

    /// Puts the name into `arena`, without `.json`.
    init(rank: Int64, name: UnsafeRawBufferPointer, arena: inout [UInt8]) {
      let kept = Self.kept(rank, name)
      self.rank = rank
      offset = UInt32(arena.count)
      length = UInt8(kept.bytes.count)
      startsWithRank = kept.startsWithRank
      arena.append(contentsOf: kept.bytes)
    }

    private static func kept(
      _ rank: Int64, _ name: UnsafeRawBufferPointer
    ) -> (bytes: UnsafeRawBufferPointer, startsWithRank: Bool) {
      let end = name.count - SpoolName.suffix.count
      let startsWithRank = end >= 14 && SpoolName.milliseconds(in: name) == rank
      return (UnsafeRawBufferPointer(rebasing: name[(startsWithRank ? 14 : 0)..<end]), startsWithRank)
    }

    private func bytes(_ arena: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
      UnsafeRawBufferPointer(rebasing: arena[Int(offset)..<Int(offset) + Int(length)])
    }

    func name(_ arena: UnsafeRawBufferPointer) -> String {
      let kept = bytes(arena)
      let start = startsWithRank ? 14 : 0
      let count = start + kept.count + SpoolName.suffix.count
      // Acceptable names are ASCII.
      return String(unsafeUninitializedCapacity: count) { name in
        if startsWithRank {
          var rest = rank
          for index in stride(from: 12, through: 0, by: -1) {
            name[index] = 0x30 + UInt8(rest % 10)
            rest /= 10
          }
          name[13] = UInt8(ascii: ".")
        }
        _ = name[start...].initialize(fromContentsOf: kept)
        _ = name[(start + kept.count)...].initialize(fromContentsOf: SpoolName.suffix)
        return count
      }
    }

    /// Less than, equal to or more than 0: by rank, then by what is kept of the name.
    func order(_ rank: Int64, _ name: UnsafeRawBufferPointer, _ arena: UnsafeRawBufferPointer) -> Int {
      if self.rank != rank { return self.rank < rank ? -1 : 1 }
      let kept = Self.kept(rank, name)
      return order(kept.bytes, kept.startsWithRank, arena)
    }

    func isBefore(_ other: Record, _ arena: UnsafeRawBufferPointer) -> Bool {
      if rank != other.rank { return rank < other.rank }
      return order(other.bytes(arena), other.startsWithRank, arena) < 0
    }

    private func order(
      _ other: UnsafeRawBufferPointer, _ otherStartsWithRank: Bool, _ arena: UnsafeRawBufferPointer
    ) -> Int {
      if startsWithRank != otherStartsWithRank { return startsWithRank ? -1 : 1 }
      let own = bytes(arena)
      let difference = own.order(other, count: min(own.count, other.count))
      return difference != 0 ? difference : own.count - other.count
    }
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

  /// The name of the lowest rank, which stays; nil where none is known without a scan.
  var first: (rank: Int64, name: String)? {
    guard firstRank != nil else { return nil }
    return (records[head].rank, arena.withUnsafeBytes { records[head].name($0) })
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
    records.insert(Record(rank: rank, name: name, arena: &arena), at: low)
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
    arena.withUnsafeBytes { record.order(rank, name, $0) }
  }

  private mutating func take(_ record: Record) -> String {
    garbage += Int(record.length)
    return arena.withUnsafeBytes { record.name($0) }
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
    arena = Self.compacted(arena, &records, from: head)
    garbage = 0
  }

  /// The names of `records[from...]` alone.
  static func compacted(_ arena: [UInt8], _ records: inout [Record], from: Int) -> [UInt8] {
    var compacted: [UInt8] = []
    compacted.reserveCapacity(records[from...].reduce(0) { $0 + Int($1.length) })
    arena.withUnsafeBytes { bytes in
      for index in from..<records.count {
        let start = Int(records[index].offset)
        records[index].offset = UInt32(compacted.count)
        compacted.append(contentsOf: bytes[start..<(start + Int(records[index].length))])
      }
    }
    return compacted
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
