package import Configuration
internal import FoundationEssentials
package import GuestPolicy
internal import MailWorker
package import PasscodeVerifier
package import RecordKeys
package import RequestSpool
internal import Records
internal import SQLiteRecords

/// The installation that a configuration describes: what a front end opens to do its work. Opens only what is asked
/// for, so that whoever asks for a status needs no templates.
package struct Installation: Sendable {
  package let settings: Settings

  package init(_ settings: Settings) { self.settings = settings }

  /// - Parameters:
  ///   - file: the configuration that was asked for; nil where none was.
  ///   - variable: the one that the environment names.
  package init(file: String?, variable: String?) throws {
    let file = try Settings.locate(
      option: file, variable: variable, exists: FileManager.default.fileExists(atPath:))
    settings = try Settings(file: file)
  }

  package func keyring() throws -> Keyring { try Keyring(directory: settings.keysPath) }

  /// The spool; codes that requests bring are sealed as they are enqueued.
  package func spool() throws -> Spool {
    let keys = LazyKeyring(path: settings.keysPath)
    return try Spool(at: settings.spoolPath) { code, id in try keys.open().seal(code, for: id) }
  }

  package func records() throws -> RecordStore {
    try RecordStore(
      path: settings.recordsPath, keyring: try keyring(), settings: settings.passcode,
      limits: settings.limits)
  }

  package func tenants() throws -> TenantDirectory {
    try settings.tenants.map { try TenantDirectory(path: $0) } ?? .single
  }

  package func verifier() throws -> Verifier {
    try Verifier(
      state: settings.state,
      settings: VerificationSettings(
        sessionLifetime: settings.sessionLifetime, policy: try policy()))
  }

  package func policy() throws -> SignInPolicy {
    try settings.tenants.map { SignInPolicy(try TenantDirectoryReloader(path: $0)) } ?? .everyone
  }
}

/// Opens the keys when the first code is sealed: most requests bring none.
private struct LazyKeyring: Sendable {
  let path: String

  func open() throws -> Keyring { try Keyring(directory: path) }
}
