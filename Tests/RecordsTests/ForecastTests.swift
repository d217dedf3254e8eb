import CodeRequests
import Foundation
import GuestPolicy
import RecordKeys
import Records
import SQLiteRecords
import TestSupport
import Testing

/// The moment that these tests begin at.
private let start = Date(timeIntervalSince1970: 1_795_000_000)

/// What would be let through, asked without recording.
@Suite struct ForecastTests {
  private func store(_ rig: borrowing EngineRig, _ limits: LimitSettings = LimitSettings()) -> RecordStore {
    RecordStore(engine: rig.engine, keyring: rig.keyring, rules: RecordRules(limits: limits))
  }

  private func ask(
    _ recipient: String = "anna@example.org", ip: String? = nil, resend: RequestID? = nil, at time: Date,
    decide: @escaping @Sendable (Redemption) -> AdmissionRequest.Decision = { _ in .allowed }
  ) throws -> AdmissionRequest {
    AdmissionRequest(
      request: CodeRequest(
        recipient: try EmailAddress(recipient), challenge: resend,
        client: ip.map { CodeRequest.Client(ip: $0) }),
      queuedAt: time, deadline: time + 600, decide: decide)
  }

  private func audit(_ store: RecordStore) throws -> Int {
    var count = 0
    try store.forEachAuditRecord(since: nil, recipient: nil) { _ in
      count += 1
      return true
    }
    return count
  }

  @Test(arguments: EngineKind.allCases) func `takes nobody's place and leaves no trace`(kind: EngineKind)
    throws
  {
    let rig = try EngineRig(kind)
    let store = store(rig)
    for _ in 0..<50 {
      #expect(try store.forecast(ask(ip: "192.0.2.1", at: start), now: start) == .letThrough)
    }
    #expect(try audit(store) == 0)
    guard case .send = try store.commit(settlements: [], admissions: [ask(at: start)], now: start)[0] else {
      Issue.record("it was not let through")
      return
    }
    let lines = try audit(store)
    #expect(
      try store.forecast(ask(at: start + 1), now: start + 1)
        == .limited(until: start + 30, rule: "limits.perSubject: at most 1 in 30 s"))
    #expect(try store.forecast(ask(at: start + 30), now: start + 30) == .letThrough)
    #expect(try audit(store) == lines)
  }

  @Test(arguments: EngineKind.allCases) func `says what admission then says`(kind: EngineKind) throws {
    let rig = try EngineRig(kind)
    let limits = LimitSettings(
      perSubject: [
        SendLimit(count: 1, window: .seconds(30)), SendLimit(count: 6, window: .seconds(300)),
      ], perMailbox: [], perClient: [SendLimit(count: 4, window: .seconds(120))],
      perTenant: [SendLimit(count: 9, window: .seconds(200))])
    let store = store(rig, limits)
    var random = SplitMix(state: 13)
    var time = start
    var seen: Set<String> = []
    for _ in 0..<300 {
      time += Double(Int.random(in: 1...20, using: &random))
      let isRefused = Int.random(in: 0..<10, using: &random) == 0
      let request = try ask(
        "guest\(Int.random(in: 0..<6, using: &random))@example.org",
        ip: "192.0.2.\(Int.random(in: 0..<3, using: &random))", at: time,
        decide: { _ in
          isRefused
            ? .refused(method: "google", url: "https://g.example", rule: "federated-domain") : .allowed
        })
      let forecast: Forecast = try store.forecast(request, now: time)
      switch try store.commit(settlements: [], admissions: [request], now: time)[0] {
      case .send: #expect(forecast == .letThrough)
      case .settled(let settled) where settled.outcome == .limited:
        let seconds = try #require(settled.retryAfter).components.seconds
        let rule = try #require(settled.reason)
        #expect(forecast == .limited(until: time + Double(seconds), rule: rule))
      case .settled(let settled):
        #expect(settled.outcome == .refused)
        #expect(
          forecast == .refused(method: "google", url: "https://g.example", rule: "federated-domain"))
      case let other: Issue.record("unforeseen: \(other)")
      }
      switch forecast {
      case .letThrough: seen.insert("let through")
      case .limited(_, let rule): seen.insert(String(rule.prefix { $0 != ":" }))
      case .refused: seen.insert("refused")
      case .closed(let reason): seen.insert(reason)
      }
    }
    #expect(
      seen == [
        "let through", "refused", "limits.perSubject", "limits.perSubject, one client", "limits.perClient",
        "limits.perTenant",
      ],
      "\(seen)")
  }

  @Test(arguments: EngineKind.allCases) func `knows a resend into a challenge that is closed`(
    kind: EngineKind
  ) throws {
    let rig = try EngineRig(kind)
    let store = store(rig)
    let id = RequestID.random()
    let first = AdmissionRequest(
      request: CodeRequest(id: id, recipient: try EmailAddress("anna@example.org")), queuedAt: start,
      deadline: start + 600)
    _ = try store.commit(settlements: [], admissions: [first], now: start)
    #expect(try store.forecast(ask(resend: id, at: start + 60), now: start + 60) == .letThrough)
    let late = start + 3600
    #expect(
      try store.forecast(ask(resend: id, at: late), now: late) == .closed(reason: "challenge: has expired"))
    #expect(
      try store.forecast(ask("bo@example.org", resend: id, at: start + 60), now: start + 60)
        == .closed(reason: "challenge: belongs to another address"))
  }

  @Test(arguments: EngineKind.allCases) func `waits for no writer`(kind: EngineKind) throws {
    // In memory there is one lock for all, which a transaction of the same thread holds.
    guard kind != .memory else { return }
    let rig = try EngineRig(kind)
    let other = RecordStore(
      engine: try SQLiteEngine(
        path: "\(rig.directory.path)/records.sqlite", keyring: rig.keyring, busyTimeout: .zero),
      keyring: rig.keyring)
    let request = try ask(at: start)
    let forecast = try rig.engine.transaction { _ throws(RecordError) in
      try other.forecast(request, now: start)
    }
    #expect(forecast.result == .letThrough)
  }
}
