internal import CodeRequests
package import Configuration
package import FoundationEssentials
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

  /// Whether there is one to be read: none was asked for, and none lies where it is looked for.
  package static func isThere(file: String?, variable: String?) -> Bool {
    (try? Settings.locate(option: file, variable: variable, exists: FileManager.default.fileExists(atPath:)))
      != nil
  }

  /// The keys that the records were made with.
  package func keyring() throws -> Keyring {
    let keyring = try Keyring(directory: settings.keysPath, ofRecordsAt: settings.recordsPath)
    try keyring.check(try SQLiteEngine.keyNeeds(at: settings.recordsPath).fingerprints)
    return keyring
  }

  /// Whether there are keys, for who only looks: nothing is made.
  package func hasKeys() throws -> Bool {
    try Keyring.isThere(
      in: settings.keysPath, needs: try SQLiteEngine.keyNeeds(at: settings.recordsPath).fingerprints)
  }

  /// Every key that an open code may have been made with is there; else the fault of the first that is not.
  package func checkRetiredKeys(of keyring: Keyring, now: Date) throws {
    for need in try SQLiteEngine.keyNeeds(at: settings.recordsPath) where need.version > 0 {
      if need.until > now.unixMilliseconds { _ = try keyring.key(version: need.version) }
    }
  }

  /// The spool; codes that requests bring are sealed as they are enqueued.
  package func spool() throws -> Spool {
    // The keys are opened when a code is sealed: most requests bring none.
    try Spool(at: settings.spoolPath, group: settings.spoolGroup) { code, id in
      try keyring().seal(code, for: id)
    }
  }

  package func records() throws -> RecordStore {
    try RecordStore(
      path: settings.recordsPath,
      keyring: try Keyring(directory: settings.keysPath, ofRecordsAt: settings.recordsPath),
      settings: settings.passcode, limits: settings.limits,
      broughtCodes: settings.verification.broughtCodes)
  }

  package func tenants() throws -> TenantDirectory {
    try settings.tenants.map { try TenantDirectory(path: $0, trust: settings.trust) } ?? .single
  }

  package func verifier() throws -> Verifier {
    try Verifier(
      state: settings.state,
      settings: VerificationSettings(
        sessionLifetime: settings.sessionLifetime, sessionPurposes: settings.sessionPurposes,
        byAddress: settings.verification.byAddress, passcode: settings.passcode, policy: try policy()))
  }

  package func policy() throws -> SignInPolicy {
    try settings.tenants.map {
      SignInPolicy(try TenantDirectoryReloader(path: $0, access: .fileSystem(settings.trust)))
    } ?? .everyone
  }
}
