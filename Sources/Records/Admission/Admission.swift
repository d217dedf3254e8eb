package import CodeRequests
package import FoundationEssentials
package import GuestPolicy

/// A request that asks to be sent, with what was found out about it. A class, since it is handed from step to step
/// unchanged: a copy would count a dozen references.
package final class AdmissionRequest: Sendable {
  /// What the policy says about the guest.
  package enum Decision: Hashable, Sendable {
    case allowed
    /// No passcode: `method` is what to use instead, `rule` which rule says so.
    case refused(method: String, url: String?, rule: String)
  }

  package let request: CodeRequest
  package let queuedAt: Date
  /// Never send after this.
  package let deadline: Date
  /// The resolved tenant's id; nil where there are no tenants.
  package let tenant: String?
  /// Asked inside the transaction, with how the guest has redeemed so far.
  package let decide: @Sendable (Redemption) -> Decision
  /// A passcode that an earlier attempt may have brought to the mailbox: the same one goes out again if it is
  /// still good.
  package let reuse: Passcode?
  /// Nothing else is in flight, and nothing is admitted with it: a `suspect` may be tried.
  package let isAlone: Bool

  package init(
    request: CodeRequest, queuedAt: Date, deadline: Date, tenant: String? = nil,
    reuse: Passcode? = nil, isAlone: Bool = false,
    decide: @escaping @Sendable (Redemption) -> Decision = { _ in .allowed }
  ) {
    self.request = request
    self.queuedAt = queuedAt
    self.deadline = deadline
    self.tenant = tenant
    self.decide = decide
    self.reuse = reuse
    self.isAlone = isAlone
  }
}

extension AdmissionRequest {
  /// A request whose guest's tenant decides, by the pure decision of `GuestPolicy`.
  ///
  /// - Parameter now: when the tenant's switch is looked at.
  package convenience init(
    request: CodeRequest, queuedAt: Date, deadline: Date, of tenant: Tenant, reuse: Passcode? = nil,
    isAlone: Bool = false, now: Date
  ) {
    self.init(
      request: request, queuedAt: queuedAt, deadline: deadline,
      tenant: tenant.id == Tenant.only.id ? nil : tenant.id, reuse: reuse, isAlone: isAlone
    ) { redemption in
      let decision = tenant.decide(
        for: request.recipient, accounts: request.accounts, redemption: redemption, now: now)
      return decision.allowsPasscode
        ? .allowed
        : .refused(method: decision.method.rawValue, url: decision.url, rule: decision.rule.rawValue)
    }
  }
}

/// What became of a request at admission.
package enum Admission: Sendable {
  /// Committed as being sent: its passcode's hash is durable.
  case send(Ticket)
  /// Nothing goes out.
  case settled(SettledRequest)
  /// Two processes died with this request in flight. At the third it fails, so it is sent with nothing else in flight
  /// that could be the cause in its place: ask again with `isAlone`.
  case suspect
  /// Another run has it in hand, which lives: ask again later. Were its file given up now and that run died, the request
  /// would be lost.
  case postponed
}

/// Whom the audit trail's lines about a request name. Kept by whoever holds the ticket, so that the line about the
/// outcome costs no look at the request's row.
package struct AuditedRequest: Sendable {
  package let idKey: Int64
  package let address: Int64
  /// Redacted.
  package let recipient: String
  package let tenant: String?

  package init(idKey: Int64, address: Int64, recipient: String, tenant: String?) {
    self.idKey = idKey
    self.address = address
    self.recipient = recipient
    self.tenant = tenant
  }
}

