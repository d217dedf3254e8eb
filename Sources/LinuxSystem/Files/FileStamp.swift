/// What the kernel says about a file that changes when its content does: two that are equal mean that nothing has
/// happened to it. The one answer to "has it changed since" for all that is followed on disk.
package struct FileStamp: Hashable, Sendable {
  package var device: UInt64
  package var inode: UInt64
  package var size: Int64
  /// Nanoseconds since 1970; can be set back by whoever writes the file.
  package var modified: Int64
  /// Nanoseconds since 1970; the kernel's own, moves with every writing, renaming and change of owner or mode.
  package var changed: Int64

  package init(device: UInt64, inode: UInt64, size: Int64, modified: Int64, changed: Int64) {
    self.device = device
    self.inode = inode
    self.size = size
    self.modified = modified
    self.changed = changed
  }

  package init(_ status: FileStatus) {
    self.init(
      device: status.device, inode: status.inode, size: status.size, modified: status.modified,
      changed: status.changed)
  }

  /// Nil where there is no such file. Links are followed: what they lead to is what is read, and a container's mount
  /// swaps a link to the directory of all its files.
  package init?(path: String) {
    guard let status = try? FileStatus.following(path) else { return nil }
    self.init(status)
  }

  /// Two writings less than this apart may carry the same times: ext4 stamps by the tick (4 ms), some network file
  /// systems by the second.
  private static let settlingTime = 2.0

  /// Whether a writing after this stamp was taken would show in the next one.
  ///
  /// - Parameter now: seconds since 1970.
  package func isSettled(at now: Double) -> Bool { abs(now - Double(changed) / 1e9) >= Self.settlingTime }
}

/// Follows one file by its stamps.
///
/// The race: a file may be written twice within one tick of the file system's clock, and the second writing leaves the
/// same size and times. So a file that changed a moment ago counts as changed until its times have settled.
package struct FileFollower: Sendable {
  private var stamp: FileStamp?
  private var isSettled: Bool

  /// - Parameters:
  ///   - stamp: taken before the file is read, so that a change in between shows as another stamp at the next look.
  ///   - now: seconds since 1970.
  package init(_ stamp: FileStamp?, now: Double) {
    self.stamp = stamp
    isSettled = stamp?.isSettled(at: now) ?? true
  }

  /// Whether the file may hold something else than at the last look.
  package mutating func hasChanged(_ stamp: FileStamp?, now: Double) -> Bool {
    if stamp == self.stamp, isSettled { return false }
    self = FileFollower(stamp, now: now)
    return true
  }
}

/// What a whole directory looks like: changes whenever a file in it is written, renamed, added or removed.
package struct DirectoryStamp: Hashable, Sendable {
  private var hash: Int

  /// - Parameters:
  ///   - depth: folders within folders that are looked into.
  ///   - isIgnored: names that do not count.
  package init(_ path: String, depth: Int = 8, isIgnored: (String) -> Bool) {
    var hasher = Hasher()
    Self.add(path, depth, isIgnored, to: &hasher)
    hash = hasher.finalize()
  }

  private static func add(
    _ path: String, _ depth: Int, _ isIgnored: (String) -> Bool, to hasher: inout Hasher
  ) {
    guard depth > 0, let names = try? Directory(path).names() else { return hasher.combine(path) }
    for name in names where !isIgnored(name) {
      let entry = "\(path)/\(name)"
      hasher.combine(entry)
      guard let status = try? FileStatus.following(entry) else { continue }
      if status.kind == .directory {
        add(entry, depth - 1, isIgnored, to: &hasher)
      } else {
        hasher.combine(FileStamp(status))
      }
    }
  }
}
