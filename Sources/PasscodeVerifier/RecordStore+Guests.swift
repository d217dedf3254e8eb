package import CodeRequests
package import FoundationEssentials
package import GuestPolicy
internal import RecordKeys

extension RecordStore {
  /// How a guest has redeemed, for the policy.
  package func redemption(of recipient: EmailAddress, tenant: String?) throws(RecordError) -> Redemption {
    let guest = try connection.guest(Subject(recipient, tenant: tenant, key: keyring.address).hash)
    return Redemption(stored: guest.redeemedBy) ?? .none
  }

  /// What `guest show` tells.
  package struct GuestStatus: Sendable {
    package let redemption: Redemption
    package let redeemedAt: Date?
    /// Wrong codes in a row.
    package let failuresInARow: Int
    package let lockedUntil: Date?
    /// Only `guest reset` opens it.
    package let isLockedForGood: Bool
  }

  package func guest(_ recipient: EmailAddress, tenant: String?, now: Date) throws(RecordError) -> GuestStatus
  {
    let guest = try connection.guest(Subject(recipient, tenant: tenant, key: keyring.address).hash)
    return GuestStatus(
      redemption: Redemption(stored: guest.redeemedBy) ?? .none,
      redeemedAt: guest.redeemedAt.map { Date(unixMilliseconds: $0) }, failuresInARow: Int(guest.inARow),
      lockedUntil: guest.lockedUntil > now.unixMilliseconds ? Date(unixMilliseconds: guest.lockedUntil) : nil,
      isLockedForGood: guest.isLockedForGood)
  }

  /// Notes how a guest has redeemed; a verified code notes itself. The first redemption sticks until it is reset.
  ///
  /// - Returns: what holds now.
  @discardableResult
  package func redeem(
    _ recipient: EmailAddress, tenant: String?, by method: SignInMethod, now: Date
  ) throws(RecordError) -> Redemption {
    let subject = Subject(recipient, tenant: tenant, key: keyring.address)
    return try connection.durableTransaction { () throws(RecordError) in
      var guest = try connection.guest(subject.hash)
      let before = Redemption(stored: guest.redeemedBy) ?? .none
      let redemption = before.afterSignIn(by: method)
      guard redemption != before else { return redemption }
      guest.redeemedBy = redemption.stored
      guest.redeemedAt = now.unixMilliseconds
      try connection.setGuest(subject.hash, guest, now: now.unixMilliseconds)
      try connection.audit(
        AuditLine(
          at: now.unixMilliseconds, event: "redemption", result: method.rawValue, address: subject.address,
          recipient: recipient.redacted, tenant: tenant))
      return redemption
    }
  }

  /// Forgets redemption, failures and locks of a guest. Open challenges keep the attempts they have spent.
  ///
  /// - Returns: false where there was nothing to forget.
  @discardableResult
  package func reset(_ recipient: EmailAddress, tenant: String?, now: Date) throws(RecordError) -> Bool {
    let subject = Subject(recipient, tenant: tenant, key: keyring.address)
    return try connection.durableTransaction { () throws(RecordError) in
      let statement = try connection.prepare("DELETE FROM guest WHERE subject = ?1")
      statement.bind(1, subject.hash)
      try statement.run()
      let isFound = connection.changes > 0
      try connection.audit(
        AuditLine(
          at: now.unixMilliseconds, event: "reset", result: isFound ? "done" : "nothing to reset",
          address: subject.address, recipient: recipient.redacted, tenant: tenant))
      return isFound
    }
  }
}
