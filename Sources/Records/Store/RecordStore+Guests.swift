package import CodeRequests
package import FoundationEssentials
package import GuestPolicy
internal import RecordKeys

extension RecordStore {
  /// How a guest has redeemed, for the policy.
  package func redemption(of recipient: EmailAddress, tenant: String?) throws(RecordError) -> Redemption {
    let guest = try engine.guest(Subject(recipient, tenant: tenant, key: keyring.address).hash) ?? Guest()
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
    let guest = try engine.guest(Subject(recipient, tenant: tenant, key: keyring.address).hash) ?? Guest()
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
    return try durably { transaction throws(RecordError) in
      let known = try transaction.guest(subject.hash) ?? Guest()
      let before = Redemption(stored: known.redeemedBy) ?? .none
      let redemption = before.afterSignIn(by: method)
      guard redemption != before else { return redemption }
      var guest = known
      guest.redeemedBy = redemption.stored
      guest.redeemedAt = now.unixMilliseconds
      var changes = RecordChanges()
      changes.guests = [.set(subject.hash, guest.kept(at: now.unixMilliseconds))]
      changes.audit = [
        AuditLine(
          at: now.unixMilliseconds, event: "redemption", result: method.rawValue, address: subject.address,
          recipient: recipient.redacted, tenant: tenant)
      ]
      try transaction.apply(changes)
      return redemption
    }
  }

  /// Forgets redemption, failures and locks of a guest. Open challenges keep the attempts they have spent.
  ///
  /// - Returns: false where there was nothing to forget.
  @discardableResult
  package func reset(_ recipient: EmailAddress, tenant: String?, now: Date) throws(RecordError) -> Bool {
    let subject = Subject(recipient, tenant: tenant, key: keyring.address)
    return try durably { transaction throws(RecordError) in
      let isFound = try transaction.guest(subject.hash) != nil
      var changes = RecordChanges()
      changes.guests = [.forget(subject.hash)]
      changes.audit = [
        AuditLine(
          at: now.unixMilliseconds, event: "reset", result: isFound ? "done" : "nothing to reset",
          address: subject.address, recipient: recipient.redacted, tenant: tenant)
      ]
      try transaction.apply(changes)
      return isFound
    }
  }
}
