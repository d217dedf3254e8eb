public import FoundationEssentials
internal import LinuxSystem

/// The keys of one installation, in `<state>/keys`.
///
/// - `1.key`, `2.key`, …: keys for passcodes and sealed codes, the highest being the current one. Records name
///   the version they were made with, so codes outlive a rotation.
/// - `address.key`: the key that addresses are hashed with. It is not rotated: limits and locks find a subject
///   by that hash.
///
/// On failure nothing is made up: a file that is damaged, exposed to others or missing is an error that names it.
/// Only a directory without any key at all gets its first keys, by one process at a time.
public final class Keyring: Sendable {
  /// A key as `keys list` shows it.
  public struct Entry: Hashable, Sendable {
    /// 1, 2, 3, …
    public let version: Int
    /// When it was made.
    public let created: Date
    /// True for the key that new passcodes are made with.
    public let isCurrent: Bool
  }

  private struct Held {
    var keys: [Int: (key: Key, created: Date)]
    var current: Int
  }

  /// The directory, as given.
  public let directory: String
  package let address: Key
  private let held: Monitor<Held>

  /// Opens the keys in `directory`, making the directory (mode 0700) and the first keys where there are none.
  ///
  /// - Throws: a `KeyFault` that names the file and what to do.
  public convenience init(directory: String) throws(KeyFault) {
    try self.init(directory: directory, now: Date())
  }

  package init(directory path: String, now: Date) throws(KeyFault) {
    directory = path
    let directory = try Self.open(path)
    if try Self.versions(in: directory).isEmpty { try Self.makeFirst(in: directory, now: now) }
    guard let file = try KeyFile.read(Self.addressName, in: directory) else {
      throw KeyFault(
        .missing, "\(path)/\(Self.addressName).key",
        "is missing while other keys are there; restore it from a backup, limits and locks are found by it")
    }
    address = Key(version: 0, secret: file.secret)
    held = Monitor(try Self.load(directory))
  }

  /// The key that new passcodes are made with.
  package var current: Key { held.withLock { $0.keys[$0.current]!.key } }

  /// The key of a version; looks into the directory again where it is not known yet.
  package func key(version: Int) throws(KeyFault) -> Key {
    if let key = held.withLock({ $0.keys[version]?.key }) { return key }
    try reload()
    if let key = held.withLock({ $0.keys[version]?.key }) { return key }
    throw KeyFault(
      .missing, "\(directory)/\(version).key",
      "is missing, and there are codes made with it; restore it from a backup")
  }

  /// Takes in keys that another process has added or removed.
  package func reload() throws(KeyFault) {
    let fresh = try Self.load(Self.open(directory))
    held.withLock { $0 = fresh }
  }

  /// All keys, the oldest first.
  public var entries: [Entry] {
    held.withLock { held in
      held.keys.values.sorted { $0.key.version < $1.key.version }.map {
        Entry(version: $0.key.version, created: $0.created, isCurrent: $0.key.version == held.current)
      }
    }
  }

  /// Adds a key and makes it the current one. Codes made with the others stay valid.
  @discardableResult
  public func rotate(now: Date = Date()) throws(KeyFault) -> Entry {
    let directory = try Self.open(directory)
    let lock = try Self.lock(directory)
    defer { withExtendedLifetime(lock) {} }
    let version = (try Self.versions(in: directory).max() ?? 0) + 1
    try Self.publish(KeyFile.fresh(named: String(version), now: now), in: directory)
    try reload()
    return Entry(version: version, created: now, isCurrent: true)
  }

  /// Deletes a retired key. The caller has made sure that no record needs it; the current one is never deleted.
  package func delete(version: Int) throws(KeyFault) {
    let directory = try Self.open(directory)
    let lock = try Self.lock(directory)
    defer { withExtendedLifetime(lock) {} }
    guard let newest = try Self.versions(in: directory).max(), version < newest else { return }
    try Self.attempt(directory.path) { () throws(SystemCallError) in
      try directory.remove("\(version).key")
      try directory.sync()
    }
    try reload()
  }
}

extension Keyring {
  private static let addressName = "address"

  private static func open(_ path: String) throws(KeyFault) -> Directory {
    let directory = try attempt(path) { () throws(SystemCallError) in try Directory.make(path, mode: 0o700) }
    let mode = try attempt(path) { () throws(SystemCallError) in try directory.descriptor.status().mode }
    // Who may write here could put a key of his own in place.
    guard mode & 0o022 == 0 else {
      throw KeyFault(
        .exposed, path, "has mode \(octal(mode)); others may write to it. Run: chmod 700 \(path)")
    }
    return directory
  }

  private static func attempt<Result: ~Copyable>(
    _ path: String, _ body: () throws(SystemCallError) -> Result
  ) throws(KeyFault) -> Result {
    do throws(SystemCallError) { return try body() } catch {
      throw KeyFault(
        .system, path, "cannot be used (\(error)); check that this user owns it and that it is writable")
    }
  }

  private static func lock(_ directory: borrowing Directory) throws(KeyFault) -> FileLock {
    let path = "\(directory.path)/lock"
    return try attempt(path) { () throws(SystemCallError) in try FileLock.lock(path) }
  }

  private static func versions(in directory: borrowing Directory) throws(KeyFault) -> [Int] {
    do {
      return try directory.names().compactMap { name in
        guard name.hasSuffix(".key"), let version = Int(name.dropLast(4)), version > 0 else { return nil }
        return version
      }
    } catch { throw KeyFault(.system, directory.path, "cannot be listed (\(error))") }
  }

  /// Two processes may come here at once: the lock lets one make the keys, the other finds them. The address key
  /// goes first, so that where a version is seen, all is there.
  private static func makeFirst(in directory: borrowing Directory, now: Date) throws(KeyFault) {
    let lock = try lock(directory)
    defer { withExtendedLifetime(lock) {} }
    guard try versions(in: directory).isEmpty else { return }
    if try KeyFile.read(addressName, in: directory) == nil {
      try publish(KeyFile.fresh(named: addressName, now: now), in: directory)
    }
    try publish(KeyFile.fresh(named: "1", now: now), in: directory)
  }

  private static func publish(_ file: KeyFile, in directory: borrowing Directory) throws(KeyFault) {
    // A leftover of a process that died here: the lock is ours, so nobody else is writing it.
    let temporary = ".\(file.name).new"
    try attempt(directory.path) { () throws(SystemCallError) in
      try directory.remove(temporary)
      try directory.publish(
        file.bytes, as: "\(file.name).key", mode: 0o600, through: directory, named: temporary)
      FailPoint.keyPublished.pass()
    }
  }

  private static func load(_ directory: consuming Directory) throws(KeyFault) -> Held {
    var keys: [Int: (key: Key, created: Date)] = [:]
    for version in try versions(in: directory) {
      // Nil: deleted by another process since the names were read.
      guard let file = try KeyFile.read(String(version), in: directory) else { continue }
      keys[version] = (Key(version: version, secret: file.secret), file.created)
    }
    guard let current = keys.keys.max() else {
      throw KeyFault(.missing, directory.path, "holds no key any more; restore the keys from a backup")
    }
    return Held(keys: keys, current: current)
  }
}
