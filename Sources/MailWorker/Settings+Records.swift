package import Configuration
package import Records

// The settings as the records and the verifier take them.
//
// On failure: nothing here fails; what is wrong with settings was refused when they were read.

extension Settings {
  package var passcodeSettings: PasscodeSettings {
    PasscodeSettings(
      length: passcode.length, validity: passcode.validity, attempts: passcode.attempts,
      perChallenge: passcode.perChallenge)
  }

  package var failedAttempts: FailedAttempts {
    FailedAttempts(
      count: limits.failedAttempts.count, window: limits.failedAttempts.window, lockFor: limits.lockFor)
  }

  package var limitSettings: LimitSettings {
    func limits(_ windows: [Window]) -> [SendLimit] {
      windows.map { SendLimit(count: $0.count, window: $0.window) }
    }
    return LimitSettings(
      perSubject: limits(self.limits.perSubject), perClient: limits(self.limits.perClient),
      perTenant: limits(self.limits.perTenant))
  }

  package var recordsPath: String { "\(state)/records.sqlite" }
  package var keysPath: String { "\(state)/keys" }
  package var spoolPath: String { "\(state)/spool" }
}
