internal import CodeRequests
internal import CommandVerbs
internal import Configuration
internal import FoundationEssentials
internal import Documents
internal import GuestPolicy
internal import PasscodeService
internal import Records

extension Verbs {
  static let guestShow = Verb(
    path: ["guest", "show"],
    summary: "tell how a guest first signed in, its devices, and how far its windows are filled",
    options: GuestOptions.all
  ) { invocation in
    let service = try Service(invocation)
    let address = try invocation.recipient()
    let report = try service.guest(address, tenant: invocation.string("tenant"))
    let guest = report.status
    if invocation.isJSON {
      var line = JSONLine()
      line.add("recipient", address.redacted)
      line.add("tenant", report.tenantID)
      line.add("redeemedBy", guest.redemption.stored)
      line.add("redeemedAt", guest.redeemedAt?.rfc3339)
      line.add(
        "devices",
        guest.devices.map { device in
          var line = JSONLine()
          line.add("expiresAt", device.rfc3339)
          return line
        })
      line.add("windows", guest.windows.map(json))
      Terminal.print(line.text)
    } else {
      let devices = guest.devices.map { "one until \($0.rfc3339)" }
      Rows.print(
        [
          ("guest", SpokenDomain.inAddress(address.redacted)), ("tenant", report.tenant.name),
          (
            "redeemed by",
            guest.redemption.stored.map { "\($0) at \(guest.redeemedAt?.rfc3339 ?? "?")" } ?? "not yet"
          ),
          ("devices", devices.isEmpty ? "none" : devices.joined(separator: ", ")),
        ] + guest.windows.map { ($0.name, sentence($0)) })
    }
    return .done
  }

  private static func sentence(_ use: RecordStore.WindowUse) -> String {
    let free = use.freeAt.map { ", free at \($0.rfc3339)" } ?? ""
    let given = use.limit.counts == .all ? ", never given back" : ""
    return "\(use.taken) of \(use.limit.count) in \(use.limit.window.settingsText)\(given)\(free)"
  }

  private static func json(_ use: RecordStore.WindowUse) -> JSONLine {
    var line = JSONLine()
    line.add("limit", use.name)
    line.add("count", use.limit.count)
    line.add("windowSeconds", Int(use.limit.window.components.seconds))
    line.add("counts", use.limit.counts.rawValue)
    line.add("taken", use.taken)
    line.add("freeAt", use.freeAt?.rfc3339)
    return line
  }
}
