internal import CodeRequests
internal import FoundationEssentials
internal import LinuxSystem

// On failure: a deferred entry whose file cannot be renamed comes at the time that its name says.

extension SpoolIntake {
  /// Brings forward what was put off until times of a clock that was set back since. Deferred entries keep their times in
  /// their names, so each that is not due gets another one; what is in flight is being tried already.
  ///
  /// - Parameter milliseconds: by how much the clock was set back while this process looked; 0 at its start, where only
  ///   files from the future tell of it: how long those have waited nobody knows, so they are due.
  func hastenDeferred(by milliseconds: Int64, now: Date) throws(SpoolError) {
    let clock = now.unixMilliseconds
    // Collected first: a name that changes while a directory is read may be read twice.
    var late: [(name: String, due: Int64)] = []
    let path = "\(folders.path)/deferred"
    try folders.deferred.forEachEntry(
      { (bytes, kind) throws(SpoolError) -> Bool in
        guard kind == .regular, let deferral = SpoolName.deferral(in: bytes), deferral.due > clock else {
          return true
        }
        let name = String(decoding: bytes, as: UTF8.self)
        if milliseconds > 0 {
          late.append((name, max(clock, deferral.due - milliseconds)))
        } else if let time = published(name, in: .deferred), time > clock + 1000 {
          late.append((name, clock))
        }
        return late.count < settings.capacity
      }, failing: { SpoolError($0, at: path) })
    let flying = state.withLock { state in
      Set(state.flights.values.lazy.filter { $0.folder == .deferred }.map(\.fileName))
    }
    for (name, due) in late where !flying.contains(name) {
      guard let fileName = SpoolName.rescheduled(name, due: due) else { continue }
      try? folders.deferred.rename(name, to: folders.deferred, as: fileName)
    }
  }
}

extension SpoolName {
  /// The name of a deferred entry with another due time.
  fileprivate static func rescheduled(_ fileName: String, due: Int64) -> String? {
    let rest = fileName.utf8.dropFirst(13)
    guard rest.first == UInt8(ascii: "."), (1_000_000_000_000...9_999_999_999_999).contains(due) else {
      return nil
    }
    return "\(due)\(Substring(rest))"
  }
}
