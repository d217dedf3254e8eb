package import RecordKeys

/// Whether a passcode may be in the mailbox. The raw values are for engines.
package enum Arrival: Int64, Sendable {
  case no = 0
  /// The relay fell silent over it, or a worker died while it was under way.
  case possible = 1
  /// Not this one, as long as it has not been under way, but an earlier one of its request.
  case ofEarlier = 2
}

/// A passcode's row.
package struct PasscodeRecord: Sendable {
  package let number: Int64
  /// The row of the request that mails it.
  package let request: Int64
  package let madeAt: Int64
  package let expiresAt: Int64
  package let keyVersion: Int
  package let salt: [UInt8]
  package let mac: [UInt8]
  package var arrival: Arrival
  package let bootTime: Int64?

  package init(
    number: Int64, request: Int64, madeAt: Int64, expiresAt: Int64, keyVersion: Int, salt: [UInt8],
    mac: [UInt8],
    arrival: Arrival, bootTime: Int64?
  ) {
    self.number = number
    self.request = request
    self.madeAt = madeAt
    self.expiresAt = expiresAt
    self.keyVersion = keyVersion
    self.salt = salt
    self.mac = mac
    self.arrival = arrival
    self.bootTime = bootTime
  }

  /// On both clocks.
  package func isLive(at now: Int64, bootTime: Int64?) -> Bool {
    guard expiresAt > now else { return false }
    guard let age = BootTime.elapsed(from: self.bootTime, to: bootTime) else { return true }
    return age < expiresAt - madeAt
  }
}

/// The hash that stands for a passcode. The challenge's id is in it as its SHA-256: that is all that the records, and
/// whoever verifies by address, have of it.
package func passcodeMAC(
  _ key: Key, purpose: [UInt8], challenge id: [UInt8], salt: [UInt8], code: [UInt8]
) -> [UInt8] {
  key.mac("passcode", purpose, id, salt, code)
}
