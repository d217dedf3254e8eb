package import FoundationEssentials
package import CodeRequests
internal import LinuxSystem

// On failure: where a step throws, the entry is still in flight and its file where it was, so the step can be called
// again or the entry released. A reason may then lie in failed/ or rejected/ before its file; the next call writes
// both again.

/// A request file as it was read.
package struct RequestFile: Sendable {
  package var bytes: [UInt8]
  /// When it was put in the spool, as the kernel says: the change time of a file in `new/`, which no frontend sets; of a
  /// deferred one what its name keeps of that. Never later than when it was handed out.
  package let queuedAt: Date
  /// Another user of the machine wrote it, who may not do all that the spool's owner may.
  package let isForeign: Bool

  package init(bytes: [UInt8], queuedAt: Date, isForeign: Bool) {
    self.bytes = bytes
    self.queuedAt = queuedAt
    self.isForeign = isForeign
  }
}

extension SpoolIntake {
  /// Reads the file of an entry.
  ///
  /// - Throws: `.unacceptable` where it is no regular file of at most 64 KiB: `reject` it; `.gone` where it is
  ///   not there any more (cancelled) or not written to its end yet: it is no longer in flight, drop it.
  package func read(_ entry: SpoolEntry) throws(SpoolError) -> RequestFile {
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
          .unacceptable,
          "may not be read by the worker; make it the worker's user's, or with spoolGroup of mode 0640, and enqueue it again",
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
    let queuedAt = try note(entry, file.status, bytes)
    FailPoint.requestRead.pass()
    return RequestFile(bytes: bytes, queuedAt: queuedAt, isForeign: folders.isForeign(file.status.owner))
  }

  /// What was read is noted: whoever may write there can put another file under the same name while this one is in flight.
  /// And a file may be written in place: one that does not look whole is left alone for a second at a time while its writer
  /// has it open, until nothing has happened to it for five seconds. Where the kernel does not tell of writers, it is left
  /// alone for one second. An empty or truncated file that nobody writes is judged at once.
  ///
  /// - Returns: when it was put there.
  private func note(
    _ entry: SpoolEntry, _ status: FileStatus, _ bytes: [UInt8]
  ) throws(SpoolError) -> Date {
    let published = entry.folder == .new ? settings.publishedAt(entry.fileName, status) : nil
    let queuedAt = state.withLock { state -> Date in
      if let place = state.flights.index(forKey: entry.name) {
        state.flights.values[place].identity = FileIdentity(status)
        if folders.isForeign(status.owner) { state.flights.values[place].user = status.owner }
      }
      guard let published else { return entry.queuedAt }
      // The names of a frontend whose clock is behind hide how long the others have waited.
      if state.clock - published > settings.staleAfter.milliseconds, state.wasOldestFirst {
        state.sawStale = true
      }
      return Date(unixMilliseconds: min(published, state.clock))
    }
    let last = bytes.last { $0 != 0x20 && $0 != 0x0A && $0 != 0x0D && $0 != 0x09 }
    guard last != UInt8(ascii: "}"), let changed = published else { return queuedAt }
    let hasWriter = hasWriter(entry.fileName, in: .new)
    guard hasWriter != false else { return queuedAt }
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
    return queuedAt
  }

  func place(of entry: SpoolEntry) -> String {
    "\(folders.path)/\(entry.folder.rawValue)/\(entry.fileName)"
  }

  /// Ends an entry whose outcome is recorded: the file goes.
  ///
  /// A file that took its place under the same name meanwhile stays, and is handed out in its turn.
  ///
  /// - Returns: false where it was gone already.
  @discardableResult
  package func remove(_ entry: SpoolEntry) throws(SpoolError) -> Bool {
    let removal = try SpoolError.wrapping(place(of: entry)) { () throws(SystemCallError) in
      try removeFile(of: entry)
    }
    land(entry, mayHaveSuccessor: removal == .replaced)
    return removal == .removed
  }

  /// Between the look and the removal another file can take the place yet: Linux removes names, not files. That is a
  /// microsecond, and to use it somebody must replace his own file while its mail is being reported as sent.
  private func removeFile(of entry: SpoolEntry) throws(SystemCallError) -> Removal {
    guard try isInPlace(entry) else { return .replaced }
    return try folders.with(entry.folder) { directory throws(SystemCallError) in
      FailPoint.removalDue.pass()
      defer { FailPoint.fileRemoved.pass() }
      return try directory.remove(entry.fileName) ? .removed : .gone
    }
  }

  private enum Removal {
    case removed
    /// It was gone already.
    case gone
    /// Another file has taken its place, and stays.
    case replaced
  }

  /// False where another file than the one that was read stands under the name of an entry.
  private func isInPlace(_ entry: SpoolEntry) throws(SystemCallError) -> Bool {
    guard let identity = state.withLock({ $0.flights[entry.name]?.identity }) else { return true }
    let status = try folders.with(entry.folder) { directory throws(SystemCallError) in
      try directory.fileStatus(of: entry.fileName)
    }
    return status.map { FileIdentity($0) == identity } ?? true
  }

