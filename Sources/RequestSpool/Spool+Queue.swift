package import CodeRequests
package import FoundationEssentials
internal import LinuxSystem

/// A request file as `queue list` and `queue failed` show it.
package struct QueueItem: Hashable, Sendable {
  package enum State: String, Hashable, Sendable, CaseIterable {
    case queued, deferred, failed, rejected

    var folder: String { self == .queued ? "new" : rawValue }
  }

  package let state: State
  /// What it is called in its folder.
  package let fileName: String
  /// What it was called in `new/`.
  package let name: String
  /// The id in the name, or in the file where another program chose the name and the file can be read.
  package let id: RequestID?
  package fileprivate(set) var queuedAt: Date
  package let dueAt: Date?
  package let attempts: Int
  /// Why it failed or was rejected.
  package let reason: String?
}

/// The queue from outside: none of this holds the worker's lock, so each step is one rename or removal that
/// either wins over the worker's or finds the file gone.
///
/// On failure: an error of the directory is thrown, with what was moved before it left where it is; a file that is
/// gone was taken by the worker, which is no error but `false`. What cannot be read is listed without its id or
/// reason. Repeating a call does no harm.
extension Spool {
  /// Calls `body` with each entry of the given states, in no order, until it returns false. What comes or goes
  /// meanwhile may be told or not; what is no request file is passed over.
  package func forEachItem(
    _ states: [QueueItem.State] = [.queued, .deferred], _ body: (QueueItem) throws -> Bool
  ) throws {
    for state in states {
      var goOn = true
      try forEachFile(state) { name in
        guard let item = item(name, state) else { return true }
        goOn = try body(item)
        return goOn
      }
      if !goOn { return }
    }
  }

  /// The oldest entries of the given states, oldest first.
  package func items(
    _ states: [QueueItem.State] = [.queued, .deferred], limit: Int = 1000
  ) throws -> [QueueItem] {
    var items: [QueueItem] = []
    func cut(_ count: Int) {
      items.sort { ($0.queuedAt, $0.fileName) < ($1.queuedAt, $1.fileName) }
      items.removeLast(max(items.count - count, 0))
    }
    try forEachItem(states) { item in
      items.append(item)
      if items.count > limit * 2 + 1000 { cut(limit) }
      return true
    }
    cut(limit)
    return items.map(dated)
  }

  /// With the time at which the kernel says that it was put in the queue: that in its name only sorts.
  private func dated(_ item: QueueItem) -> QueueItem {
    guard item.state == .queued, let time = published(item.fileName, .queued) else { return item }
    var item = item
    item.queuedAt = Date(unixMilliseconds: time)
    return item
  }

  /// How many files lie in a state's folder, reasons not counted.
  package func count(_ state: QueueItem.State) throws -> Int {
    var count = 0
    try forEachFile(state) { _ in
      count += 1
      return true
    }
    return count
  }

  /// The entries of one request. Usually there is at most one; the same id may have been enqueued twice.
  package func items(
    of id: RequestID, in states: [QueueItem.State] = QueueItem.State.allCases
  ) throws -> [QueueItem] {
    var found: [QueueItem] = []
    for state in states {
      try forEachFile(state) { name in
        // A name of ours that does not carry the id needs no further look.
        if name.utf8.count < id.rawValue.utf8.count || name.contains(id.rawValue)
          || !Self.carriesID(name, state),
          let item = item(name, state), item.id == id
        {
          found.append(item)
        }
        return true
      }
    }
    return found
  }

  /// The ids that begin so, of entries in these states; each once.
  package func ids(
    beginningWith prefix: String, in states: [QueueItem.State] = QueueItem.State.allCases
  ) throws -> Set<RequestID> {
    var found: Set<RequestID> = []
    for state in states {
      try forEachFile(state) { name in
        let id: RequestID?
        if let own = SpoolName.id(in: Self.requestName(name, state)) {
          id = own
        } else {
          id = idInside(name, state)
        }
        if let id, id.rawValue.hasPrefix(prefix) { found.insert(id) }
        return true
      }
    }
    return found
  }

