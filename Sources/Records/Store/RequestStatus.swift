package import FoundationEssentials

/// How a request ended.
package enum Outcome: String, Sendable, CaseIterable {
  case sent, refused, limited, expired, failed, superseded, cancelled, rejected
}

/// Where a request stands.
package enum RequestState: CaseIterable, Sendable {
  case queued, deferred, sending
  case sent, refused, limited, expired, failed, superseded, cancelled, rejected

  /// It has ended, and unless it may have arrived nobody got its mail.
  package var isGivenBack: Bool { self == .expired || self == .failed || self == .cancelled }

  package init(_ outcome: Outcome) {
    switch outcome {
    case .sent: self = .sent
    case .refused: self = .refused
    case .limited: self = .limited
    case .expired: self = .expired
    case .failed: self = .failed
    case .superseded: self = .superseded
    case .cancelled: self = .cancelled
    case .rejected: self = .rejected
    }
  }

  /// `queued`, `deferred`, `sending`, or the outcome.
  package var name: String {
    outcome?.rawValue ?? (self == .queued ? "queued" : self == .deferred ? "deferred" : "sending")
  }

  package var outcome: Outcome? {
    switch self {
    case .queued, .deferred, .sending: nil
    case .sent: .sent
    case .refused: .refused
    case .limited: .limited
    case .expired: .expired
    case .failed: .failed
    case .superseded: .superseded
    case .cancelled: .cancelled
    case .rejected: .rejected
    }
  }
}

/// What the records know about a request, for `status`. A request that was never admitted has no record: it still
/// lies in the spool.
package struct RequestStatus: Sendable {
  package let state: RequestState
  /// Attempts to send that were begun.
  package let attempts: Int
  /// `451 4.7.1 text` of a relay's last reply.
  package let reply: String?
  /// Why it stands so, where that is not the reply: which limit, which rule, by hand.
  package let reason: String?
  package let replyCode: Int?
  package let locale: String?
  package let relay: String?
  /// Redacted.
  package let recipient: String?
  package let tenant: String?
  package let purpose: String
  package let queuedAt: Date
  package let deadline: Date
  package let sentAt: Date?
  package let endedAt: Date?
  package let nextAttempt: Date?
  /// For `limited`: when the same request would have been let through.
  package let retryAt: Date?
  /// For `refused` by policy: what to use instead.
  package let method: String?
  package let url: String?
  /// True where the id is not the challenge's own but that of a resend.
  package let isResend: Bool
  /// True where a passcode of its challenge has been used.
  package let isUsed: Bool

  /// Nil while it has not ended.
  package var outcome: Outcome? { state.outcome }

  package init(
    state: RequestState, attempts: Int, reply: String?, reason: String?, replyCode: Int?, locale: String?,
    relay: String?, recipient: String?, tenant: String?, purpose: String, queuedAt: Date, deadline: Date,
    sentAt: Date?, endedAt: Date?, nextAttempt: Date?, retryAt: Date?, method: String?, url: String?,
    isResend: Bool, isUsed: Bool
  ) {
    self.state = state
    self.attempts = attempts
    self.reply = reply
    self.reason = reason
    self.replyCode = replyCode
    self.locale = locale
    self.relay = relay
    self.recipient = recipient
    self.tenant = tenant
    self.purpose = purpose
    self.queuedAt = queuedAt
    self.deadline = deadline
    self.sentAt = sentAt
    self.endedAt = endedAt
    self.nextAttempt = nextAttempt
    self.retryAt = retryAt
    self.method = method
    self.url = url
    self.isResend = isResend
    self.isUsed = isUsed
  }
}
