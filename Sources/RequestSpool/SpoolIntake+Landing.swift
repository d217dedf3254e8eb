package import FoundationEssentials
internal import CodeRequests
internal import LinuxSystem

// On failure: where a step throws, the entry is still in flight and its file where it was, so the step can be called
// again or the entry released. A reason may then lie in failed/ or rejected/ before its file; the next call writes
// both again.

extension SpoolIntake {
  /// The bytes of an entry.
  ///
  /// - Throws: `.unacceptable` where it is no regular file of at most 64 KiB: `reject` it; `.gone` where it is
  ///   not there any more (cancelled) or not written to its end yet: it is no longer in flight, drop it.
  package func read(_ entry: SpoolEntry) throws(SpoolError) -> [UInt8] {
    let file: (status: FileStatus, bytes: [UInt8]?)
    do throws(SystemCallError) {
      file = try folders.with(entry.folder) { directory throws(SystemCallError) in
        try directory.readRegularFile(entry.fileName, limit: CodeRequest.maximumSize)
      }
    } catch {
      switch error.number {
      case .notFound:
        land(entry)
        throw SpoolError(.gone, "is not there any more", at: place(of: entry))
      case .permissionDenied, .notPermitted:
        throw SpoolError(
          .unacceptable, "may not be read by the worker; correct owner or mode, then move it into new/ again",
          at: place(of: entry))
      case .isLink:
        throw SpoolError(.unacceptable, "is a symbolic link, which is never followed", at: place(of: entry))
      case .noSuchDevice:
        throw SpoolError(
          .unacceptable, "is a socket or a device; a request is a regular file", at: place(of: entry))
      default: throw SpoolError(error, at: place(of: entry))
      }
    }
    guard let bytes = file.bytes else {
      throw SpoolError(
        .unacceptable,
        SpoolName.fault(of: file.status.kind)
          ?? "has \(file.status.size) bytes; a request has at most \(CodeRequest.maximumSize)",
        at: place(of: entry))
    }
    try note(entry, file.status, bytes)
    FailPoint.requestRead.pass()
    return bytes
  }

  /// A name that another program chose may be used twice: what was read is noted. And the file may be written in
  /// place: one that does not look whole is left alone for a second at a time while its writer has it open, until nothing
  /// has happened to it for five seconds. Where the kernel does not tell of writers, it is left alone for one second. An
  /// empty or truncated file that nobody writes is judged at once.
  private func note(
    _ entry: SpoolEntry, _ status: FileStatus, _ bytes: [UInt8]
  ) throws(SpoolError) {
    if !entry.hasID {
      state.withLock { state in
        if state.flights[entry.name] != nil { state.identities[entry.name] = FileIdentity(status) }
      }
    }
    let last = bytes.last { $0 != 0x20 && $0 != 0x0A && $0 != 0x0D && $0 != 0x09 }
    guard last != UInt8(ascii: "}"), entry.folder == .new else { return }
    let hasWriter = hasWriter(entry.fileName, in: .new)
    guard hasWriter != false else { return }
    let changed = settings.publishedAt(entry.fileName, status)
    let isParked = state.withLock { state -> Bool in
      guard let flight = state.flights[entry.name] else { return false }
      let age = flight.handedOut - changed
      guard hasWriter == true ? age < 5000 : (0..<1000).contains(age) else { return false }
      return state.park(entry, until: flight.handedOut + 1000, isStuck: false)
    }
    if isParked {
      land(entry)
      throw SpoolError(.gone, "is not written to its end yet", at: place(of: entry))
    }
  }

  private func place(of entry: SpoolEntry) -> String {
    "\(folders.path)/\(entry.folder.rawValue)/\(entry.fileName)"
  }

  /// Ends an entry whose outcome is recorded: the file goes.
  ///
  /// A file that took its place under the same name meanwhile stays, and is handed out in its turn.
  ///
  /// - Returns: false where it was gone already.
  @discardableResult
  package func remove(_ entry: SpoolEntry) throws(SpoolError) -> Bool {
    let identity = state.withLock { $0.identities[entry.name] }
    let isRemoved = try SpoolError.wrapping(place(of: entry)) { () throws(SystemCallError) in
      try folders.with(entry.folder) { directory throws(SystemCallError) in
        if let identity, let status = try directory.fileStatus(of: entry.fileName),
          FileIdentity(status) != identity
        {
          return false
        }
        FailPoint.removalDue.pass()
        defer { FailPoint.fileRemoved.pass() }
        return try directory.remove(entry.fileName)
      }
    }
    land(entry, mayHaveSuccessor: identity != nil && !isRemoved)
    return isRemoved
  }

  /// Ends an entry whose outcome is recorded by renaming its file into `tmp/`, to be removed by `removeAside` when
  /// there is time: a rename is cheap on every disk, a removal is not. Only for names that carry an id; nobody puts
  /// another file in the place of such a one.
  package func putAside(_ entry: SpoolEntry) throws(SpoolError) {
    do throws(SystemCallError) {
      try folders.with(entry.folder) { directory throws(SystemCallError) in
        try directory.rename(
          entry.fileName, to: folders.temporary, as: SpoolFolders.asidePrefix + SpoolFolders.temporaryName())
        FailPoint.filePutAside.pass()
      }
    } catch  where error.isNotFound {
    } catch { throw SpoolError(error, at: place(of: entry)) }
    land(entry)
  }

