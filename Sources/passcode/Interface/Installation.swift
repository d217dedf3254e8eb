internal import Configuration
internal import Foundation
internal import Glibc
internal import GuestPolicy
internal import MailWorker
internal import PasscodeVerifier
internal import Records
internal import SQLiteRecords
internal import RecordKeys
internal import RequestSpool

/// The installation that a configuration describes: what verbs open to do their work. Opens only what is asked
/// for, so that `sink` needs no database and `status` no templates.
struct Installation: Sendable {
  let settings: Settings

  init(_ settings: Settings) { self.settings = settings }

  init(_ invocation: Invocation) throws {
    let file = try Settings.locate(
      option: invocation.string("config"), variable: getenv("PASSCODE_CONFIG").map { String(cString: $0) },
      exists: FileManager.default.fileExists(atPath:))
    settings = try Settings(file: file)
  }

  func keyring() throws -> Keyring { try Keyring(directory: settings.keysPath) }

  /// The spool; codes that requests bring are sealed as they are enqueued.
  func spool() throws -> Spool {
    let keys = LazyKeyring(path: settings.keysPath)
    return try Spool(at: settings.spoolPath) { code, id in try keys.open().seal(code, for: id) }
  }

  func records() throws -> RecordStore {
    try RecordStore(
      path: settings.recordsPath, keyring: try keyring(), settings: settings.passcodeSettings,
      limits: settings.limitSettings)
  }

  func tenants() throws -> TenantDirectory {
    try settings.tenants.map { try TenantDirectory(path: $0) } ?? .single
  }

  /// The tenant that a word on the command line names, and its id in the records.
  func tenant(_ reference: String?) throws -> (tenant: Tenant, id: String?) {
    let tenant = try tenants().resolve(reference)
    return (tenant, tenant.id == Tenant.only.id ? nil : tenant.id)
  }

  func verifier() throws -> Verifier {
    try Verifier(
      state: settings.state,
      settings: VerificationSettings(
        failedAttempts: settings.failedAttempts, sessionLifetime: settings.sessionLifetime,
        policy: try policy()))
  }

  func policy() throws -> SignInPolicy {
    try settings.tenants.map { SignInPolicy(try TenantDirectoryReloader(path: $0)) } ?? .everyone
  }
}

/// Opens the keys when the first code is sealed: most requests bring none.
private struct LazyKeyring: Sendable {
  let path: String

  func open() throws -> Keyring { try Keyring(directory: path) }
}