  /// What an entry asks for; nil where that cannot be read, or is not kept.
  package func request(of item: QueueItem) -> CodeRequest? {
    item.state == .rejected ? nil : request(in: item.fileName, item.state)
  }

  /// Removes entries that were set aside, with their reasons: those that were put there before `date`, or all.
  ///
  /// - Returns: how many are gone.
  package func purge(_ states: [QueueItem.State], before date: Date? = nil) throws -> Int {
    var count = 0
    for state in states where state == .failed || state == .rejected {
      for name in try names(state, before: date) {
        do throws(SystemCallError) {
          // The reason last: what a crash leaves is removed with the folder's old files.
          let wasThere = try with(state) { directory throws(SystemCallError) in
            let wasThere = try directory.remove(name)
            _ = try directory.remove(name + ".reason")
            return wasThere
          }
          if wasThere { count += 1 }
        } catch { throw SpoolError(error, at: "\(path)/\(state.folder)/\(name)") }
      }
    }
    return count
  }

  /// How many entries `purge` would remove.
  package func count(_ state: QueueItem.State, before date: Date?) throws -> Int {
    try names(state, before: date).count
  }

  private func names(_ state: QueueItem.State, before date: Date?) throws -> [String] {
    var names: [String] = []
    try forEachFile(state) { name in
      let isOld = date.map { limit in
        published(name, state).map { $0 < Int64(limit.timeIntervalSince1970 * 1000) } ?? false
      }
      if isOld ?? true { names.append(name) }
      return true
    }
    return names
  }

  /// Puts the deferred and failed entries of a request back into `new/`. A failed one counts as queued now: its old
  /// time would have it expire at once.
  ///
  /// - Returns: false where there were none, or the worker took them first.
  package func retry(_ id: RequestID, now: Date = Date()) throws -> Bool {
    var isMoved = false
    for item in try items(of: id, in: [.deferred, .failed]) {
      try Self.unlessGone(item, at: path) { () throws(SystemCallError) in
        let name = item.fileName
        if item.state == .deferred {
          try folders.deferred.rename(name, to: folders.new, as: item.name)
        } else {
          // The reason first: a worker that fails it again at once writes a new one.
          try folders.failed.remove(item.name + ".reason")
          let hasOurName = SpoolName.id(in: item.name) != nil
          try folders.failed.rename(
            name, to: folders.new, as: hasOurName ? SpoolName.name(of: id, queuedAt: now) : item.name)
        }
        isMoved = true
      }
    }
    if isMoved { try syncFolders() }
    return isMoved
  }

  /// Takes the waiting entries of a request out of the queue. A mail that a lane already has may still go out:
  /// the records decide that.
  ///
  /// - Returns: false where there were none, or the worker took them first.
  package func cancel(_ id: RequestID) throws -> Bool {
    var isRemoved = false
    for item in try items(of: id, in: [.queued, .deferred]) {
      try Self.unlessGone(item, at: path) { () throws(SystemCallError) in
        let folder: SpoolFolder = item.state == .queued ? .new : .deferred
        let wasThere = try folders.with(folder) { directory throws(SystemCallError) in
          try directory.remove(item.fileName)
        }
        if wasThere { isRemoved = true }
      }
    }
    if isRemoved { try syncFolders() }
    return isRemoved
  }

  /// A file that is gone was taken by the worker: no error.
  private static func unlessGone(
    _ item: QueueItem, at path: String, _ body: () throws(SystemCallError) -> Void
  ) throws(SpoolError) {
    do throws(SystemCallError) { try body() } catch  where error.isNotFound {
    } catch { throw SpoolError(error, at: "\(path)/\(item.state.folder)/\(item.fileName)") }
  }

  private func syncFolders() throws(SpoolError) {
    try SpoolError.wrapping(path) { () throws(SystemCallError) in
      try folders.new.sync()
      try folders.deferred.sync()
    }
  }

  /// Whether the name of an entry tells its id.
  private static func carriesID(_ fileName: String, _ state: QueueItem.State) -> Bool {
    SpoolName.id(in: requestName(fileName, state)) != nil
  }

