import CodeRequests
import Foundation
import PasscodeVerifier
import Records
import SQLiteRecords
import RecordKeys
import RecordsFixture
import Testing

@Suite struct AdmissionTests {
  @Test func `sends an id once, before, during and after delivery`() throws {
    let installation = try Installation()
    let store = try installation.store()
    let request = try request()
    let own = AdmissionRequest(request, at: start)
    let copy = AdmissionRequest(request, at: start)
    let batch = try store.commit(settlements: [], admissions: [own, copy], now: start)
    #expect(batch.count { (try? $0.settled)?.isDuplicate == true } == 1)
    let ticket = try #require(batch.compactMap { try? $0.ticket }.first)
    #expect(try store.admit(copy, now: start).settled.outcome == nil)
    try store.settle(ticket, .deferred(until: start + 2))
    let retry = try store.admit(batch.first.flatMap { try? $0.ticket } == nil ? copy : own, now: start + 2)
      .ticket
    #expect(retry.attempt == 2)
    try store.settle(retry, .sent, at: start + 2)
    for entry in [own, copy] {
      let after = try store.admit(entry, now: start + 3).settled
      #expect(after.outcome == .sent && after.isDuplicate)
    }
  }

  @Test(arguments: [Settlement.Result.deferred(until: start + 2), .released])
  func `a second file takes over where the first is not in flight`(_ result: Settlement.Result) throws {
    let installation = try Installation()
    let store = try installation.store()
    let request = try request()
    let (own, copy) = (
      AdmissionRequest(request, at: start),
      AdmissionRequest(request, at: start)
    )
    try store.settle(try store.admit(own, now: start).ticket, result)
    // The first file may be gone: to drop the second as a duplicate would lose the request.
    let ticket = try store.admit(copy, now: start + 1).ticket
    #expect(try store.admit(own, now: start + 1).settled.isDuplicate)
    try store.settle(ticket, .sent, at: start + 1)
    #expect(try store.admit(own, now: start + 2).settled.outcome == .sent)
  }

