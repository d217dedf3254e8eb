package import RecordKeys
package import Records

extension RecordStore {
  /// Opens the records in the SQLite file at `path`, made where it is missing.
  ///
  /// - Parameter busyTimeout: how long a call waits for other processes.
  package convenience init(
    path: String, keyring: Keyring, settings: PasscodeSettings = PasscodeSettings(),
    limits: LimitSettings = LimitSettings(), retention: RetentionSettings = RetentionSettings(),
    broughtCodes: BroughtCodes = .mail, busyTimeout: Duration = .seconds(5)
  ) throws(RecordError) {
    self.init(
      engine: try SQLiteEngine(path: path, keyring: keyring, busyTimeout: busyTimeout), keyring: keyring,
      rules: RecordRules(
        settings: settings, limits: limits, retention: retention, broughtCodes: broughtCodes))
  }
}
