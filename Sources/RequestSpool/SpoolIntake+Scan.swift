internal import CodeRequests
internal import FoundationEssentials
internal import LinuxSystem

// On failure: an error of a directory ends the scan and is thrown, and the next call scans again; what is no request
// is set aside, or where that fails left, told once and ignored; a name that went meanwhile is passed over.

extension SpoolIntake {
  /// Reads both directories. The lock is not held meanwhile: entries land while a million names
  /// are read.
  func scan(now: Date) throws(SpoolError) {
    try folders.checkPlace()
    let inFlight = state.withLock { state -> Int in
      // Given back before the scan takes the same again. Names that come in from here on stay.
      state.fresh = CandidateList(keepFirst: settings.capacity, keepLast: settings.minorCapacity)
      state.waiting = CandidateList(keepFirst: settings.capacity, keepLast: 0)
      state.landedDuringScan = []
      state.hasMoreStrays = false
      state.filesOfUsers = [:]
      state.rewritten = []
      return state.flights.count
    }
    // What is in flight is found, too, and must not take the room of what waits.
    let room = settings.capacity + inFlight
    let staleBefore =
      switch settings.order {
      case .oldestFirst: Int64.min
      case .newestFirst: Int64.max
      case .adaptive: now.unixMilliseconds - settings.staleAfter.milliseconds
      }
    var fresh = CandidateScan(
      capacity: room, minor: settings.minorCapacity + inFlight, staleBefore: staleBefore)
    try each(in: .new) { name, rank in fresh.add(rank: rank, name: name) }
    var waiting = CandidateScan(capacity: room, minor: 0, staleBefore: .min)
    try each(in: .deferred) { name, rank in waiting.add(rank: rank, name: name) }
    let lists = (fresh.finish(), waiting.finish())
    state.withLock { $0.install(fresh: lists.0, waiting: lists.1) }
  }

  /// Calls `body` with each request file and its rank; sets aside what is none.
  private func each(
    in folder: SpoolFolder, _ body: (UnsafeRawBufferPointer, Int64) -> Void
  ) throws(SpoolError) {
    let path = "\(folders.path)/\(folder.rawValue)"
    try folders.with(folder) { directory throws(SpoolError) in
      try directory.forEachEntry(
        { (bytes, kind) throws(SpoolError) -> Bool in
          if let rank = rank(of: bytes, kind, in: folder) {
            body(bytes, rank)
          }
          return true
        }, failing: { SpoolError($0, at: path) })
    }
  }

  /// The rank of a request file; nil for what is none, which is set aside, and for what went meanwhile.
  private func rank(of bytes: UnsafeRawBufferPointer, _ kind: FileKind, in folder: SpoolFolder) -> Int64? {
    if let fault = SpoolName.fault(of: bytes, kind, in: folder) {
      if folder == .new, SpoolName.mayBeUnfinished(bytes, kind) {
        noteTemporary(Array(bytes))
      } else {
        setAside(Array(bytes), in: folder, reason: fault)
      }
      return nil
    }
    if isShared, folder == .new, isBeyondMost(String(decoding: bytes, as: UTF8.self)) { return nil }
    return SpoolName.milliseconds(in: bytes)
      ?? published(String(decoding: bytes, as: UTF8.self), in: folder)
  }

  /// Counts a file in `new/` among those of the other user who put it there. One too many is set aside.
  private func isBeyondMost(_ fileName: String) -> Bool {
    guard let status = try? folders.new.fileStatus(of: fileName), folders.isForeign(status.owner) else {
      return false
    }
    let isBeyond = state.withLock { state in
      guard state.filesOfUsers[status.owner, default: 0] < settings.mostOfUser else { return true }
      state.filesOfUsers[status.owner, default: 0] += 1
      return false
    }
    if isBeyond {
      setAside(
        Array(fileName.utf8), in: .new,
        reason: "is one of more than \(settings.mostOfUser) files of the user \(status.owner) that wait")
    }
    return isBeyond
  }