  @Test func `never sends past the deadline`() throws {
    let installation = try Installation()
    let store = try installation.store()
    let request = try request()
    #expect(
      try store.admit(AdmissionRequest(request, at: start), now: start + 600).settled.outcome == .expired)
    #expect(try store.status(of: request.id)?.outcome == .expired)
  }

  @Test func `names what to use instead where the policy refuses`() throws {
    let installation = try Installation()
    let store = try installation.store()
    let request = try request()
    let admission = AdmissionRequest(request, at: start) { _ in
      .refused(method: "google", url: "https://signup.example", rule: "federatedDomains")
    }
    let settled = try store.admit(admission, now: start).settled
    #expect(
      settled.outcome == .refused && settled.method == "google" && settled.url == "https://signup.example")
    let status = try #require(try store.status(of: request.id))
    #expect(status.outcome == .refused && status.method == "google" && status.attempts == 0)
  }

  // MARK: Superseding

  @Test func `sends the newest of one subject in a batch, whatever the order`() throws {
    let installation = try Installation()
    let store = try installation.store()
    let (old, new) = (try request(), try request())
    let other = try request(purpose: "verify-email")
    for admissions in [
      [
        AdmissionRequest(old, at: start), AdmissionRequest(new, at: start + 1),
        AdmissionRequest(other, at: start),
      ]
    ] {
      let batch = try store.commit(settlements: [], admissions: admissions, now: start + 2)
      #expect(try batch[0].settled.outcome == .superseded)
      #expect(throws: Never.self) { try batch[1].ticket }
      #expect(throws: Never.self) { try batch[2].ticket }
    }
  }

  @Test func `supersedes one that is deferred, and an older one that comes later`() throws {
    let installation = try Installation()
    let store = try installation.store()
    let (old, new, late) = (try request(), try request(), try request())
    let ticket = try store.ticket(old)
    try store.settle(ticket, .deferred(until: start + 90))
    _ = try store.ticket(new, at: start + 40)
    #expect(try store.status(of: old.id)?.outcome == .superseded)
    #expect(try store.admit(AdmissionRequest(old, at: start), now: start + 90).settled.outcome == .superseded)
    #expect(
      try store.admit(AdmissionRequest(late, at: start + 20), now: start + 41).settled.outcome == .superseded)
  }

  @Test func `supersedes what asks for the same purpose, and nothing else of the subject`() throws {
    let installation = try Installation()
    let store = try installation.store()
    let (old, new, other) = (try request(), try request(), try request(purpose: "verify-email"))
    for waiting in [old, other] {
      try store.settle(try store.ticket(waiting), .deferred(until: start + 90))
    }
    _ = try store.ticket(new, at: start + 40)
    #expect(try store.status(of: old.id)?.outcome == .superseded)
    #expect(try store.status(of: other.id)?.outcome == nil)
    #expect(try store.admit(AdmissionRequest(other, at: start), now: start + 90).ticket.attempt == 2)
  }

  @Test func `leaves the older one alone when the newer one is limited`() throws {
    let installation = try Installation()
    let store = try installation.store(limits: LimitSettings())
    let (old, new) = (try request(), try request())
    try store.settle(try store.ticket(old), .deferred(until: start + 10))
    #expect(try store.admit(AdmissionRequest(new, at: start + 5), now: start + 5).settled.outcome == .limited)
    #expect(try store.admit(AdmissionRequest(old, at: start), now: start + 10).ticket.attempt == 2)
  }

  // MARK: Limits

  @Test func `tells to the second when a subject may ask again`() throws {
    let installation = try Installation()
    let store = try installation.store(limits: LimitSettings())
    _ = try store.sent(try request())
    let refused = try store.admit(AdmissionRequest(try request(), at: start + 12.4), now: start + 12.4)
      .settled
    #expect(refused.outcome == .limited)
    #expect(refused.retryAfter == .seconds(18))
    #expect(
      try store.admit(AdmissionRequest(try request(), at: start + 29), now: start + 29).settled.outcome
        == .limited)
    _ = try store.sent(try request(), at: start + 30)
    // Another spelling of the same address is the same subject; another address is not.
    let spelled = try request(to: "Anna@EXAMPLE.ORG.")
    #expect(
      try store.admit(AdmissionRequest(spelled, at: start + 31), now: start + 31).settled.outcome == .limited)
    _ = try store.sent(try request(to: "anne@example.org"), at: start + 31)
  }

  @Test func `slides the window, and limited requests do not count`() throws {
    let installation = try Installation()
    let limits = LimitSettings(
      perSubject: [SendLimit(count: 6, window: .seconds(100))], perMailbox: [], perClient: [])
    let store = try installation.store(limits: limits)
    for second in [0.0, 10, 50] { _ = try store.sent(try request(), at: start + second) }
    for second in 51..<99 {
      let now = start + Double(second)
      #expect(try store.admit(AdmissionRequest(try request(), at: now), now: now).settled.outcome == .limited)
    }
    _ = try store.sent(try request(), at: start + 100)
    let next = try store.admit(AdmissionRequest(try request(), at: start + 100), now: start + 100.5).settled
    #expect(next.retryAfter == .seconds(10))
    // The clock moved back gives nothing.
    #expect(
      try store.admit(AdmissionRequest(try request(), at: start - 3600), now: start - 3600).settled.outcome
        != nil)
  }

  @Test(arguments: [
    ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false),
    ("::ffff:192.0.2.1", "192.0.2.1", true),
    ("2001:db8::1", "2001:db8::ffff", true), ("2001:db8::1", "2001:db8:0:1::1", false),
  ])
  func `counts a client by its network`(first: String, second: String, isSame: Bool) throws {
    let installation = try Installation()
    let limits = LimitSettings(perSubject: [], perClient: [SendLimit(count: 1, window: .seconds(60))])
    let store = try installation.store(limits: limits)
    _ = try store.sent(try request(to: "a@example.org", ip: first))
    let admission = try store.admit(
      AdmissionRequest(try request(to: "b@example.org", ip: second), at: start), now: start)
    #expect((try? admission.settled.outcome == .limited) ?? false == isSame)
  }

  @Test func `counts a tenant inside one batch`() throws {
    let installation = try Installation()
    let limits = LimitSettings(
      perSubject: [], perClient: [], perTenant: [SendLimit(count: 3, window: .seconds(60))])
    let store = try installation.store(limits: limits)
    let admissions = try (0..<5).map {
      AdmissionRequest(try request(to: "u\($0)@example.org"), at: start, tenant: "fabrikam")
    }
    let batch = try store.commit(settlements: [], admissions: admissions, now: start)
    #expect(batch.count { (try? $0.ticket) != nil } == 3)
    #expect(try batch[4].settled.retryAfter == .seconds(60))
    _ = try store.admit(
      AdmissionRequest(try request(to: "u9@example.org"), at: start, tenant: "other"), now: start
    ).ticket
  }

  // MARK: Cancel and status

  @Test func `cancels what waits and not what is with the relay`() throws {
    let installation = try Installation()
    let store = try installation.store()
    let (unseen, waiting) = (try request(to: "a@example.org"), try request(to: "b@example.org"))
    #expect(try store.cancel(unseen.id, now: start) == .cancelled)
    #expect(try store.admit(AdmissionRequest(unseen, at: start), now: start).settled.outcome == .cancelled)
    let ticket = try store.ticket(waiting)
    #expect(try store.cancel(waiting.id, now: start) == .sending)
    try store.settle(ticket, .deferred(until: start + 2))
    #expect(try store.cancel(waiting.id, now: start) == .cancelled)
    #expect(try store.cancel(waiting.id, now: start) == .ended(.cancelled))
    #expect(
      try store.admit(AdmissionRequest(waiting, at: start), now: start + 2).settled.outcome == .cancelled)
  }

  @Test func `marks what is being sent as cancelled, for this worker and for the next`() throws {
    let installation = try Installation()
    let worker = try installation.store()
    let command = try installation.store()
    let requests = try (0..<3).map { try request(to: "u\($0)@example.org") }
    let tickets = try requests.map { try worker.ticket($0) }
    let rows = tickets.map(\.requestKey)
    #expect(try worker.cancelledWhileSending(among: rows).isEmpty)
    #expect(try command.cancel(requests[1].id, now: start) == .sending)
    #expect(try worker.cancelledWhileSending(among: rows) == [rows[1]])
    // Sent all the same: the mark leaves nothing behind.
    try worker.settle(tickets[1], .sent)
    #expect(try command.cancel(requests[1].id, now: start) == .ended(.sent))
    #expect(try worker.status(of: requests[1].id)?.reply == nil)
    // The worker dies before it has looked.
    #expect(try command.cancel(requests[2].id, now: start) == .sending)
    let next = try installation.store()
    #expect(
      try next.admit(AdmissionRequest(requests[2], at: start), now: start).settled.outcome == .cancelled)
    _ = try next.admit(AdmissionRequest(requests[0], at: start), now: start).ticket
  }

  @Test func `a request that was cancelled while it was sent is not tried again, but by hand`() throws {
    let installation = try Installation()
    let store = try installation.store()
    let first = try request()
    let ticket = try store.ticket(first)
    #expect(try store.cancel(first.id, now: start) == .sending)
    try store.settle(ticket, .deferred(until: start + 2))
    let admission = AdmissionRequest(first, at: start)
    #expect(try store.admit(admission, now: start + 2).settled.outcome == .cancelled)
    let other = try request(to: "bo@example.org")
    let failing = try store.ticket(other)
    #expect(try store.cancel(other.id, now: start) == .sending)
    try store.settle(failing, .failed)
    #expect(try store.reopen(other.id, deadline: start + 600, now: start + 1))
    #expect(throws: Never.self) {
      try store.admit(AdmissionRequest(other, at: start + 1), now: start + 1).ticket
    }
  }

  @Test func `names the older requests of a subject that are being sent`() throws {
    let installation = try Installation()
    let store = try installation.store()
    let older = try store.ticket(try request())
    let other = try store.ticket(try request(to: "bo@example.org"))
    let newer = try store.ticket(try request(), at: start + 1)
    #expect(other.older.isEmpty && newer.older == [older.requestKey])
    // Withdrawn before a lane began it, it comes round and ends.
    try store.settle(older, .released)
    let third = try store.ticket(try request(), at: start + 2)
    #expect(third.older == [newer.requestKey], "the one that waits is superseded at once")
  }

  @Test func `tells where a request stands`() throws {
    let installation = try Installation()
    let store = try installation.store()
    let request = try request()
    #expect(try store.status(of: request.id) == nil)
    let first = try store.ticket(request)
    #expect(try store.status(of: request.id)?.state == .sending)
    let reply = Settlement(
      requestKey: first.requestKey, result: .deferred(until: start + 2), replyCode: 451,
      enhancedCode: "4.7.1",
      replyText: "greylisted", relay: "smtp://relay.example", locale: "sv", at: start)
    _ = try store.commit(settlements: [reply], admissions: [], now: start)
    let deferred = try #require(try store.status(of: request.id))
    #expect(
      deferred.state == .deferred && deferred.reply == "451 4.7.1 greylisted" && deferred.attempts == 1)
    #expect(
      deferred.nextAttempt == start + 2 && deferred.locale == "sv" && deferred.relay == "smtp://relay.example"
    )
    let second = try store.admit(AdmissionRequest(request, at: start), now: start + 2).ticket
    try store.settle(second, .sent, at: start + 3)
    let sent = try #require(try store.status(of: request.id))
    #expect(sent.outcome == .sent && sent.sentAt == start + 3 && sent.attempts == 2 && sent.queuedAt == start)
    #expect(sent.recipient == "a•••@example.org")
  }

  @Test func `takes what was released as it was`() throws {
    let installation = try Installation()
    let store = try installation.store()
    let request = try request()
    let ticket = try store.ticket(request)
    try store.settle(ticket, .released)
    #expect(try store.status(of: request.id)?.state == .queued)
    let again = try store.admit(AdmissionRequest(request, at: start), now: start + 1).ticket
    #expect(again.attempt == 1)
    #expect(
      try installation.verifier().verify(ticket.code, challenge: request.id.rawValue, now: start + 1).name
        == "incorrect" || ticket.code == again.code)
  }
}
