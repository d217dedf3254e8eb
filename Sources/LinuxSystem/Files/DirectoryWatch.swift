internal import CLinux
internal import Glibc

/// An inotify watch on directories, for files that are renamed or written into them.
package final class DirectoryWatch: Sendable {
  /// What the kernel told since the last call.
  package struct Changes: Sendable {
    /// Names that appeared by rename, with the watch they belong to.
    package var moved: [(watch: Int32, name: String)] = []
    /// Names whose file somebody closed who could write it. A process that has just been started holds, until it is
    /// its program, what its parent had open: it may close a file long after that was renamed here, and even after it
    /// went again, so what stands under the name is to be looked for.
    package var written: [(watch: Int32, name: String)] = []
    /// Names that were made here: by `link`, or by somebody who goes on to write. Only where that is watched for.
    package var made: [(watch: Int32, name: String)] = []
    /// The kernel's queue overflowed or a directory went away: names may be missing, so read the directory.
    package var isIncomplete = false
  }

  private let queue: FileDescriptor

  package init() throws(SystemCallError) {
    queue = FileDescriptor(
      owning: try systemCall("inotify_init1") {
        inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
      })
  }

  /// Becomes readable when something happened.
  package var pollDescriptor: Int32 { queue.rawValue }

  /// Watches `path` for names that arrive by rename or by a finished write.
  ///
  /// - Parameter tellsMade: also for those that are made there, such as by `link`, which no write follows.
  /// - Returns: the watch that each of the `Changes` will carry.
  @discardableResult
  package func add(_ path: String, tellsMade: Bool = false) throws(SystemCallError) -> Int32 {
    var mask = UInt32(IN_MOVED_TO) | UInt32(IN_CLOSE_WRITE) | UInt32(IN_DELETE_SELF) | UInt32(IN_ONLYDIR)
    if tellsMade { mask |= UInt32(IN_CREATE) }
    return try systemCall("inotify_add_watch", path) { inotify_add_watch(queue.rawValue, path, mask) }
  }

  /// Reads what has happened, without waiting.
  package func changes() throws(SystemCallError) -> Changes {
    var changes = Changes()
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65536, alignment: 8)
    defer { buffer.deallocate() }
    let header = MemoryLayout<inotify_event>.size
    while true {
      let count: Int
      do throws(SystemCallError) { count = try queue.read(into: buffer) } catch
        where error.number == .wouldBlock
      {
        return changes
      }
      var offset = 0
      while offset + header <= count {
        let event = buffer.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
        let flags = event.mask
        if flags & UInt32(IN_Q_OVERFLOW) != 0 || flags & UInt32(IN_DELETE_SELF) != 0
          || flags & UInt32(IN_IGNORED) != 0
        {
          changes.isIncomplete = true
        } else if event.len > 0 {
          let name = UnsafeRawBufferPointer(rebasing: buffer[(offset + header)..<count])
            .prefix(Int(event.len)).prefix { $0 != 0 }
          let told = (event.wd, String(decoding: name, as: UTF8.self))
          if flags & UInt32(IN_CREATE) != 0 {
            changes.made.append(told)
          } else if flags & UInt32(IN_MOVED_TO) != 0 {
            changes.moved.append(told)
          } else {
            changes.written.append(told)
          }
        }
        offset += header + Int(event.len)
      }
    }
  }
}
