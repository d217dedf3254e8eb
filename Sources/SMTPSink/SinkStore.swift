internal import CodeRequests
package import FoundationEssentials
internal import LinuxSystem

/// A directory of received messages: `<n>.eml` as it came and `<n>.json` about it, seen whole or not at all.
///
/// The `.json` appears last, so whoever sees it finds the message beside it. Files in the directory that are no
/// such pair are left alone. Nothing is fsynced: it is for tests.
package struct SinkStore: Sendable {
  package let path: String

  /// - Parameter directory: made, mode 0700, where it is missing: the messages hold passcodes.
  package init(directory: String) throws(SinkFault) {
    path = directory
    do throws(SystemCallError) { _ = try Directory.make(directory) } catch {
      throw SinkFault(.store, directory, "cannot be used as a message store: \(error)")
    }
  }

  /// Waits for a message, without polling.
  ///
  /// - Parameters:
  ///   - recipient: one of the envelope's recipients, in whatever case; nil takes any.
  ///   - since: only what was received then or later. Times of the store are to the microsecond, so `since` is
  ///     rounded down to one.
  /// - Returns: the newest that is there already, else the first that comes; nil when the time is over.
  package func wait(
    to recipient: String? = nil, since: Date? = nil, timeout: Duration
  ) throws(SinkFault) -> StoredMessage? {
    let deadline = monotonicNow() + timeout.nanosecondsAhead
    let wanted = Wanted(recipient: recipient, since: since)
    do throws(SystemCallError) {
      // Watched before it is read: what comes in between is seen twice, not missed. The directory is not held
      // open meanwhile, because then its removal would not be told.
      let watch = try DirectoryWatch()
      try watch.add(path)
      if let found = newest(wanted, in: try Directory(path)) { return found }
      while true {
        let now = monotonicNow()
        guard now < deadline else { return nil }
        // Rounded up, or the last millisecond would spin.
        let milliseconds = Int(min((deadline - now + 999_999) / 1_000_000, 3_600_000))
        _ = try waitReadable([watch.pollDescriptor], milliseconds: milliseconds)
        let changes = try watch.changes()
        guard changes.isIncomplete || !changes.moved.isEmpty else { continue }
        let directory = try Directory(path)
        for change in changes.moved {
          guard let number = number(ofName: change.name[...]), let message = read(number, from: directory),
            let found = wanted.match(message)
          else { continue }
          return found
        }
        if changes.isIncomplete, let found = newest(wanted, in: directory) { return found }
      }
    } catch {
      throw SinkFault(.store, path, "cannot be watched as a message store: \(error)")
    }
  }

  private struct Wanted {
    let recipient: String?
    let since: Date?

    /// In lower case and one spelling: a client may quote what another does not.
    private static func folded(_ address: String) -> String {
      ((try? EmailAddress(address))?.rawValue ?? address).lowercased()
    }

    func match(_ message: StoredMessage) -> StoredMessage? {
      if let since, message.receivedAt.unixMicroseconds < since.unixMicroseconds { return nil }
      guard let recipient else { return message }
      let folded = Self.folded(recipient)
      guard let match = message.recipients.first(where: { Self.folded($0) == folded }) else { return nil }
      var message = message
      message.to = match
      return message
    }
  }

  private func newest(_ wanted: Wanted, in directory: borrowing Directory) -> StoredMessage? {
    let numbers = (try? numbers(in: directory)) ?? []
    for number in numbers.sorted(by: >) {
      if let since = wanted.since, let status = try? directory.fileStatus(of: "\(number).json") {
        // Written after it was received, so what is older need not be read. The kernel stamps files with a
        // clock that lags a few milliseconds.
        guard Double(status.modified / 1_000_000_000) >= since.timeIntervalSince1970 - 2 else { continue }
      }
      if let message = read(number, from: directory), let found = wanted.match(message) { return found }
    }
    return nil
  }

  func read(_ number: Int, from directory: borrowing Directory) -> StoredMessage? {
    guard let descriptor = try? directory.open("\(number).json"),
      let bytes = try? descriptor.readAll(limit: 4_194_304), var message = try? StoredMessage(json: bytes)
    else { return nil }
    message.file = "\(path)/\(number).eml"
    return message
  }

  func numbers(in directory: borrowing Directory) throws(SystemCallError) -> [Int] {
    var numbers: [Int] = []
    try forEachNumber(in: directory) { number, isComplete in if isComplete { numbers.append(number) } }
    return numbers
  }
}

/// The number in `<n>.json` (or another extension); nil for any other name.
func number(ofName name: Substring, extension suffix: String = ".json") -> Int? {
  guard name.hasSuffix(suffix) else { return nil }
  let digits = name.dropLast(suffix.utf8.count)
  guard (1...15).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
    digits.utf8.first != UInt8(ascii: "0")
  else { return nil }
  return Int(digits)
}

/// Calls `body` for each `<n>.eml` and `<n>.json`; `isComplete` is true for the latter.
func forEachNumber(
  in directory: borrowing Directory, _ body: (_ number: Int, _ isComplete: Bool) -> Void
) throws(SystemCallError) {
  try directory.forEachName { bytes in
    let name = String(decoding: bytes, as: UTF8.self)
    if let complete = number(ofName: name[...]) {
      body(complete, true)
    } else if let begun = number(ofName: name[...], extension: ".eml") {
      body(begun, false)
    }
    return true
  }
}
