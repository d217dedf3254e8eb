internal import CodeRequests
internal import FoundationEssentials
internal import LinuxSystem

// What lies in the queue and is no request file, by its name or kind. A scan only notes it; it is set aside a few at a time
// between what is handed out, so that thousands of such files hold up nobody.
//
// On failure: what cannot be moved is left, told once, and ignored. Beyond the most that are remembered they are found by
// the next scan.

/// Something that is to be set aside.
struct Stray: Hashable, Sendable {
  let name: [UInt8]
  let folder: SpoolFolder
  let reason: String
}

extension IntakeState {
  /// Remembers one, once, where there is room.
  mutating func note(_ stray: Stray, atMost count: Int) {
    guard strays.count < count else { return hasMoreStrays = true }
    guard !ignored.contains(SpoolName.printable(stray.name)), strayNames.insert(stray.name).inserted else {
      return
    }
    strays.append(stray)
  }

  /// Takes those that have waited longest.
  mutating func takeStrays(_ count: Int) -> [Stray] {
    guard !strays.isEmpty else { return [] }
    let taken = Array(strays.prefix(count))
    strays.removeFirst(taken.count)
    for stray in taken { strayNames.remove(stray.name) }
    return taken
  }
}

extension SpoolIntake {
  /// So many are set aside in a turn that hands out requests, and in one that does not.
  static let straysBeside = 16
  static let straysAlone = 64

  func setAside(_ name: [UInt8], in folder: SpoolFolder, reason: String) {
    state.withLock {
      $0.note(Stray(name: name, folder: folder, reason: reason), atMost: settings.mostStrays)
    }
  }

  /// Sets some aside.
  ///
  /// - Returns: true where more wait.
  func endStrays(_ count: Int) -> Bool {
    for stray in state.withLock({ $0.takeStrays(count) }) { end(stray) }
    return state.withLock { !$0.strays.isEmpty || $0.hasMoreStrays }
  }

  private func end(_ stray: Stray) {
    let shown = SpoolName.printable(stray.name)
    var target: String?
    do throws(SystemCallError) {
      let status = try folders.with(stray.folder) { directory throws(SystemCallError) in
        try directory.fileStatus(ofBytes: stray.name)
      }
      guard let status else { return }
      let name = try folders.freeName(for: shown)
      target = name
      try folders.keep(
        RequestOutline(id: nil, fields: []), size: status.kind == .regular ? status.size : nil,
        reason: stray.reason, as: name)
      try folders.discard(stray.name, from: stray.folder, status)
      FailPoint.rejectionMoved.pass()
      report(.setAside(name: name, reason: stray.reason))
    } catch {
      if let target { folders.forget(target) }
      state.withLock { $0.ignore(shown) }
      report(
        .leftBehind(
          name: shown,
          error: SpoolError(error, at: "\(folders.path)/\(stray.folder.rawValue)/\(shown)")))
    }
  }
}
