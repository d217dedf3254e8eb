internal import FoundationEssentials
internal import LinuxSystem

// What appears in new/ and may not be finished: temporary files of editors, rsync and other writers, and files that are
// made there instead of being renamed into it.
//
// On failure: beyond the most that are remembered, such files are looked at by each scan until they are old enough.

/// A file with a name that no request has, while somebody may still be writing it.
struct Temporary: Sendable {
  /// When the kernel last changed it.
  let changed: Int64
  /// When to look again.
  let due: Int64
}

extension SpoolIntake {
  /// Leaves a temporary file alone until nothing has happened to it for a minute, and then sets it aside.
  func noteTemporary(_ name: [UInt8]) {
    let shown = SpoolName.printable(name)
    let isKnown = state.withLock { $0.temporaries[name] != nil || $0.ignored.contains(shown) }
    guard !isKnown, let status = try? folders.new.fileStatus(ofBytes: name) else { return }
    let changed = settings.publishedAt(String(decoding: name, as: UTF8.self), status)
    let wait = settings.temporaryAfter.milliseconds
    let isOld = state.withLock { state -> Bool in
      // A time to come is one of a clock that was set back.
      let due = min(changed, state.clock) + wait
      if due <= state.clock { return true }
      if state.temporaries.count < settings.mostTemporaries {
        state.temporaries[name] = Temporary(changed: changed, due: due)
      }
      return false
    }
    if isOld { endTemporary(name) }
  }

  /// Looks at those whose minute is over.
  func endTemporaries() {
    let due = state.withLock { state -> [([UInt8], Temporary)] in
      guard !state.temporaries.isEmpty else { return [] }
      let due = state.temporaries.filter { $0.value.due <= state.clock }
      for name in due.keys { state.temporaries[name] = nil }
      return Array(due)
    }
    for (name, known) in due {
      guard let status = try? folders.new.fileStatus(ofBytes: name) else { continue }
      if settings.publishedAt(String(decoding: name, as: UTF8.self), status) == known.changed {
        endTemporary(name)
      } else {
        noteTemporary(name)
      }
    }
  }

  private func endTemporary(_ name: [UInt8]) {
    let seconds = settings.temporaryAfter.milliseconds / 1000
    setAside(
      name, in: .new,
      reason:
        "has the name of a file that is being written (it begins with a dot or does not end in .json), and nothing has happened to it for \(seconds) s; write under tmp/ and rename to <name>.json in new/"
    )
  }

  /// A name that was made in new/ by somebody who links his files there, or who goes on to write it. Of the latter a
  /// finished write is told when he closes it; but of a file that he opened elsewhere and has linked it is not, so what
  /// is still open is looked at a second later as well.
  func appear(_ fileName: String) {
    guard let status = try? folders.new.fileStatus(of: fileName) else { return }
    guard status.kind == .regular else { return arrive(fileName) }
    if status.linkCount > 1 || hasWriter(fileName, in: .new) == false { return arrive(fileName) }
    var name = fileName
    let rank = name.withUTF8 { bytes -> Int64? in
      let bytes = UnsafeRawBufferPointer(bytes)
      guard SpoolName.isAcceptable(bytes) else { return nil }
      return SpoolName.milliseconds(in: bytes) ?? settings.publishedAt(fileName, status)
    }
    guard let rank else { return arrive(fileName) }
    state.withLock { $0.park(fileName, rank: rank, until: $0.clock + 1000) }
  }

  /// Whether anybody has the file open for writing; nil where the kernel does not tell, or the file is gone.
  func hasWriter(_ fileName: String, in folder: SpoolFolder) -> Bool? {
    let answer = try? folders.with(folder) { directory throws(SystemCallError) in
      try directory.open(fileName).hasWriter()
    }
    return answer ?? nil
  }
}

extension SpoolName {
  /// Something under no name of a request that its writer may rename in a moment.
  static func mayBeUnfinished(_ name: UnsafeRawBufferPointer, _ kind: FileKind) -> Bool {
    (kind == .regular && isTemporary(name)) || name.first == UInt8(ascii: ".")
  }
}
