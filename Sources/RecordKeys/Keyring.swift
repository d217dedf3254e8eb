public import FoundationEssentials
internal import LinuxSystem

/// The keys of one installation, in `<state>/keys`.
///
/// - `1.key`, `2.key`, …: keys for passcodes and sealed codes, the highest being the current one. Records name
///   the version they were made with, so codes outlive a rotation.
/// - `address.key`: the key that addresses are hashed with. It is not rotated: limits and locks find a subject
///   by that hash.
///
/// On failure nothing is made up: a file that is damaged, exposed to others, missing or another one than it was is an
/// error that names it, and who has the keys open goes on with those. First keys are made, by one process at a time,
/// only where there are none and no records were made with any: the records keep fingerprints of theirs.
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

  /// What records know of the keys that they were made with: fingerprints by version, that of the address key under 0.
  /// Empty where there are no records, or none were made with any.
  package typealias Fingerprints = [Int: [UInt8]]

  /// Opens the keys in `directory`, making the directory (mode 0700) and the first keys where there are none. None are
  /// made where `records.sqlite` stands beside the directory: those that it was made with have gone.
  ///
  /// - Throws: a `KeyFault` that names the file and what to do.
  public convenience init(directory: String) throws(KeyFault) {
    try self.init(directory: directory, now: Date())
  }

  package convenience init(directory: String, now: Date) throws(KeyFault) {
    try self.init(directory: directory, now: now) { () throws(KeyFault) in
      let records = "\(directory)/../records.sqlite"
      guard FilePath.isThere(records) else { return [:] }
      throw Self.missing(1, in: directory, "and records are there (\(records))")
    }
  }

  /// - Parameter known: asked where there are no keys yet.
  package init(
    directory path: String, now: Date = Date(), known: () throws(KeyFault) -> Fingerprints
  ) throws(KeyFault) {
    directory = path
    let directory = try Self.open(path)
    if try Self.versions(in: directory).isEmpty { try Self.makeFirst(in: directory, now: now, known: known) }
    address = try Self.readAddress(in: directory)
    guard let held = try Self.load(directory) else {
      throw Self.missing(1, in: path, "and was there a moment ago")
    }
    self.held = Monitor(held)
  }

  /// Whether there are keys in a directory, for who only looks: nothing is made.
  ///
  /// - Parameter needs: of the records beside it; without keys those are lost.
  /// - Returns: false where there are none, and none are needed yet.
  package static func isThere(in path: String, needs: Fingerprints) throws(KeyFault) -> Bool {
    let names: [String]
    do throws(SystemCallError) { names = try Directory(path).names() } catch {
      guard error.isNotFound else {
        throw KeyFault(.system, path, "cannot be used (\(error)); check that this user owns it")
      }
      names = []
    }
    if names.contains(where: { $0.hasSuffix(".key") && Int($0.dropLast(4)) != nil }) { return true }
    guard let newest = needs.keys.max() else { return false }
    throw missing(
      newest, in: path,
      "\(names.contains("\(addressName).key") ? "" : "as is address.key, ")and records were made with it")
  }

  /// Whether these are the keys that records were made with. A retired key that is missing is told when a code needs
  /// it: the others still verify.
  package func check(_ known: Fingerprints) throws(KeyFault) {
    for (version, fingerprint) in known.sorted(by: { $0.key < $1.key }) {
      if version == 0 {
        guard address.fingerprint == fingerprint else { throw Self.foreign(0, in: directory) }
        continue
      }
      let key: Key
      do throws(KeyFault) { key = try self.key(version: version) } catch {
        // Without the newest an older one would be taken for new codes.
        if version > current.version { throw error }
        continue
      }
      guard key.fingerprint == fingerprint else { throw Self.foreign(version, in: directory) }
    }
  }

  /// The key that new passcodes are made with.
  package var current: Key { held.withLock { $0.keys[$0.current]!.key } }

  /// The key of a version; looks into the directory again where it is not known yet.
  package func key(version: Int) throws(KeyFault) -> Key {
    if let key = held.withLock({ $0.keys[version]?.key }) { return key }
    try reload()
    if let key = held.withLock({ $0.keys[version]?.key }) { return key }
    throw Self.missing(version, in: directory, "and there are codes made with it")
  }

  /// Takes in keys that another process has added, and leaves out those that it has deleted.
  ///
  /// - Throws: where a key is another one than it was, or the newest or the address key has gone; those that were there
  ///   stay in use.
  package func reload() throws(KeyFault) {
    let directory = try Self.open(directory)
    let path = self.directory
    guard try Self.readAddress(in: directory).fingerprint == address.fingerprint else {
      throw Self.foreign(0, in: path)
    }
    let fresh = try Self.load(directory)
    try held.withLock { held throws(KeyFault) in
      guard let fresh, fresh.current >= held.current else {
        throw Self.missing(held.current, in: path, "and it is in use")
      }
      for (version, old) in held.keys {
        guard let new = fresh.keys[version] else { continue }
        guard new.key.fingerprint == old.key.fingerprint else { throw Self.foreign(version, in: path) }
      }
      held = fresh
    }
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
    // A key that is lost is no retired one: it is restored first.
    try reload()
    let version = current.version + 1
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

  private static func file(_ version: Int, in path: String) -> String {
    "\(path)/\(version == 0 ? addressName : "\(version)").key"
  }

  private static let restoring =
    "restore the files of \"keys\" from the backup that belongs to the records. Without one, stop all that uses them and move keys and records away together: open codes, sessions and limits are given up"

  private static func missing(_ version: Int, in path: String, _ reason: String) -> KeyFault {
    KeyFault(.missing, file(version, in: path), "is missing, \(reason); \(restoring)")
  }

  private static func foreign(_ version: Int, in path: String) -> KeyFault {
    KeyFault(
      .foreign, file(version, in: path), "is not the key that the records were made with; \(restoring)")
  }

  private static func readAddress(in directory: borrowing Directory) throws(KeyFault) -> Key {
    guard let file = try KeyFile.read(addressName, in: directory) else {
      throw missing(0, in: directory.path, "while other keys are there: limits and addresses are found by it")
    }
    return Key(version: 0, secret: file.secret)
  }

  private static func open(_ path: String) throws(KeyFault) -> Directory {
    let directory = try attempt(path) { () throws(SystemCallError) in try Directory.make(path, mode: 0o700) }
    let status = try attempt(path) { () throws(SystemCallError) in try directory.descriptor.status() }
    let mode = status.mode
    // The service's user is whose the state is, where the keys lie.
    let user = CurrentProcess.user
    if status.owner != 0, status.owner != user {
      let state = try attempt(path) { () throws(SystemCallError) in try FileStatus.following("\(path)/..") }
      guard status.owner == state.owner else {
        throw KeyFault(
          .exposed, path,
          "belongs to user \(status.owner); accepted is root, user \(user) (as which this runs) or user \(state.owner), whose the state is. Run: chown -R \(state.owner) \(path)"
        )
      }
    }
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
  private static func makeFirst(
    in directory: borrowing Directory, now: Date, known: () throws(KeyFault) -> Fingerprints
  ) throws(KeyFault) {
    let lock = try lock(directory)
    defer { withExtendedLifetime(lock) {} }
    guard try versions(in: directory).isEmpty else { return }
    if let newest = try known().keys.max() {
      let hasAddress = try KeyFile.read(addressName, in: directory) != nil
      throw missing(
        newest, in: directory.path, "\(hasAddress ? "" : "as is address.key, ")and records were made with it")
    }
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
      // One that root makes is the directory's owner's: the service has to read it.
      try directory.publish(
        file.bytes, as: "\(file.name).key", mode: 0o600, likeThatOf: try directory.descriptor.status(),
        through: directory, named: temporary)
      FailPoint.keyPublished.pass()
    }
  }

  /// Nil where there is no key.
  private static func load(_ directory: borrowing Directory) throws(KeyFault) -> Held? {
    var keys: [Int: (key: Key, created: Date)] = [:]
    for version in try versions(in: directory) {
      // Nil: deleted by another process since the names were read.
      guard let file = try KeyFile.read(String(version), in: directory) else { continue }
      keys[version] = (Key(version: version, secret: file.secret), file.created)
    }
    return keys.keys.max().map { Held(keys: keys, current: $0) }
  }
}
