import CodeRequests
import Foundation
import PasscodeVerifier
import Records
import SQLiteRecords
import RecordKeys
import RecordsFixture
import Testing

/// Resends, retries and crashes: which passcodes of a challenge are good.
@Suite struct ChallengeTests {
  @Test func `lets a resend join, and takes either id`() throws {
    let installation = try Installation()
    let store = try installation.store()
    let verifier = try installation.verifier()
    let first = try request(code: "111111")
    _ = try store.sent(first)
    let second = try request(challenge: first.id, code: "222222")
    _ = try store.sent(second, at: start + 31)
    // The older mail that arrives late works, and a resend of the resend belongs to the same challenge.
    let third = try request(challenge: second.id, code: "333333")
    _ = try store.sent(third, at: start + 62)
    #expect(
      try verifier.verify("000000", challenge: third.id.rawValue, now: start + 63)
        == .incorrect(attemptsLeft: 4))
    #expect(try verifier.verify("111111", challenge: second.id.rawValue, now: start + 64).session != nil)
    for (request, code) in [(first, "222222"), (second, "222222"), (third, "333333")] {
      #expect(try verifier.verify(code, challenge: request.id.rawValue, now: start + 65) == .used)
    }
    #expect(try store.status(of: second.id)?.isResend == true)
  }

  @Test(arguments: [Settlement.Result.deferred(until: start + 90), .failed, .released, .expired])
  func `a resend of the same code that does not leave spares the code that was mailed`(
    _ result: Settlement.Result
  ) throws {
    let installation = try Installation()
    let store = try installation.store()
    let first = try request(code: "111111")
    _ = try store.sent(first)
    let resend = try request(challenge: first.id, code: "111111")
    try store.settle(try store.ticket(resend, at: start + 31), result, at: start + 32)
    #expect(
      try installation.verifier().verify("111111", challenge: first.id.rawValue, now: start + 33).session
        != nil)
  }

  @Test func `each passcode ends with its own time, whatever a resend has added`() throws {
    let installation = try Installation()
    let store = try installation.store()
    let verifier = try installation.verifier()
    for (at, isGood) in [(1799.999, true), (1800, false)] {
      let first = try request(to: "at-\(Int(at))@example.org", code: "111111")
      _ = try store.sent(first)
      _ = try store.sent(
        try request(to: "at-\(Int(at))@example.org", challenge: first.id, code: "222222"), at: start + 60)
      let answer = try verifier.verify("111111", challenge: first.id.rawValue, now: start + at)
      #expect((answer.session != nil) == isGood, "after \(at) s: \(answer)")
    }
  }

  @Test func `drops the oldest at the fourth passcode, and gives no attempts back`() throws {
    let installation = try Installation()
    let store = try installation.store()
    let verifier = try installation.verifier()
    let first = try request(code: "111111")
    _ = try store.sent(first)
    for _ in 0..<3 { _ = try verifier.verify("000000", challenge: first.id.rawValue, now: start) }
    for (index, code) in ["222222", "333333", "444444"].enumerated() {
      let resend = try request(challenge: first.id, code: code)
      _ = try store.sent(resend, at: start + Double(index + 1))
    }
    #expect(
      try verifier.verify("111111", challenge: first.id.rawValue, now: start + 9)
        == .incorrect(attemptsLeft: 1))
    #expect(try verifier.verify("222222", challenge: first.id.rawValue, now: start + 9).session != nil)
  }

  @Test(arguments: ["used", "locked", "expired", "subject", "purpose"])
  func `refuses a resend into a challenge that is closed`(state: String) throws {
    let installation = try Installation()
    let store = try installation.store()
    let verifier = try installation.verifier()
    let first = try request()
    let ticket = try store.sent(first)
    var resend = try request(challenge: first.id)
    var now = start + 31
    var expected = Outcome.refused
    switch state {
    case "used": _ = try verifier.verify(ticket.code, challenge: first.id.rawValue, now: now)
    case "locked":
      for _ in 0..<5 { _ = try verifier.verify(ticket.wrong, challenge: first.id.rawValue, now: now) }
    case "expired": now = start + 1800
    case "subject":
      resend.recipient = try EmailAddress("mallory@example.org")
      expected = .rejected
    default:
      resend.purpose = try Purpose("verify-email")
      expected = .rejected
    }
    #expect(try store.admit(AdmissionRequest(resend, at: now), now: now).settled.outcome == expected)
    #expect(try store.status(of: resend.id)?.outcome == expected)
  }

  @Test func `serves a resend that overtakes its request`() throws {
    let installation = try Installation()
    let store = try installation.store()
    let verifier = try installation.verifier()
    let first = try request()
    let resend = try request(challenge: first.id)
    let ticket = try store.sent(resend, at: start + 40)
    #expect(
      try store.admit(AdmissionRequest(first, at: start), now: start + 41).settled.outcome == .superseded)
    #expect(try verifier.verify(ticket.code, challenge: first.id.rawValue, now: start + 42).session != nil)
  }

  @Test(arguments: [
    (Settlement.Result.ambiguous(until: start + 2), true), (.deferred(until: start + 2), false),
    (.released, false), (nil, false),
  ])
  func `remembers over a crash that the relay fell silent, and no more than that`(
    result: Settlement.Result?, isRemembered: Bool
  ) throws {
    let installation = try Installation()
    let request = try request()
    let first = try installation.store()
    let ticket = try first.ticket(request)
    #expect(!ticket.mayHaveArrived)
    if let result { try first.settle(ticket, result) }
    // The last of these processes finds what one before it had in flight; twice would make it a suspect.
    for second in result == nil ? [2.0] : [2, 4] {
      let next = try installation.store().admit(AdmissionRequest(request, at: start), now: start + second)
      #expect(try next.ticket.mayHaveArrived == isRemembered)
    }
  }

  @Test(arguments: [1, 3]) func `no crash costs a code that may be in the mailbox`(perChallenge: Int) throws {
    let installation = try Installation()
    let settings = PasscodeSettings(attempts: 20, perChallenge: perChallenge)
    let request = try request()
    let first = try installation.store(settings: settings)
    var tickets = [try first.ticket(request)]
    try first.settle(tickets[0], .ambiguous(until: start + 2))
    // In flight at each of these ends; the last one is tried alone.
    for crash in 1...3 {
      let next = try installation.store(settings: settings)
      tickets.append(
        try next.admit(
          AdmissionRequest(request, at: start, isAlone: true), now: start + Double(crash)
        ).ticket)
    }
    let last = try installation.store(settings: settings)
    #expect(try last.admit(AdmissionRequest(request, at: start), now: start + 5).settled.outcome == .failed)
    #expect(try installation.codesThatWork(tickets.map(\.code), of: request) == tickets.map(\.code))
  }

  @Test(arguments: [Settlement.Result.released, .deferred(until: start + 2)])
  func `a code that was not sent takes no place from one that may have been`(end: Settlement.Result) throws {
    let installation = try Installation()
    let request = try request()
    let first = try installation.store()
    let sent = try first.ticket(request)
    try first.settle(sent, .ambiguous(until: start + 2))
    var unsent: [String] = []
    for attempt in 1...6 {
      let next = try installation.store()
      let ticket = try next.admit(AdmissionRequest(request, at: start), now: start + Double(attempt)).ticket
      #expect(ticket.mayHaveArrived)
      unsent.append(ticket.code)
      try next.settle(ticket, end)
    }
    let last = try installation.store()
    let again = try last.admit(AdmissionRequest(request, at: start), now: start + 9).ticket
    try last.settle(again, .ambiguous(until: nil))
    #expect(
      try installation.codesThatWork([sent.code] + unsent + [again.code], of: request)
        == [sent.code, again.code])
  }

  @Test func `replaces a passcode that certainly did not leave`() throws {
    let installation = try Installation()
    let store = try installation.store()
    let request = try request(code: "111111")
    let ticket = try store.ticket(request)
    try store.settle(ticket, .deferred(until: start + 2))
    #expect(
      try installation.verifier().verify("111111", challenge: request.id.rawValue, now: start + 1)
        == .incorrect(attemptsLeft: 4))
    let again = try store.admit(AdmissionRequest(request, at: start), now: start + 2).ticket
    #expect(again.messageIDToken == ticket.messageIDToken)
    #expect(again.entityRef != ticket.entityRef)
    #expect(again.madeAt == start + 2)
    #expect(
      try installation.verifier().verify("111111", challenge: request.id.rawValue, now: start + 3).session
        != nil)
  }

  @Test func `keeps a passcode that may have arrived, and sends the same again when it is brought`() throws {
    let installation = try Installation()
    let store = try installation.store()
    let verifier = try installation.verifier()
    let (kept, fresh) = (try request(to: "kept@example.org"), try request(to: "fresh@example.org"))
    for request in [kept, fresh] {
      let first = try store.ticket(request)
      try store.settle(first, .ambiguous(until: start + 5))
      let reuse = request.id == kept.id ? first.passcode : nil
      let second = try store.admit(AdmissionRequest(request, at: start, reuse: reuse), now: start + 5).ticket
      if request.id == kept.id {
        #expect(second.code == first.code)
        #expect(second.end == first.end)
        try store.settle(second, .deferred(until: start + 9))
      }
      #expect(try verifier.verify(first.code, challenge: request.id.rawValue, now: start + 6).session != nil)
      if second.code != first.code {
        #expect(try verifier.verify(second.code, challenge: request.id.rawValue, now: start + 7) == .used)
      }
    }
    // Its code was used: what waited has nothing left to say.
    #expect(try store.admit(AdmissionRequest(kept, at: start), now: start + 9).settled.outcome == .sent)
  }

  @Test func `sends again after a crash with a further passcode, and both are good`() throws {
    let installation = try Installation()
    let verifier = try installation.verifier()
    for useFirst in [true, false] {
      let request = try request(to: "crash-\(useFirst)@example.org")
      let before = try installation.store().ticket(request)
      // The process died here; the next one has a store of its own.
      let store = try installation.store()
      let after = try store.admit(AdmissionRequest(request, at: start), now: start + 1).ticket
      #expect(after.messageIDToken == before.messageIDToken)
      #expect(after.crashes == 1 && before.crashes == 0)
      try store.settle(after, .sent, at: start + 1)
      let (one, other) = useFirst ? (before, after) : (after, before)
      #expect(try verifier.verify(one.code, challenge: request.id.rawValue, now: start + 2).session != nil)
      #expect(try verifier.verify(other.code, challenge: request.id.rawValue, now: start + 2) == .used)
    }
  }

  @Test func `gives up a request that was in flight at three crashes`() throws {
    let installation = try Installation()
    let request = try request()
    for crashes in 0..<3 {
      let admission = AdmissionRequest(request, at: start, isAlone: crashes == 2)
      let ticket = try installation.store().admit(admission, now: start).ticket
      #expect(ticket.crashes == crashes)
    }
    let settled = try installation.store().admit(AdmissionRequest(request, at: start), now: start).settled
    #expect(settled.outcome == .failed)
    #expect(try installation.store().status(of: request.id)?.outcome == .failed)
  }

  @Test func `sends what was in flight at two crashes only alone, also after a deferral`()
    throws
  {
    let installation = try Installation()
    let request = try request()
    for _ in 0..<2 { _ = try installation.store().ticket(request) }
    let store = try installation.store()
    let admission = AdmissionRequest(request, at: start)
    let alone = AdmissionRequest(request, at: start, isAlone: true)
    for _ in 0..<2 {
      guard case .suspect = try store.admit(admission, now: start) else {
        Issue.record("it was not held back")
        return
      }
    }
    // Asking has changed nothing: alone it is sent, as the third attempt after two crashes.
    let ticket = try store.admit(alone, now: start).ticket
    #expect(ticket.crashes == 2 && ticket.attempt == 3)
    try store.settle(ticket, .deferred(until: start + 1))
    guard case .suspect = try store.admit(admission, now: start + 1) else {
      Issue.record("it was not held back after a deferral")
      return
    }
    try store.settle(try store.admit(alone, now: start + 1).ticket, .sent)
    #expect(try store.status(of: request.id)?.outcome == .sent)
  }

  @Test func `ignores a settlement of a request it is not sending`() throws {
    let installation = try Installation()
    let request = try request()
    let old = try installation.store()
    let before = try old.ticket(request)
    let store = try installation.store()
    let after = try store.admit(AdmissionRequest(request, at: start), now: start).ticket
    try old.settle(before, .failed)
    #expect(try store.status(of: request.id)?.state == .sending)
    try store.settle(after, .sent)
    try store.settle(after, .failed)
    #expect(try store.status(of: request.id)?.state == .sent)
  }
}
