internal import Documents
internal import Records

enum LimitKeys: SettingsGroup {
  static let usual = LimitSettings()
  static let perSubject = DefaultedKey(
    "perSubject", windows, default: usual.perSubject,
    "Codes for one address of one tenant; of windows above 1 one client takes at most half.")
  static let perMailbox = DefaultedKey(
    "perMailbox", windows, default: usual.perMailbox,
    "Codes for one mailbox, however its address is spelled and whichever tenants are asked.")
  static let perClient = DefaultedKey(
    "perClient", windows, default: usual.perClient,
    "Codes that one client asked for, where requests tell its address.")
  static let perDevice = DefaultedKey(
    "perDevice", windows, default: usual.perDevice,
    "Codes for a device that has signed in: beside perSubject, perClient and what perMailbox gives back.")
  static let perTenant = DefaultedKey(
    "perTenant", totals, default: usual.perTenant, "Codes for all guests of one tenant; never given back.")
  static let total = DefaultedKey(
    "total", totals, default: usual.total,
    "Codes for everybody, never given back: half is kept for known guests and devices, one tenant of several takes at most half."
  )

  static let keys: [any DescribedKey] = [perSubject, perMailbox, perClient, perDevice, perTenant, total]

  private static let windows = SettingsForm<[SendLimit]>.list(of: .window)
  private static let totals = SettingsForm<[SendLimit]>.list(of: .total)

  static func read(_ members: DocumentObject) throws(DocumentFault) -> LimitSettings {
    LimitSettings(
      perSubject: try members[perSubject], perMailbox: try members[perMailbox],
      perClient: try members[perClient], perDevice: try members[perDevice],
      perTenant: try members[perTenant], total: try members[total])
  }
}

/// `count` within any `window`.
enum WindowKeys: SettingsGroup {
  /// Each request that is counted is looked at, so they are not many.
  static let count = RequiredKey("count", .integer(1...10_000), "at most so many")
  static let window = TotalKeys.window
  static let counts = DefaultedKey(
    "counts", .choice(), default: SendLimit.Counted.unused,
    "unused: a sign-in gives its places back; all: they stay filled.")

  static let keys: [any DescribedKey] = [count, window, counts]

  static func read(_ members: DocumentObject) throws(DocumentFault) -> SendLimit {
    SendLimit(count: try members[count], window: try members[window], counts: try members[counts])
  }
}

/// The same for tenants and everybody, who may be very many.
enum TotalKeys: SettingsGroup {
  static let count = RequiredKey("count", .integer(1...1_000_000_000), "at most so many")
  static let window = RequiredKey(
    "window", .duration(.seconds(1)...Duration.seconds(31 * 86400)), "within which time")

  static let keys: [any DescribedKey] = [count, window]

  static func read(_ members: DocumentObject) throws(DocumentFault) -> SendLimit {
    SendLimit(count: try members[count], window: try members[window], counts: .all)
  }
}

extension SettingsForm where Value == SendLimit {
  fileprivate static let window = SettingsForm(
    accepts: "an object", read: { node throws(DocumentFault) in try WindowKeys.read(node) },
    spelling: {
      let counts = $0.counts == .unused ? "" : ", counts: \"\($0.counts.rawValue)\""
      return "{ count: \($0.count), window: \"\($0.window.settingsText)\"\(counts) }"
    }, members: WindowKeys.keys)

  fileprivate static let total = SettingsForm(
    accepts: "an object", read: { node throws(DocumentFault) in try TotalKeys.read(node) },
    spelling: { "{ count: \($0.count), window: \"\($0.window.settingsText)\" }" }, members: TotalKeys.keys)
}