  private static func requestName(_ fileName: String, _ state: QueueItem.State) -> String {
    guard state == .deferred else { return fileName }
    var fileName = fileName
    let name = fileName.withUTF8 { buffer in
      SpoolName.deferral(in: UnsafeRawBufferPointer(buffer)).map { String(decoding: $0.name, as: UTF8.self) }
    }
    return name ?? fileName
  }

  private func item(_ fileName: String, _ state: QueueItem.State) -> QueueItem? {
    var file = fileName
    let name = Self.requestName(fileName, state)
    let deferral = file.withUTF8 { buffer -> (due: Int64, attempts: Int, queued: Int64?)? in
      guard state == .deferred else { return nil }
      return SpoolName.deferral(in: UnsafeRawBufferPointer(buffer)).map { ($0.due, $0.attempts, $0.queued) }
    }
    var requestName = name
    let time = requestName.withUTF8 { SpoolName.milliseconds(in: UnsafeRawBufferPointer($0)) }
    guard let queued = deferral?.queued ?? time ?? published(fileName, state) else { return nil }
    return QueueItem(
      state: state, fileName: fileName, name: name, id: SpoolName.id(in: name) ?? idInside(fileName, state),
      queuedAt: Date(unixMilliseconds: queued), dueAt: deferral.map { Date(unixMilliseconds: $0.due) },
      attempts: deferral?.attempts ?? 0, reason: reason(fileName, state))
  }

  private func with<Result>(
    _ state: QueueItem.State, _ body: (borrowing Directory) throws(SystemCallError) -> Result
  ) throws(SystemCallError) -> Result {
    switch state {
    case .queued: try body(folders.new)
    case .deferred: try body(folders.deferred)
    case .failed: try body(folders.failed)
    case .rejected: try body(folders.rejected)
    }
  }

  private func published(_ fileName: String, _ state: QueueItem.State) -> Int64? {
    let status = try? with(state) { directory throws(SystemCallError) in
      try directory.fileStatus(of: fileName)
    }
    return (status ?? nil)?.changedMilliseconds
  }

  private func idInside(_ fileName: String, _ state: QueueItem.State) -> RequestID? {
    let file = try? with(state) { directory throws(SystemCallError) in
      try directory.readRegularFile(fileName, limit: CodeRequest.maximumSize)
    }
    guard let bytes = file?.bytes else { return nil }
    return state == .rejected ? RequestOutline(of: bytes).id : (try? CodeRequest(json: bytes))?.id
  }

  private func request(in fileName: String, _ state: QueueItem.State) -> CodeRequest? {
    let file = try? with(state) { directory throws(SystemCallError) in
      try directory.readRegularFile(fileName, limit: CodeRequest.maximumSize)
    }
    return (file?.bytes).flatMap { try? CodeRequest(json: $0) }
  }

  private func reason(_ fileName: String, _ state: QueueItem.State) -> String? {
    guard state == .failed || state == .rejected else { return nil }
    let file = try? with(state) { directory throws(SystemCallError) in
      try directory.readRegularFile(fileName + ".reason", limit: 65536)
    }
    guard let bytes = file?.bytes else { return nil }
    return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
  }

  private func forEachFile(_ state: QueueItem.State, _ body: (String) throws -> Bool) throws {
    func visit(_ directory: borrowing Directory) throws {
      try directory.forEachEntry(
        { (bytes, kind) throws -> Bool in
          guard kind == .regular else { return true }
          let name = String(decoding: bytes, as: UTF8.self)
          let isPassedOver =
            switch state {
            case .queued: SpoolName.fault(of: bytes, kind, in: .new) != nil
            case .deferred: SpoolName.fault(of: bytes, kind, in: .deferred) != nil
            case .failed, .rejected: name.hasSuffix(".reason")
            }
          if isPassedOver { return true }
          return try body(name)
        }, failing: { SpoolError($0, at: "\(path)/\(state.folder)") as any Error })
    }
    switch state {
    case .queued: try visit(folders.new)
    case .deferred: try visit(folders.deferred)
    case .failed: try visit(folders.failed)
    case .rejected: try visit(folders.rejected)
    }
  }
}
