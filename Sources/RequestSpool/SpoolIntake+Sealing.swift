internal import CodeRequests
package import FoundationEssentials
internal import LinuxSystem

// On failure: where a step throws, the entry is still in flight and its file as it was, so the step can be called again or
// the entry released. A crash leaves the one file or the other, each whole; what was displaced lies in tmp/ then, under a
// name that is removed after the start.

extension SpoolIntake {
  /// Puts other bytes in the place of an entry's file: the same request, with nothing left in it that must not be kept.
  /// Written and fsynced before the two change places; the directory is not synced, see `syncQueue`. What was in the file
  /// is freed, not overwritten: most file systems would write elsewhere.
  ///
  /// - Throws: `.gone` where the file is not there any more, or another has taken its place, which is handed out in its
  ///   turn: the entry is no longer in flight, drop it.
  package func rewrite(_ entry: SpoolEntry, _ bytes: [UInt8]) throws(SpoolError) {
    let identity = state.withLock { $0.flights[entry.name]?.identity }
    let draft = SpoolFolders.asidePrefix + SpoolFolders.temporaryName()
    let displaced: (isOurs: Bool, identity: FileIdentity?)
    do throws(SystemCallError) {
      displaced = try folders.with(entry.folder) { directory throws(SystemCallError) in
        try folders.write(bytes, as: draft, in: folders.temporary)
        let status = try folders.temporary.fileStatus(of: draft)
        do throws(SystemCallError) {
          try folders.temporary.exchange(draft, with: entry.fileName, in: directory)
        } catch {
          _ = try? folders.temporary.remove(draft)
          throw error
        }
        let found = try folders.temporary.fileStatus(of: draft).map(FileIdentity.init)
        return (identity == nil || found == identity, status.map(FileIdentity.init))
      }
    } catch  where error.isNotFound {
      land(entry)
      throw SpoolError(.gone, "is not there any more", at: place(of: entry))
    } catch { throw SpoolError(error, at: place(of: entry)) }
    guard displaced.isOurs else {
      // The writer has put another file there meanwhile: that one stands, and what was read is the older version of it.
      try SpoolError.wrapping(place(of: entry)) { () throws(SystemCallError) in
        try folders.with(entry.folder) { directory throws(SystemCallError) in
          try folders.temporary.exchange(draft, with: entry.fileName, in: directory)
          try folders.temporary.remove(draft)
        }
      }
      land(entry, mayHaveSuccessor: true)
      throw SpoolError(.gone, "was replaced while it was read", at: place(of: entry))
    }
    FailPoint.requestSealed.pass()
    _ = try? folders.temporary.remove(draft)
    state.withLock { state in
      state.flights[entry.name]?.identity = displaced.identity
      if entry.folder == .new { state.rewritten.insert(entry.fileName) }
    }
  }

  /// Makes durable that files were rewritten.
  package func syncQueue() throws(SpoolError) {
    try SpoolError.wrapping(folders.path) { () throws(SystemCallError) in
      try folders.new.sync()
      try folders.deferred.sync()
    }
  }

  /// Removes what lies in `failed/` and `rejected/` and to which nothing has happened since `limit`.
  ///
  /// - Returns: how many; less than `max` where none is left.
  package func removeKept(before limit: Date, max: Int) throws(SpoolError) -> Int {
    var count = 0
    func remove(from directory: borrowing Directory) throws(SpoolError) {
      try SpoolError.wrapping(directory.path) { () throws(SystemCallError) in
        var old: [[UInt8]] = []
        try directory.forEachEntry(
          { (bytes, _) throws(SystemCallError) -> Bool in
            let name = Array(bytes)
            if let status = try directory.fileStatus(ofBytes: name),
              settings.publishedAt(String(decoding: bytes, as: UTF8.self), status) < limit.unixMilliseconds
            {
              old.append(name)
            }
            return count + old.count < max
          }, failing: { $0 })
        for name in old {
          var left = 256
          _ = try directory.removeTree(name, atMost: &left)
          count += 1
        }
      }
    }
    try remove(from: folders.failed)
    if count < max { try remove(from: folders.rejected) }
    return count
  }
}
