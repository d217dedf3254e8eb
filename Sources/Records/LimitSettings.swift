/// How many requests are let through in a sliding window of time.
package struct SendLimit: Hashable, Sendable {
  /// Which requests fill places of a window.
  package enum Counted: String, CaseIterable, Sendable {
    /// Those whose challenge nobody has answered: a sign-in gives its places back.
    case unused
    /// All, for good.
    case all
  }

  package var count: Int
  package var window: Duration
  package var counts: Counted

  package init(count: Int, window: Duration, counts: Counted = .unused) {
    self.count = count
    self.window = window
    self.counts = counts
  }
}

/// The limits that an admission is held against. A request must pass all of them, but for those that a device's lane
/// goes beside.
///
/// What a relay never took fills no place; those of tenants and of everybody are never given back.
package struct LimitSettings: Hashable, Sendable {
  /// Of windows above 1, one client takes at most half.
  package var perSubject: [SendLimit]
  /// All spellings, tenants and purposes together.
  package var perMailbox: [SendLimit]
  package var perClient: [SendLimit]
  /// The lane of a device that has signed in: beside `perSubject`, `perClient` and what is given back of `perMailbox`.
  package var perDevice: [SendLimit]
  package var perTenant: [SendLimit]
  /// Everybody together: half is kept for known guests and devices, and one tenant of several takes at most half.
  package var total: [SendLimit]

  package init(
    perSubject: [SendLimit] = [
      SendLimit(count: 1, window: .seconds(30)), SendLimit(count: 6, window: .quarter),
      SendLimit(count: 12, window: .day),
    ],
    perMailbox: [SendLimit] = [
      SendLimit(count: 10, window: .quarter), SendLimit(count: 24, window: .day),
      SendLimit(count: 60, window: .day, counts: .all),
    ],
    perClient: [SendLimit] = [
      SendLimit(count: 60, window: .quarter), SendLimit(count: 150, window: .day),
      SendLimit(count: 600, window: .day, counts: .all),
    ],
    perDevice: [SendLimit] = [
      SendLimit(count: 5, window: .quarter), SendLimit(count: 10, window: .day),
    ], perTenant: [SendLimit] = [], total: [SendLimit] = []
  ) {
    self.perSubject = perSubject
    self.perMailbox = perMailbox
    self.perClient = perClient
    self.perDevice = perDevice
    self.perTenant = perTenant
    self.total = total
  }

  /// Who has not asked for a mail yet gets one, as far as the windows of subject, mailbox and client go.
  var allowsOne: Bool {
    func allows(_ limits: [SendLimit]) -> Bool { limits.allSatisfy { $0.count > 0 } }
    return allows(perSubject) && allows(perMailbox) && allows(perClient)
  }

  /// At most how long a request is held against somebody.
  var longestWindow: Duration {
    [perSubject, perMailbox, perClient, perDevice, perTenant, total].joined().map(\.window).max() ?? .zero
  }

  /// How many of a mailbox's last requests decide about the next.
  var mailboxRows: Int {
    max(8, Self.rows(perMailbox), Self.rows(perSubject), Self.rows(perDevice)) + UndeliveredMail.most
  }
  /// How many of a client's last requests decide about the next.
  var clientRows: Int { 2 * (perClient.map(\.count).max() ?? 0) }

  /// As many as a window has places, and as many again where a sign-in gives places back: between those that are held
  /// against somebody there may be as many that are not.
  private static func rows(_ limits: [SendLimit]) -> Int {
    let longest = limits.filter { $0.counts == .all }.map(\.window).max() ?? .zero
    return limits.map { $0.counts == .all || $0.window <= longest ? $0.count : 2 * $0.count }.max() ?? 0
  }
}

extension Duration {
  fileprivate static let quarter = Duration.seconds(15 * 60)
  fileprivate static let day = Duration.seconds(24 * 3600)
}
