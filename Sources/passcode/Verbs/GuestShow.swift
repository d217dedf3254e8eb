internal import CodeRequests
internal import CommandVerbs
internal import Documents
internal import GuestPolicy
internal import PasscodeService
internal import Records

extension Verbs {
  static let guestShow = Verb(
    path: ["guest", "show"], summary: "tell how a guest redeemed, and whether the guest is locked",
    options: GuestOptions.all
  ) { invocation in
    let service = try Service(invocation)
    let address = try invocation.recipient()
    let report = try service.guest(address, tenant: invocation.string("tenant"))
    let guest = report.status
    if invocation.isJSON {
      var line = JSONLine()
      line.add("to", address.redacted)
      line.add("tenant", report.tenantID)
      line.add("redeemedBy", guest.redemption.stored)
      line.add("redeemedAt", guest.redeemedAt?.rfc3339)
      line.add("failuresInARow", guest.failuresInARow)
      line.add("lockedUntil", guest.lockedUntil?.rfc3339)
      line.add("lockedForGood", guest.isLockedForGood)
      Terminal.print(line.text)
    } else {
      Rows.print([
        ("guest", address.redacted), ("tenant", report.tenant.name),
        (
          "redeemed by",
          guest.redemption.stored.map { "\($0) at \(guest.redeemedAt?.rfc3339 ?? "?")" } ?? "not yet"
        ),
        ("wrong codes in a row", "\(guest.failuresInARow)"),
        (
          "locked",
          guest.isLockedForGood
            ? "until guest reset" : guest.lockedUntil.map { "until \($0.rfc3339)" } ?? "no"
        ),
      ])
    }
    return .done
  }
}
