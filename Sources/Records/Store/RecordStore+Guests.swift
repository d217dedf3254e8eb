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
    /// Until when each device is known, the oldest first.
    package let devices: [Date]
    /// The windows of the subject and its mailbox.
    package let windows: [WindowUse]
  }

  /// How far a window is filled.
  package struct WindowUse: Sendable, Hashable {
    /// The limit's key in the configuration.
    package let name: String
    package let limit: SendLimit
    package let taken: Int
    /// When one more would be within it; nil: it is now.
    package let freeAt: Date?
  }

  package func guest(_ recipient: EmailAddress, tenant: String?, now: Date) throws(RecordError) -> GuestStatus
  {
    let subject = Subject(recipient, tenant: tenant, key: keyring.address)
    let guest = try engine.guest(subject.hash) ?? Guest()
    let at = now.unixMilliseconds
    let windows = MailWindows(
      subject: subject.hash,
      recent: try engine.recent(of: subject.mailbox, most: rules.limits.mailboxRows),
      client: [], limits: rules.limits, now: at)
    return GuestStatus(
      redemption: Redemption(stored: guest.redeemedBy) ?? .none,
      redeemedAt: guest.redeemedAt.map { Date(unixMilliseconds: $0) },
      devices: guest.devices.filter { $0.expiresAt > at }.map { Date(unixMilliseconds: $0.expiresAt) },
      windows: windows.uses())
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

  /// Forgets how a guest redeemed, opens its windows, and ends its sessions and devices. Open challenges keep the
  /// attempts they have spent.
  ///
  /// - Returns: false where there was nothing to forget.
  @discardableResult
  package func reset(_ recipient: EmailAddress, tenant: String?, now: Date) throws(RecordError) -> Bool {
    let subject = Subject(recipient, tenant: tenant, key: keyring.address)
    return try durably { transaction throws(RecordError) in
      let asked = try transaction.recent(of: subject.mailbox, most: rules.limits.mailboxRows)
        .filter { $0.subject == subject.hash && !$0.isForgiven }
      let isFound = try transaction.guest(subject.hash) != nil || !asked.isEmpty
      var changes = RecordChanges()
      changes.guests = [.forget(subject.hash)]
      changes.forgiven = [subject]
      changes.tallies = [(UnusedCodes.scope(subject), Tally(), now.unixMilliseconds)]
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
