import CodeRequests
import Foundation
import RecordsFixture
import Testing

@testable import PasscodeVerifier
@testable import Records
@testable import SQLiteRecords

/// What nobody got counts for nobody.
@Suite struct RefusedMailTests {
  private static let ends: [Settlement.Result] = [.failed, .expired]

  private func limits(
    subject: [SendLimit] = [], client: [SendLimit] = [], tenant: [SendLimit] = []
  ) -> LimitSettings {
    LimitSettings(
      perSubject: subject, perMailbox: [], perClient: client, perDevice: [], perTenant: tenant)
  }

  /// Admits, and ends what was admitted. False where it was limited.
  private func ask(
    _ store: RecordStore, _ request: CodeRequest, _ result: Settlement.Result?, at second: Double,
    tenant: String? = nil
  ) throws -> Bool {
    let now = start + second
    let admission = try store.admit(AdmissionRequest(request, at: now, tenant: tenant), now: now)
    guard case .send(let ticket) = admission else {
      #expect(try admission.settled.outcome == .limited)
      return false
    }
    if let result {
      _ = try store.commit(
        settlements: [
          Settlement(requestKey: ticket.requestKey, result: result, at: now)
        ], admissions: [], now: now)
    }
    return true
  }

  @Test(arguments: ends)
  func `a mail that no relay took fills no place of its subject, until it happens again and again`(
    result: Settlement.Result
  ) throws {
    let installation = try Installation()
    let store = try installation.store(
      limits: limits(subject: [
        SendLimit(count: 1, window: .seconds(30)), SendLimit(count: 10, window: .seconds(900)),
      ]))
    // Two are forgiven, whatever the windows say; from the third on each counts.
    #expect(try ask(store, try request(), result, at: 0))
    #expect(try ask(store, try request(), result, at: 1))
    #expect(try ask(store, try request(), result, at: 2))
    #expect(try !ask(store, try request(), result, at: 3))
    #expect(try ask(store, try request(), result, at: 32))
    #expect(try ask(store, try request(), result, at: 62))
    #expect(try !ask(store, try request(), result, at: 93), "five of ten are the most for one client")
    // A day later nothing of it is held against anybody.
    #expect(try ask(store, try request(), result, at: 86_500))
    #expect(try ask(store, try request(), result, at: 86_501))
  }

  @Test func `what was sent, may have arrived or is on its way counts`() throws {
    for (number, result) in [
      Settlement.Result.sent, .ambiguous(until: nil), .deferred(until: start + 99), nil,
    ]
    .enumerated() {
      let installation = try Installation()
      let store = try installation.store(limits: limits(subject: [SendLimit(count: 1, window: .seconds(30))]))
      #expect(try ask(store, try request(), result, at: 0))
      #expect(try !ask(store, try request(), .sent, at: 1), "\(number)")
    }
  }

  @Test func `one that expires after a deferral is given back as well`() throws {
    let installation = try Installation()
    let store = try installation.store(
      limits: limits(
        subject: [SendLimit(count: 1, window: .seconds(3600))],
        client: [SendLimit(count: 1, window: .seconds(3600))]))
    let first = try request(ip: "192.0.2.1")
    #expect(try ask(store, first, .deferred(until: start + 60), at: 0))
    #expect(try !ask(store, try request(ip: "192.0.2.1"), nil, at: 1))
    // It comes round after its deadline, at another start of the worker.
    let next = try installation.store(
      limits: limits(
        subject: [SendLimit(count: 1, window: .seconds(3600))],
        client: [SendLimit(count: 1, window: .seconds(3600))]))
    let late = try next.admit(AdmissionRequest(first, at: start, deadline: start + 600), now: start + 601)
    #expect(try late.settled.outcome == .expired)
    #expect(try ask(next, try request(ip: "192.0.2.1"), .sent, at: 602))
    #expect(try !ask(next, try request(to: "bo@example.org", ip: "192.0.2.1"), .sent, at: 603))
  }

  @Test(arguments: ends)
  func `nor does it fill a place of its client, up to as many as that has`(result: Settlement.Result) throws {
    let limit = [SendLimit(count: 3, window: .seconds(600))]
    do {
      let installation = try Installation()
      let store = try installation.store(limits: limits(client: limit))
      func ask(_ number: Int, _ result: Settlement.Result) throws -> Bool {
        try self.ask(
          store, try request(to: "a\(number)@example.org", ip: "192.0.2.1"), result, at: Double(number),
          tenant: "fabrikam")
      }
      #expect(try ask(0, .sent))
      for number in 1...3 { #expect(try ask(number, result), "\(number)") }
      // Three were given back. One dead address after the other is no way to ask without end.
      #expect(try ask(4, result))
      #expect(try ask(5, result))
      #expect(try !ask(6, .sent))
      #expect(try ask(700, .sent))
    }
  }

  @Test(arguments: ends)
  func `places of a tenant and of everybody are never given back`(result: Settlement.Result) throws {
    let limit = [SendLimit(count: 2, window: .seconds(600), counts: .all)]
    var total = limits()
    total.total = [SendLimit(count: 4, window: .seconds(600), counts: .all)]
    for settings in [limits(tenant: limit), total] {
      let installation = try Installation()
      let store = try installation.store(limits: settings)
      for number in 0..<2 {
        #expect(
          try ask(store, try request(to: "a\(number)@example.org"), result, at: Double(number), tenant: "t"))
      }
      #expect(try !ask(store, try request(), .sent, at: 3, tenant: "t"))
      #expect(try ask(store, try request(), .sent, at: 700, tenant: "t"))
    }
  }

  @Test func `a settlement and an admission in one transaction agree on the windows`() throws {
    let installation = try Installation()
    let store = try installation.store(limits: limits(client: [SendLimit(count: 1, window: .seconds(600))]))
    let ticket = try store.ticket(try request(to: "a@example.org", ip: "192.0.2.1"))
    let admissions = try ["b", "c"].map {
      AdmissionRequest(try request(to: "\($0)@example.org", ip: "192.0.2.1"), at: start + 1)
    }
    let batch = try store.commit(
      settlements: [
        Settlement(requestKey: ticket.requestKey, result: .failed, at: start + 1)
      ], admissions: admissions, now: start + 1)
    #expect(batch.count { (try? $0.ticket) != nil } == 1)
    #expect(batch.compactMap { try? $0.settled.outcome }.allSatisfy { $0 == .limited })
  }
}
