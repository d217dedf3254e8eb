internal import LinuxSystem

/// Something worth a line in the log. Names and fields are documented in MailWorker.docc and stay stable.
///
/// No field carries a passcode, a key, a password or a whole address: ids come shortened and recipients redacted by
/// their own types, and whatever else looks like an address in a text is redacted as it is written.
///
/// A field without a value is left out.
package struct LogEvent: Sendable {
  package enum Level: String, Sendable { case info, warning, error }

  package enum Name: String, CaseIterable, Sendable {
    // The worker.
    case started, standby, stopping, stopped, reloaded
    case logLinesLost = "log-lines-lost"
    case reloadRefused = "reload-refused"
    case templateWarning = "template-warning"
    case storageError = "storage-error"
    case storageRecovered = "storage-recovered"
    case limitNear = "limit-near"
    // A request.
    case rejected, refused, limited, superseded, duplicate, expired, cancelled
    case sent, deferred, failed, ambiguous
    case localeFallback = "locale-fallback"
    // A relay.
    case relayUp = "relay-up"
    case relayDown = "relay-down"
    case relayNeedsAttention = "relay-needs-attention"
    case relayThrottled = "relay-throttled"
    case relayRejects = "relay-rejects"
    case relayLimit = "relay-limit"
    case relayPipelining = "relay-pipelining"
    case tokenNotRenewed = "token-not-renewed"
  }

  /// In the order of the documentation's table.
  package enum Field: String, CaseIterable, Sendable {
    case version, pid, spool
    case sent, ended, deferrals
    case configuration, templates, tenants, records
    case code, count
    case id, recipient, file, field, locale, asked, tenant, relay, attempts, reply, meaning
    case reason, earlier, retryAfterSeconds, method
    case queuedSeconds, connectSeconds, envelopeSeconds, messageSeconds, totalSeconds
    case error, pauseSeconds, connections, intervalSeconds, perConnection, spoken, leftSeconds, windowSeconds
  }

  package enum Value: Sendable {
    case text(String)
    /// Holds nothing that is to be kept out of the log: its type saw to that.
    case guarded(String)
    case number(Int)
    case seconds(Double)
  }

  package let name: Name
  package let level: Level
  package private(set) var fields: [(key: Field, value: Value)] = []

  package init(_ name: Name, _ level: Level = .info) {
    self.name = name
    self.level = level
    fields.reserveCapacity(12)
  }

  // Consuming, so that a chain of these fills one array in place.

  package consuming func with(_ key: Field, _ text: String?) -> LogEvent {
    if let text { fields.append((key, .text(text))) }
    return self
  }

  /// A text of ours: shortened, redacted or from a closed set.
  consuming func with(guarded key: Field, _ text: String?) -> LogEvent {
    if let text { fields.append((key, .guarded(text))) }
    return self
  }

  package consuming func with(_ key: Field, _ number: Int?) -> LogEvent {
    if let number { fields.append((key, .number(number))) }
    return self
  }

  package consuming func with(_ key: Field, _ duration: Duration?) -> LogEvent {
    guard let duration else { return self }
    fields.append((key, .seconds(duration.inSeconds)))
    return self
  }
}