  /// Ends an entry whose outcome is recorded by renaming its file into `tmp/`, to be removed by `removeAside` when
  /// there is time: a rename is cheap on every disk, a removal is not. A file that took its place stays, as in `remove`.
  package func putAside(_ entry: SpoolEntry) throws(SpoolError) {
    var isInPlace = true
    do throws(SystemCallError) {
      isInPlace = try self.isInPlace(entry)
      if isInPlace {
        try folders.with(entry.folder) { directory throws(SystemCallError) in
          try directory.rename(
            entry.fileName, to: folders.temporary,
            as: SpoolFolders.asidePrefix + SpoolFolders.temporaryName())
          FailPoint.filePutAside.pass()
        }
      }
    } catch  where error.isNotFound {
    } catch { throw SpoolError(error, at: place(of: entry)) }
    land(entry, mayHaveSuccessor: !isInPlace)
  }

  /// Removes files that were put aside, by this process or by one that died.
  ///
  /// - Returns: how many; 0 where none is left.
  package func removeAside(max: Int) throws(SpoolError) -> Int {
    var names: [[UInt8]] = []
    try SpoolError.wrapping("\(folders.path)/tmp") { () throws(SystemCallError) in
      try folders.temporary.forEachEntry(
        { (bytes, _) throws(SystemCallError) -> Bool in
          if bytes.starts(with: SpoolFolders.asidePrefix.utf8) { names.append(Array(bytes)) }
          return names.count < max
        }, failing: { $0 })
      var left = 4 * max
      for name in names { _ = try folders.temporary.removeTree(name, atMost: &left) }
    }
    return names.count
  }

  /// Puts an entry off until a time.
  ///
  /// - Parameters:
  ///   - attempts: how often it has been tried so far.
  ///   - queuedAt: when it was put in the spool at first; nil: as the entry says.
  ///   - isPlain: its file holds what must not be kept, and is not.
  ///   - bytes: the request, with nothing in it that must not be kept: written where its file is not kept, or where another
  ///     has taken its place.
  /// - Returns: false where it was gone (cancelled).
  @discardableResult
  package func `defer`(
    _ entry: SpoolEntry, until due: Date, attempts: Int, queuedAt: Date? = nil, isPlain: Bool = false,
    bytes: () -> [UInt8]? = { nil }
  ) throws(SpoolError) -> Bool {
    // A rename changes the time that the kernel keeps, so the first one goes with the name.
    let fileName = SpoolName.deferred(
      entry.name, due: due.unixMilliseconds, attempts: attempts,
      queuedAt: (queuedAt ?? entry.queuedAt).unixMilliseconds)
    var isReplaced = false
    do throws(SystemCallError) {
      let isThere = try isInPlace(entry)
      if isPlain || !isThere, let bytes = bytes() {
        let file = try folders.with(entry.folder) { directory throws(SystemCallError) in
          try directory.fileStatus(of: entry.fileName)
        }
        if file == nil {
          land(entry)
          return false
        }
        try folders.write(bytes, as: fileName, in: folders.deferred)
        FailPoint.remainsWritten.pass()
        isReplaced = try removeFile(of: entry) == .replaced
      } else if isThere {
        try folders.with(entry.folder) { directory throws(SystemCallError) in
          try directory.rename(entry.fileName, to: folders.deferred, as: fileName)
        }
      } else {
        land(entry, mayHaveSuccessor: true)
        return false
      }
      FailPoint.deferralRenamed.pass()
    } catch  where error.isNotFound {
      land(entry)
      return false
    } catch {
      throw SpoolError(error, at: place(of: entry))
    }
    state.withLock { $0.waiting.insert(rank: SpoolName.due(in: fileName), name: fileName) }
    land(entry, mayHaveSuccessor: isReplaced)
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

  /// Ends an entry that is no request: `rejected/` keeps why, and what may be told of it.
  ///
  /// - Parameter outline: nil where nobody has looked into it.
  package func reject(
    _ entry: SpoolEntry, reason: String, telling outline: RequestOutline? = nil
  ) throws(SpoolError) {
    var isReplaced = false
    var target: String?
    do throws(SystemCallError) {
      let status = try folders.with(entry.folder) { directory throws(SystemCallError) in
        try directory.fileStatus(of: entry.fileName)
      }
      if let status {
        let name = try folders.freeName(for: entry.name)
        target = name
        try folders.keep(
          RequestOutline(id: outline?.id ?? entry.id, fields: outline?.fields ?? []),
          size: status.kind == .regular ? status.size : nil, reason: reason, as: name)
        if status.kind == .regular {
          isReplaced = try removeFile(of: entry) == .replaced
        } else {
          try folders.discard(Array(entry.fileName.utf8), from: entry.folder, status)
        }
        FailPoint.rejectionMoved.pass()
      }
    } catch {
      // The step may be called again, and must not leave two.
      if let target { folders.forget(target) }
      throw SpoolError(error, at: place(of: entry))
    }
    land(entry, mayHaveSuccessor: isReplaced)
  }

  func land(_ entry: SpoolEntry, mayHaveSuccessor: Bool = false) {
    let flight = state.withLock { $0.land(entry) }
    guard let flight, flight.arrivedAgain || mayHaveSuccessor else { return }
    // The kernel may have told of this one a second time, which has gone since.
    if (try? folders.new.fileStatus(of: entry.name)) ?? nil != nil {
      arrive(entry.name)
      nudge()
    }
  }
}
