/// What a time zone of the IANA database adds to UTC, and since when: read from the system's own files (TZif, RFC 8536), so
/// that neither ICU nor the process's TZ has a part in it.
///
/// On failure: a name that is none of the database's, or a file that cannot be read or makes no sense, is an error that
/// says so. Nothing of it is believed before it was measured against the size of the file.
package struct ZoneRules: Hashable, Sendable {
  /// Where the system has its zones.
  package static let directory = "/usr/share/zoneinfo"
  package static let utc = ZoneRules(transitions: [], offsets: [], first: 0, rule: nil)
  /// The largest file of the database has less than 4 KiB.
  private static let maximumSize = 65536

  /// Why there is no such zone, in words that go on after the key that names it.
  package struct Problem: Error, Hashable, Sendable {
    package let message: String
  }

  /// Seconds since 1970 from which on the offset of the same index holds, rising.
  private let transitions: [Int64]
  /// Seconds east of UTC.
  private let offsets: [Int]
  /// Before the first transition.
  private let first: Int
  /// Beyond the last one.
  private let rule: ZoneRule?

  private init(transitions: [Int64], offsets: [Int], first: Int, rule: ZoneRule?) {
    self.transitions = transitions
    self.offsets = offsets
    self.first = first
    self.rule = rule
  }

  /// The same as UTC, now and ever: a clock that goes by it is told by that name.
  package var isUTC: Bool { transitions.isEmpty && first == 0 && (rule?.isAlways(0) ?? true) }

  /// Seconds east of UTC at a moment.
  ///
  /// - Parameter moment: seconds since 1970.
  package func offset(at moment: Int64) -> Int {
    guard let last = transitions.last, moment < last else {
      return rule?.offset(at: moment) ?? offsets.last ?? first
    }
    // The first that is later.
    var (low, high) = (0, transitions.count)
    while low < high {
      let middle = (low + high) / 2
      if transitions[middle] <= moment { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? first : offsets[low - 1]
  }

  // MARK: Names

  /// The zone of a name such as `Europe/Stockholm`.
  package init(named name: String, in directory: String = Self.directory) throws(Problem) {
    let unknown =
      "is '\(name)'; expected a time zone of the IANA database, such as Europe/Stockholm or UTC"
    let isName = name.utf8.allSatisfy {
      $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "_")
        || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+")
    }
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard isName, parts.count <= 4, parts.allSatisfy({ !$0.isEmpty }), name.utf8.count <= 64 else {
      throw Problem(message: unknown.replacing("'\(name)'", with: "no name of a time zone"))
    }
    // The same zones, with leap seconds in their count, and without.
    guard parts[0] != "right", parts[0] != "posix" else { throw Problem(message: unknown) }
    let path = "\(directory)/\(name)"
    // UTC goes without a database.
    guard FilePath.isThere(directory) else {
      guard ["UTC", "Etc/UTC"].contains(name) else {
        throw Problem(
          message:
            "is '\(name)', and \(directory) is not there to look it up; install Debian's package tzdata, or use UTC"
        )
      }
      self = .utc
      return
    }
    guard let status = try? FileStatus.following(path), status.kind == .regular else {
      throw Problem(message: unknown)
    }
    let bytes: [UInt8]?
    do throws(SystemCallError) {
      bytes = try FileDescriptor.contents(of: path, limit: Self.maximumSize)
    } catch { throw Problem(message: "is '\(name)', and \(path) cannot be read: \(error.reason)") }
    guard let bytes, bytes.starts(with: ZoneFile.magic) else { throw Problem(message: unknown) }
    guard let rules = Self.read(bytes) else {
      throw Problem(
        message: "is '\(name)', and \(path) is no sound file of a time zone; expected TZif (RFC 8536)")
    }
    self = rules
  }

  /// The rules in a file; nil where they make no sense.
  package static func read(_ bytes: [UInt8]) -> ZoneRules? {
    var file = ZoneFile(bytes)
    guard let header = file.header() else { return nil }
    guard header.version != 0 else { return file.rules(header, timeSize: 4, hasRule: false) }
    // The first block is for readers of before 2005; what holds stands behind it, with times of 64 bits.
    guard file.skip(header.size(timeSize: 4)), let wide = file.header() else { return nil }
    return file.rules(wide, timeSize: 8, hasRule: true)
  }

  /// - Parameter types: for each transition the index of its offset.
  init?(transitions: [Int64], types: [Int], offsets: [Int], rule: ZoneRule?) {
    guard !offsets.isEmpty, types.count == transitions.count, types.allSatisfy(offsets.indices.contains),
      zip(transitions, transitions.dropFirst()).allSatisfy({ $0 < $1 }),
      // RFC 8536, 3.2: no further than about a day.
      offsets.allSatisfy({ (-90_000...94_000).contains($0) })
    else { return nil }
    self.init(transitions: transitions, offsets: types.map { offsets[$0] }, first: offsets[0], rule: rule)
  }
}

/// The bytes of a TZif file and how far they were read.
private struct ZoneFile {
  static let magic = Array("TZif".utf8)

  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// RFC 8536, 3.1.
  struct Header {
    let version: UInt8
    let universal, standard, leaps, times, types, characters: Int

    func size(timeSize: Int) -> Int {
      times * (timeSize + 1) + types * 6 + characters + leaps * (timeSize + 4) + standard + universal
    }
  }

  private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
    guard count >= 0, count <= bytes.count - position else { return nil }
    defer { position += count }
    return bytes[position..<(position + count)]
  }

  /// A number of four or eight bytes, the highest first, with a sign.
  private mutating func number(_ size: Int) -> Int64? {
    guard let piece = take(size) else { return nil }
    let value = piece.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return size == 4 ? Int64(Int32(truncatingIfNeeded: value)) : Int64(bitPattern: value)
  }

  mutating func skip(_ count: Int) -> Bool { take(count) != nil }

  mutating func header() -> Header? {
    guard take(4)?.elementsEqual(Self.magic) == true, let version = take(16)?.first else { return nil }
    var counts: [Int] = []
    for _ in 0..<6 {
      guard let count = number(4), (0...0xFFFF).contains(count) else { return nil }
      counts.append(Int(count))
    }
    return Header(
      version: version, universal: counts[0], standard: counts[1], leaps: counts[2], times: counts[3],
      types: counts[4], characters: counts[5])
  }

  /// RFC 8536, 3.2 and 3.3. Times that count leap seconds are nothing to go by here.
  mutating func rules(_ header: Header, timeSize: Int, hasRule: Bool) -> ZoneRules? {
    guard header.leaps == 0, header.size(timeSize: timeSize) <= bytes.count - position else { return nil }
    var transitions: [Int64] = []
    for _ in 0..<header.times {
      guard let time = number(timeSize) else { return nil }
      transitions.append(time)
    }
    guard let types = take(header.times) else { return nil }
    var offsets: [Int] = []
    for _ in 0..<header.types {
      guard let offset = number(4), skip(2) else { return nil }
      offsets.append(Int(offset))
    }
    var rule: ZoneRule?
    if hasRule {
      guard skip(header.characters + header.standard + header.universal), take(1)?.first == UInt8(ascii: "\n")
      else { return nil }
      let text = bytes[position...].prefix { $0 != UInt8(ascii: "\n") }
      guard text.endIndex < bytes.endIndex else { return nil }
      if !text.isEmpty {
        guard let read = ZoneRule(text) else { return nil }
        rule = read
      }
    }
    return ZoneRules(transitions: transitions, types: types.map(Int.init), offsets: offsets, rule: rule)
  }
}