  /// When a file was put there, in milliseconds; nil where there is none.
  func published(_ fileName: String, in folder: SpoolFolder) -> Int64? {
    let status = try? folders.with(folder) { directory throws(SystemCallError) in
      try directory.fileStatus(of: fileName)
    }
    return (status ?? nil).map { settings.publishedAt(fileName, $0) }
  }

  /// A name that inotify told, or one that was in flight when it came.
  func arrive(_ fileName: String) {
    var fileName = fileName
    var rank: Int64?
    let isAcceptable = fileName.withUTF8 { buffer -> Bool in
      let bytes = UnsafeRawBufferPointer(buffer)
      guard SpoolName.isAcceptable(bytes) else { return false }
      rank = SpoolName.milliseconds(in: bytes)
      return true
    }
    if rank == nil || !isAcceptable {
      let status = try? folders.new.fileStatus(of: fileName)
      // Gone again; or a name in no valid UTF-8, which the next scan sets aside byte by byte.
      guard let status = status ?? nil else { return }
      let fault = fileName.withUTF8 {
        SpoolName.fault(of: UnsafeRawBufferPointer($0), status.kind, in: .new)
      }
      if let fault {
        let isTemporary = fileName.withUTF8 {
          SpoolName.mayBeUnfinished(UnsafeRawBufferPointer($0), status.kind)
        }
        if isTemporary { return noteTemporary(Array(fileName.utf8)) }
        return setAside(Array(fileName.utf8), in: .new, reason: fault)
      }
      rank = settings.publishedAt(fileName, status)
    }
    guard let rank else { return }
    if isShared, isBeyondMost(fileName) { return }
    state.withLock { state in
      if state.flights[fileName] != nil {
        state.flights[fileName]?.arrivedAgain = true
      } else {
        state.fresh.insert(rank: rank, name: fileName)
      }
    }
  }

  /// Whether a request file lies in one of the directories, but for those that are ignored or stuck.
  func holdsRequests() throws(SpoolError) -> Bool {
    let (ignored, stuck) = state.withLock { state in
      (state.ignored, Set(state.parked.filter(\.isStuck).map { "\($0.folder.rawValue)/\($0.fileName)" }))
    }
    for folder in [SpoolFolder.new, .deferred] {
      let path = "\(folders.path)/\(folder.rawValue)"
      var found = false
      try folders.with(folder) { directory throws(SpoolError) in
        try directory.forEachEntry(
          { (bytes, kind) throws(SpoolError) -> Bool in
            guard SpoolName.fault(of: bytes, kind, in: folder) == nil else { return true }
            let name = folder == .new ? bytes : SpoolName.deferral(in: bytes)?.name ?? bytes
            let isIgnored = !ignored.isEmpty && ignored.contains(String(decoding: name, as: UTF8.self))
            let isStuck =
              !stuck.isEmpty
              && stuck.contains("\(folder.rawValue)/\(String(decoding: bytes, as: UTF8.self))")
            found = !isIgnored && !isStuck
            return !found
          }, failing: { SpoolError($0, at: path) })
      }
      if found { return true }
    }
    return false
  }
}

extension SpoolName {
  /// Why what stands under a name is no request file; nil where it is one.
  static func fault(of name: UnsafeRawBufferPointer, _ kind: FileKind, in folder: SpoolFolder) -> String? {
    if let fault = fault(of: kind) { return fault }
    switch folder {
    case .new:
      return isAcceptable(name)
        ? nil : "has a name other than [A-Za-z0-9_-][A-Za-z0-9._-]{0,127}.json, which a request needs"
    case .deferred:
      return deferral(in: name) != nil
        ? nil
        : "has a name other than <due milliseconds>.<attempt>-<queued milliseconds>.<name>.json; put requests into new/"
    }
  }

  /// Why something of this kind is no request file; nil where it may be one.
  static func fault(of kind: FileKind) -> String? {
    switch kind {
    case .regular: nil
    case .directory: "is a directory; a request is a regular file"
    case .link: "is a symbolic link, which is never followed; a request is a regular file"
    case .fifo: "is a FIFO, which is never opened; a request is a regular file"
    case .socket: "is a socket; a request is a regular file"
    case .device: "is a device; a request is a regular file"
    }
  }
}
