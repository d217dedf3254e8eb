package import FoundationEssentials
package import LinuxSystem

/// Follows a tenants file while the program runs.
///
/// `refresh` costs one `stat` while the file stays as it is, so that it can be called for every batch. On failure (the
/// file is broken, unreadable or gone) the last good directory stays in force and the failure is told once for each
/// content of the file; when the file is good again, that is told too.
///
/// A file that changed a moment ago is read again, and compared, until its times have settled (`FileFollower`).
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
    package static let fileSystem = fileSystem(.anybody)

    /// The file system, and whose file it may be.
    package static func fileSystem(_ trust: FileTrust) -> Access {
      Access(
        stamp: { FileStamp(path: $0) },
        bytes: { path throws(TenantFaults) in try TenantDirectory.bytes(of: path, trust: trust) })
    }
  }

  /// What is in force.
  package private(set) var directory: TenantDirectory

  private let path: String?
  private let access: Access
  private var follower: FileFollower
  /// What was read last, good or not; nil where nothing could be read.
  private var bytes: [UInt8]?

  /// Without a tenants file: one tenant for good.
  package init() {
    directory = .single
    path = nil
    access = .fileSystem
    follower = FileFollower(nil, now: 0)
  }

  /// Loads the file; at the start there is no last good one, so that a broken file is an error.
  package init(path: String, access: Access = .fileSystem, now: Date = Date()) throws(TenantFaults) {
    // The stamp is taken before the bytes: a change in between shows as another stamp at the next call.
    let stamp = access.stamp(path)
    let bytes = try access.bytes(path)
    directory = try TenantDirectory(json5: bytes, file: path)
    self.path = path
    self.access = access
    self.bytes = bytes
    follower = FileFollower(stamp, now: now.timeIntervalSince1970)
  }

  /// Looks at the file and takes what is new; nil where nothing is.
  package mutating func refresh(now: Date = Date()) -> Change? {
    guard let path else { return nil }
    guard follower.hasChanged(access.stamp(path), now: now.timeIntervalSince1970) else { return nil }
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
}