  /// Removes files that were put aside, by this process or by one that died.
  ///
  /// - Returns: how many; 0 where none is left.
  package func removeAside(max: Int) throws(SpoolError) -> Int {
    var names: [String] = []
    try SpoolError.wrapping("\(folders.path)/tmp") { () throws(SystemCallError) in
      try folders.temporary.forEachEntry(
        { (bytes, _) throws(SystemCallError) -> Bool in
          if bytes.starts(with: SpoolFolders.asidePrefix.utf8) {
            names.append(String(decoding: bytes, as: UTF8.self))
          }
          return names.count < max
        }, failing: { $0 })
      for name in names { try folders.temporary.remove(name) }
    }
    return names.count
  }

  /// Puts an entry off until a time.
  ///
  /// - Parameters:
  ///   - attempts: how often it has been tried so far.
  ///   - queuedAt: when it was put in the spool at first; nil: as the entry says.
  /// - Returns: false where it was gone (cancelled).
  @discardableResult
  package func `defer`(
    _ entry: SpoolEntry, until due: Date, attempts: Int, queuedAt: Date? = nil
  ) throws(SpoolError) -> Bool {
    // A rename changes the time that the kernel keeps, so the first one goes with the name.
    let fileName = SpoolName.deferred(
      entry.name, due: due.unixMilliseconds, attempts: attempts,
      queuedAt: (queuedAt ?? entry.queuedAt).unixMilliseconds)
    do throws(SystemCallError) {
      try folders.with(entry.folder) { directory throws(SystemCallError) in
        try directory.rename(entry.fileName, to: folders.deferred, as: fileName)
        FailPoint.deferralRenamed.pass()
      }
    } catch  where error.isNotFound {
      land(entry)
      return false
    } catch {
      throw SpoolError(error, at: place(of: entry))
    }
    state.withLock { $0.waiting.insert(rank: SpoolName.due(in: fileName), name: fileName) }
    land(entry)
    nudge()
    return true
  }

  /// Puts an entry back untouched: it is handed out again in its turn.
  package func release(_ entry: SpoolEntry) {
    state.withLock { state in
      guard let flight = state.flights[entry.name] else { return }
      state.insert(rank: flight.rank, fileName: entry.fileName, in: entry.folder)
    }
    land(entry)
    nudge()
  }

  /// Leaves an entry alone until a time: what is wrong with its file may be mended meanwhile, and nobody else waits.
  /// Where thousands are left alone already it is released instead.
  ///
  /// - Returns: false where it was released.
  @discardableResult
  package func postpone(_ entry: SpoolEntry, until due: Date) -> Bool {
    guard state.withLock({ $0.park(entry, until: due.unixMilliseconds, isStuck: true) }) else {
      release(entry)
      return false
    }
    land(entry)
    return true
  }

  /// Leaves an entry in `failed/` with its reason.
  ///
  /// - Parameter bytes: what is kept of it, which must hold no plaintext code; nil keeps its id alone, so that it is
  ///   still listed.
  package func fail(_ entry: SpoolEntry, reason: String, keeping bytes: [UInt8]?) throws(SpoolError) {
    try SpoolError.wrapping("\(folders.path)/failed") { () throws(SystemCallError) in
      try folders.write(Array((reason + "\n").utf8), as: entry.name + ".reason", in: folders.failed)
      FailPoint.reasonWritten.pass()
      let kept = bytes ?? Array("{\"id\":\"\(entry.id?.rawValue ?? "")\"}\n".utf8)
      try folders.write(kept, as: entry.name, in: folders.failed)
      FailPoint.remainsWritten.pass()
    }
    try remove(entry)
  }

  /// Moves an entry that is no request to `rejected/` with its reason.
  ///
  /// - Parameter bytes: kept in its place, where it may hold a plaintext code; nil moves the file as it is.
  package func reject(_ entry: SpoolEntry, reason: String, keeping bytes: [UInt8]? = nil) throws(SpoolError) {
    if let bytes {
      try SpoolError.wrapping("\(folders.path)/rejected") { () throws(SystemCallError) in
        try folders.write(Array((reason + "\n").utf8), as: entry.name + ".reason", in: folders.rejected)
        FailPoint.reasonWritten.pass()
        try folders.write(bytes, as: entry.name, in: folders.rejected)
        FailPoint.remainsWritten.pass()
      }
      try remove(entry)
      return
    }
    do throws(SystemCallError) {
      _ = try folders.setAside(Array(entry.fileName.utf8), as: entry.name, from: entry.folder, reason: reason)
    } catch {
      throw SpoolError(error, at: place(of: entry))
    }
    land(entry)
  }

  private func land(_ entry: SpoolEntry, mayHaveSuccessor: Bool = false) {
    let flight = state.withLock { $0.land(entry) }
    if let flight, flight.arrivedAgain || mayHaveSuccessor {
      arrive(entry.name)
      nudge()
    }
  }

  /// Moves what is no request out of the way, or ignores it from now on.
  func setAside(_ name: [UInt8], in folder: SpoolFolder, reason: String) {
    let shown = SpoolName.printable(name)
    guard !state.withLock({ $0.ignored.contains(shown) }) else { return }
    do throws(SystemCallError) {
      if let target = try folders.setAside(name, as: shown, from: folder, reason: reason) {
        report(.setAside(name: target, reason: reason))
      }
    } catch {
      state.withLock { $0.ignore(shown) }
      report(
        .leftBehind(
          name: shown, error: SpoolError(error, at: "\(folders.path)/\(folder.rawValue)/\(shown)")))
    }
  }
}
