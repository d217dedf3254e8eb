package import FoundationEssentials
package import CodeRequests

/// One request file as a worker holds it.
///
/// On failure: reading a name fails for none that is acceptable; any other bytes give nil, and whoever asked sets the
/// file aside.
package struct SpoolEntry: Hashable, Sendable {
  /// Where it lies.
  package let folder: SpoolFolder
  /// What it is called there.
  package let fileName: String
  /// What it was called in `new/`: without due time and attempt, with `.json`.
  package let name: String
  /// When it was put in the spool: as its name says, until its file has been read and the kernel asked. Never later than
  /// when the intake handed it out: a time to come is one of a clock that was set back, and counts as now.
  package let queuedAt: Date

  /// The name carries an id, so our tools gave it; another program may use a name of its own twice.
  package let hasID: Bool

  init(folder: SpoolFolder, fileName: String, name: String, queuedAt: Date) {
    self.init(
      folder: folder, fileName: fileName, name: name, queuedAt: queuedAt, hasID: SpoolName.hasID(name))
  }

  private init(folder: SpoolFolder, fileName: String, name: String, queuedAt: Date, hasID: Bool) {
    self.folder = folder
    self.fileName = fileName
    self.name = name
    self.queuedAt = queuedAt
    self.hasID = hasID
  }

  /// The same, put in the spool at another time.
  package func queued(at time: Date) -> SpoolEntry {
    SpoolEntry(folder: folder, fileName: fileName, name: name, queuedAt: time, hasID: hasID)
  }

  /// The id in a name that our tools gave; nil where another program chose the name.
  package var id: RequestID? { hasID ? SpoolName.id(in: name) : nil }
}

/// The names of the spool, read as bytes: a directory may hold a million of them, and any bytes at all.
enum SpoolName {
  static let suffix = Array(".json".utf8)
  /// Of the name without `.json`.
  static let maximumStem = 128

  /// `[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}` and `.json`: the name of every id among them.
  static func isAcceptable(_ name: UnsafeRawBufferPointer) -> Bool {
    let stem = name.count - suffix.count
    guard stem >= 1, stem <= maximumStem, name[0] != UInt8(ascii: ".") else { return false }
    for index in 0..<suffix.count where name[stem + index] != suffix[index] { return false }
    for index in 0..<stem {
      let byte = name[index]
      guard isAlphanumeric(byte) || byte == 0x2E || byte == 0x5F || byte == 0x2D else { return false }
    }
    return true
  }

  /// What editors, rsync and other writers call a file that they have not finished.
  static func isTemporary(_ name: UnsafeRawBufferPointer) -> Bool {
    name.first == UInt8(ascii: ".") || !name.suffix(suffix.count).elementsEqual(suffix)
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte)
  }

  /// The time in `<unix milliseconds>.…`: 13 digits, the years 2001 to 2286.
  static func milliseconds(in name: UnsafeRawBufferPointer) -> Int64? {
    guard name.count > 14, name[13] == UInt8(ascii: "."), name[0] != 0x30 else { return nil }
    return number(name, 0..<13)
  }

  private static func number(_ name: UnsafeRawBufferPointer, _ range: Range<Int>) -> Int64? {
    var value: Int64 = 0
    for index in range {
      guard (0x30...0x39).contains(name[index]) else { return nil }
      value = value * 10 + Int64(name[index] - 0x30)
    }
    return value
  }

  /// What the name of a deferred entry says.
  struct Deferral {
    let due: Int64
    let attempts: Int
    /// When it was put in the spool at first; nil in names of the version before, and in those made by hand.
    let queued: Int64?
    let name: UnsafeRawBufferPointer
  }

  /// The parts of `<due milliseconds>.<attempt>-<queued milliseconds>.<name>`; nil where the name is none.
  static func deferral(in name: UnsafeRawBufferPointer) -> Deferral? {
    guard let due = milliseconds(in: name) else { return nil }
    var end = 14
    while end < name.count, name[end] != UInt8(ascii: ".") { end += 1 }
    var index = 14
    while index < end, name[index] != UInt8(ascii: "-") { index += 1 }
    guard (1...4).contains(index - 14), end + 1 < name.count, let attempts = number(name, 14..<index)
    else { return nil }
    var queued: Int64?
    if index < end {
      queued = end - index == 14 ? number(name, (index + 1)..<end) : nil
      guard queued != nil else { return nil }
    }
    let rest = UnsafeRawBufferPointer(rebasing: name[(end + 1)...])
    return isAcceptable(rest)
      ? Deferral(due: due, attempts: Int(attempts), queued: queued, name: rest) : nil
  }

  /// The id in `<unix milliseconds>.<id>.json`.
  static func id(in name: String) -> RequestID? {
    var name = name
    return name.withUTF8 { bytes in
      idBytes(in: UnsafeRawBufferPointer(bytes)).flatMap {
        try? RequestID(String(decoding: $0, as: UTF8.self))
      }
    }
  }

  /// Whether there is one.
  static func hasID(_ name: String) -> Bool {
    var name = name
    return name.withUTF8 { idBytes(in: UnsafeRawBufferPointer($0)) != nil }
  }

  private static func idBytes(in name: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    guard isAcceptable(name), milliseconds(in: name) != nil else { return nil }
    let id = UnsafeRawBufferPointer(rebasing: name[14..<(name.count - suffix.count)])
    return RequestID.isWellFormed(id) ? id : nil
  }

  /// What our tools call a request.
  static func name(of id: RequestID, queuedAt: Date) -> String {
    let digits = String(max(queuedAt.unixMilliseconds, 0))
    return String(repeating: "0", count: max(0, 13 - digits.utf8.count)) + "\(digits).\(id.rawValue).json"
  }

  /// What a request is called in `deferred/`.
  static func deferred(_ name: String, due: Int64, attempts: Int, queuedAt: Int64) -> String {
    func digits(_ time: Int64) -> Int64 { min(max(time, 1_000_000_000_000), 9_999_999_999_999) }
    return "\(digits(due)).\(min(max(attempts, 0), 9999))-\(digits(queuedAt)).\(name)"
  }

  /// The due time in a name that `deferred` made.
  static func due(in fileName: String) -> Int64 {
    var fileName = fileName
    return fileName.withUTF8 { milliseconds(in: UnsafeRawBufferPointer($0)) } ?? 0
  }
}