/// Leave to send one mail once. A reference, since it is handed from thread to thread unchanged.
package final class Ticket: Sendable {
  /// Names the request in its `Settlement`.
  package let requestKey: Int64
  package let audited: AuditedRequest
  package let passcode: Passcode
  package let madeAt: Date
  /// How long the passcode is good from `madeAt` on.
  package let validity: Duration
  /// When the request was put in the queue at first, whatever has been done with its file since.
  package let queuedAt: Date
  /// Never send after this: as it was at the first admission, or earlier.
  package let deadline: Date
  /// 1 for the first.
  package let attempt: Int
  /// How many processes died with this request in flight. Those with more than 0 are to be sent a few at a time: one
  /// of them may be the cause.
  package let crashes: Int
  /// The relay fell silent over an earlier attempt, whichever process made it: a second silence ends the request.
  package let mayHaveArrived: Bool
  /// 32 hexadecimal digits, a keyed hash of the id: the same at every attempt.
  package let messageIDToken: String
  /// 24 hexadecimal digits, different at every attempt.
  package let entityRef: String
  /// Request keys of older requests of the same subject and purpose that are being sent: whichever no lane has begun is
  /// to be withdrawn, and ends as superseded when it comes round.
  package let older: [Int64]

  package init(
    requestKey: Int64, audited: AuditedRequest, passcode: Passcode, madeAt: Date,
    validity: Duration, queuedAt: Date, deadline: Date, attempt: Int, crashes: Int,
    mayHaveArrived: Bool, messageIDToken: String, entityRef: String, older: [Int64]
  ) {
    self.requestKey = requestKey
    self.audited = audited
    self.passcode = passcode
    self.madeAt = madeAt
    self.validity = validity
    self.queuedAt = queuedAt
    self.deadline = deadline
    self.attempt = attempt
    self.crashes = crashes
    self.mayHaveArrived = mayHaveArrived
    self.messageIDToken = messageIDToken
    self.entityRef = entityRef
    self.older = older
  }
}

/// A request that ended at admission, or one that had ended before.
package struct SettledRequest: Sendable {
  /// Nil: another file with the same id is still waiting or in flight; this one is not needed.
  package let outcome: Outcome?
  /// True where the outcome is an earlier one: nothing was decided now.
  package let isDuplicate: Bool
  /// Which rule, limit or fault, in words for a log line.
  package let reason: String?
  /// For `limited`: how long until the same request would be let through, in whole seconds rounded up.
  package let retryAfter: Duration?
  /// For `refused` by policy: what to use instead.
  package let method: String?
  package let url: String?

  package init(
    outcome: Outcome?, isDuplicate: Bool = false, reason: String? = nil, retryAfter: Duration? = nil,
    method: String? = nil, url: String? = nil
  ) {
    self.outcome = outcome
    self.isDuplicate = isDuplicate
    self.reason = reason
    self.retryAfter = retryAfter
    self.method = method
    self.url = url
  }
}

/// How an attempt to send ended.
package final class Settlement: Sendable {
  package enum Result: Hashable, Sendable {
    /// Accepted by the relay.
    case sent
    /// Refused for good: the passcode did not leave.
    case failed
    /// Refused for now: the passcode did not leave, a fresh one is made at the next attempt.
    case deferred(until: Date)
    /// The connection ended where the mail may have been taken: the passcode stays good. Nil: no further attempt, the
    /// request ends as `failed`.
    case ambiguous(until: Date?)
    /// The deadline passed before the mail began.
    case expired
    /// Withdrawn before the mail began.
    case cancelled
    /// Not begun (shutdown, relay down): back to the queue as it was.
    case released
  }

  package let requestKey: Int64
  /// The ticket's; nil: looked up.
  package let audited: AuditedRequest?
  package let result: Result
  /// The relay's three digits.
  package let replyCode: Int?
  /// Such as `4.7.1`.
  package let enhancedCode: String?
  /// The reply or the reason in words, bounded and without addresses.
  package let replyText: String?
  package let relay: String?
  /// The locale that the mail was written in.
  package let locale: String?
  package let at: Date

  package init(
    requestKey: Int64, audited: AuditedRequest? = nil, result: Result,
    replyCode: Int? = nil,
    enhancedCode: String? = nil, replyText: String? = nil, relay: String? = nil, locale: String? = nil,
    at: Date
  ) {
    self.requestKey = requestKey
    self.audited = audited
    self.result = result
    self.replyCode = replyCode
    self.enhancedCode = enhancedCode
    self.replyText = replyText
    self.relay = relay
    self.locale = locale
    self.at = at
  }
}
