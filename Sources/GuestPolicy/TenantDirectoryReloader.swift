package import FoundationEssentials
internal import Glibc

/// Follows a tenants file while the program runs.
///
/// `refresh` costs one `stat` while the file stays as it is, so that it can be called for every batch. On failure (the
/// file is broken, unreadable or gone) the last good directory stays in force and the failure is told once for each
/// content of the file; when the file is good again, that is told too.
///
/// The race: a file may be written twice within one tick of the file system's clock, and the second writing leaves the
/// same size and times. A file that changed a moment ago is therefore read again, and compared, until its times have
/// settled.
package struct TenantDirectoryReloader: Sendable {
  /// What became of a change.
  package enum Change: Hashable, Sendable {
    case reloaded
    /// The last good directory stays in force.
    case broken(TenantFaults)
  }

  /// How the file is looked at; replaced in tests.
  package struct Access: Sendable {
    package var stamp: @Sendable (String) -> FileStamp?
    package var bytes: @Sendable (String) throws(TenantFaults) -> [UInt8]

    package init(
      stamp: @escaping @Sendable (String) -> FileStamp?,
      bytes: @escaping @Sendable (String) throws(TenantFaults) -> [UInt8]
    ) {
      self.stamp = stamp
      self.bytes = bytes
    }

    /// The file system.
    package static let fileSystem = Access(stamp: { FileStamp(path: $0) }, bytes: TenantDirectory.bytes(of:))
  }

  /// Two writings less than this apart may carry the same times: ext4 stamps by the tick (4 ms), some network file
  /// systems by the second.
  private static let settlingTime: TimeInterval = 2

  /// What is in force.
  package private(set) var directory: TenantDirectory

  private let path: String?
  private let access: Access
  private var stamp: FileStamp?
  private var isSettled = true
  /// What was read last, good or not; nil where nothing could be read.
  private var bytes: [UInt8]?

  /// Without a tenants file: one tenant for good.
  package init() {
    directory = .single
    path = nil
    access = .fileSystem
  }

  /// Loads the file; at the start there is no last good one, so that a broken file is an error.
  package init(path: String, access: Access = .fileSystem, now: Date = Date()) throws(TenantFaults) {
    // The stamp is taken before the bytes: a change in between shows as another stamp at the next call.
    let stamp = access.stamp(path)
    let bytes = try access.bytes(path)
    directory = try TenantDirectory(json5: bytes, file: path)
    self.path = path
    self.access = access
    self.stamp = stamp
    self.bytes = bytes
    isSettled = Self.isSettled(stamp, at: now)
  }

  /// Looks at the file and takes what is new; nil where nothing is.
  package mutating func refresh(now: Date = Date()) -> Change? {
    guard let path else { return nil }
    let stamp = access.stamp(path)
    if stamp == self.stamp, isSettled { return nil }
    self.stamp = stamp
    isSettled = Self.isSettled(stamp, at: now)
    return load(path)
  }

  private mutating func load(_ path: String) -> Change? {
    let hadBytes = bytes != nil
    let read: [UInt8]
    do { read = try access.bytes(path) } catch {
      bytes = nil
      return hadBytes ? .broken(error) : nil
    }
    if read == bytes { return nil }
    bytes = read
    do {
      directory = try TenantDirectory(json5: read, file: path)
      return .reloaded
    } catch { return .broken(error) }
  }

  private static func isSettled(_ stamp: FileStamp?, at now: Date) -> Bool {
    guard let stamp else { return true }
    return abs(now.timeIntervalSince1970 - Double(stamp.changed) / 1e9) >= settlingTime
  }
}

/// What `stat` says about a file that changes when its content does.
package struct FileStamp: Hashable, Sendable {
  package var device: UInt64
  package var inode: UInt64
  package var size: Int64
  /// Nanoseconds since 1970; can be set back by whoever writes the file.
  package var modified: Int64
  /// Nanoseconds since 1970; the kernel's own, moves with every writing, renaming and change of mode.
  package var changed: Int64

  package init(device: UInt64, inode: UInt64, size: Int64, modified: Int64, changed: Int64) {
    self.device = device
    self.inode = inode
    self.size = size
    self.modified = modified
    self.changed = changed
  }

  /// Nil where there is no such file. Links are followed: what they lead to is what is read.
  /// The corresponding C function is `stat`.
  package init?(path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.init(
      device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: Int64(status.st_size),
      modified: Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec),
      changed: Int64(status.st_ctim.tv_sec) * 1_000_000_000 + Int64(status.st_ctim.tv_nsec))
  }
}
