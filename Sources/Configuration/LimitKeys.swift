internal import Documents
internal import Records

enum LimitKeys: SettingsGroup {
  typealias Value = (send: LimitSettings, failedAttempts: FailedAttempts)

  static let usual: Value = (LimitSettings(), FailedAttempts())
  static let perSubject = DefaultedKey(
    "perSubject", windows, default: usual.send.perSubject, "Codes for one address of one tenant.")
  static let perClient = DefaultedKey(
    "perClient", windows, default: usual.send.perClient,
    "Codes that one client asked for, where requests tell its address.")
  static let perTenant = DefaultedKey(
    "perTenant", windows, default: usual.send.perTenant, "Codes for all guests of one tenant.")
  static let failedAttempts = DefaultedKey(
    "failedAttempts", .failedAttempts, default: usual.failedAttempts,
    "Wrong codes of one subject, whatever the challenge, that lock it.")

  static let keys: [any DescribedKey] = [perSubject, perClient, perTenant, failedAttempts]

  private static let windows = SettingsForm<[SendLimit]>.list(of: .window)

  static func read(_ members: DocumentObject) throws(DocumentFault) -> Value {
    let send = LimitSettings(
      perSubject: try members[perSubject], perClient: try members[perClient],
      perTenant: try members[perTenant])
    return (send, try members[failedAttempts])
  }
}

/// `count` within any `window`.
enum WindowKeys: SettingsGroup {
  static let count = RequiredKey("count", .integer(1...1_000_000_000), "how many at the most")
  static let window = RequiredKey(
    "window", .duration(.seconds(1)...Duration.seconds(31 * 86400)), "within which time")

  static let keys: [any DescribedKey] = [count, window]

  static func read(_ members: DocumentObject) throws(DocumentFault) -> SendLimit {
    SendLimit(count: try members[count], window: try members[window])
  }
}

extension SettingsForm where Value == SendLimit {
  fileprivate static let window = SettingsForm(
    accepts: "an object", read: { node throws(DocumentFault) in try WindowKeys.read(node) },
    spelling: { "{ count: \($0.count), window: \"\($0.window.settingsText)\" }" }, members: WindowKeys.keys)
}

enum FailedAttemptKeys: SettingsGroup {
  static let count = WindowKeys.count
  static let window = WindowKeys.window
  static let lockFor = DefaultedKey(
    "lockFor", .duration(.seconds(1)...Duration.seconds(31 * 86400)), default: FailedAttempts().lockFor,
    "How long the subject is locked then.")

  static let keys: [any DescribedKey] = [count, window, lockFor]

  static func read(_ members: DocumentObject) throws(DocumentFault) -> FailedAttempts {
    FailedAttempts(
      count: try members[count], window: try members[window], lockFor: try members[lockFor])
  }
}

extension SettingsForm where Value == FailedAttempts {
  fileprivate static let failedAttempts = SettingsForm(
    accepts: "an object", read: { node throws(DocumentFault) in try FailedAttemptKeys.read(node) },
    spelling: {
      "{ count: \($0.count), window: \"\($0.window.settingsText)\", lockFor: \"\($0.lockFor.settingsText)\" }"
    }, members: FailedAttemptKeys.keys)
}
