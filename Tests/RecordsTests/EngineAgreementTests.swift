import CodeRequests
import Foundation
import GuestPolicy
import MemoryRecords
import RecordKeys
import Records
import RecordsFixture
import TestSupport
import Testing

/// The same months of a service, played on every engine: each must answer as the others do.
@Suite struct EngineAgreementTests {
  /// One installation on one engine, and what it has said.
  private final class Player {
    let engine: any RecordEngine
    let keyring: Keyring
    let isMailOnly: Bool
    var stores: [RecordStore] = []
    var tickets: [(store: Int, ticket: Ticket)] = []
    var tokens: [SessionToken] = []
    /// By the subject that they belong to, as the plan names it.
    var devices: [EmailAddress: [DeviceToken]] = [:]
    var cancelled: Set<Int64> = []
    var answers: [String] = []
    let settings = PasscodeSettings(attempts: 3, perChallenge: 2)
    let limits = LimitSettings(
      perSubject: [
        SendLimit(count: 2, window: .seconds(30)), SendLimit(count: 5, window: .seconds(900)),
      ],
      perMailbox: [
        SendLimit(count: 8, window: .seconds(900)), SendLimit(count: 30, window: .seconds(900), counts: .all),
      ],
      perClient: [
        SendLimit(count: 12, window: .seconds(900)),
        SendLimit(count: 40, window: .seconds(900), counts: .all),
      ], perDevice: [SendLimit(count: 2, window: .seconds(900))],
      perTenant: [SendLimit(count: 40, window: .seconds(900))],
      total: [SendLimit(count: 60, window: .seconds(900))])

    init(_ engine: any RecordEngine, _ keyring: Keyring, isMailOnly: Bool) {
      self.isMailOnly = isMailOnly
      self.engine = engine
      self.keyring = keyring
      restart()
    }

    /// The process dies, and another goes on.
    func restart() {
      let store = RecordStore(
        engine: engine, keyring: keyring,
        rules: RecordRules(
          settings: settings, limits: limits, broughtCodes: isMailOnly ? .mail : .verify))
      store.bootTime = { BootTime.stamp(boot: 1, milliseconds: 5) }
      stores.append(store)
      tickets = []
    }

    func say(_ words: Any?...) {
      answers.append(words.map { $0.map { "\($0)" } ?? "-" }.joined(separator: " "))
    }

    func play(_ step: Step) throws {
      let store = stores.last!
      switch step {
      case .turn(let settled, let requests, let now):
        var settlements: [Settlement] = []
        for (place, result) in settled where !tickets.isEmpty {
          let ticket = tickets.remove(at: place % tickets.count).ticket
          settlements.append(
            Settlement(
              requestKey: ticket.requestKey, audited: ticket.audited, result: result, replyCode: 250, at: now)
          )
        }
        let admissions = requests.map { request in
          // The token that this player was given: each engine's sign-ins make their own.
          var request = request
          if let place = request.device.flatMap({ Int($0.reveal()) }) {
            let known = devices[request.recipient] ?? []
            request.device = place < known.count ? known[place] : DeviceToken("made up")
          }
          return AdmissionRequest(
            request: request, queuedAt: now, deadline: now + 120, tenant: nil, isAlone: requests.count == 1)
        }
        for admission in try store.commit(settlements: settlements, admissions: admissions, now: now) {
          switch admission {
          case .send(let ticket):
            tickets.append((stores.count, ticket))
            say(
              "send", ticket.requestKey, ticket.attempt, ticket.crashes, ticket.mayHaveArrived, ticket.older,
              ticket.validity, ticket.deadline.unixMilliseconds, ticket.messageIDToken)
          case .settled(let settled):
            say(settled.outcome, settled.isDuplicate, settled.reason, settled.retryAfter, settled.method)
          case .suspect: say("suspect")
          case .postponed: say("postponed")
          }
        }
      case .verify(let questions, let codes, let asked, let now):
        let rules = VerificationRules(
          passcode: settings, keyring: keyring, bootTime: BootTime.stamp(boot: 1, milliseconds: 5))
        let attempts = zip(questions, codes).map {
          VerificationDesk.Attempt(code: TypedCode($1), question: $0, now: now.unixMilliseconds)
        }
        let answers = try VerificationDesk(engine: engine, rules: rules).answer(attempts).results
        for (recipient, result) in zip(asked, answers) {
          let answer = try result.get()
          if case .verified(let guest) = answer {
            if let session = guest.session {
              tokens.append(session.token)
              devices[recipient, default: []].append(session.device)
            }
            say(
              "verified", guest.session?.expiresAt.unixMilliseconds, guest.recipient?.rawValue,
              guest.tenant, guest.purpose)
          } else {
            say(answer)
          }
        }
      case .cancel(let id, let now): say(try store.cancel(id, now: now))
      case .reopen(let id, let now): say(try store.reopen(id, deadline: now + 60, now: now))
      case .reset(let address, let now): say(try store.reset(address, tenant: nil, now: now))
      case .session(let place, let isEnded, let now):
        guard !tokens.isEmpty else { return }
        let desk = SessionDesk(engine: engine, bootTime: BootTime.stamp(boot: 1, milliseconds: 5))
        let token = tokens[place % tokens.count]
        say(isEnded ? try desk.end(token, now: now).check : try desk.check(token, now: now))
      case .look(let ids, let addresses, let now):
        for id in ids {
          let status = try store.status(of: id)
          say(
            status?.state, status?.attempts, status?.reply, status?.isResend, status?.isUsed,
            status?.sentAt, status?.endedAt, status?.nextAttempt, status?.retryAt, status?.queuedAt)
        }
        for address in addresses {
          let guest = try store.guest(address, tenant: nil, now: now)
          say(guest.redemption, guest.devices.map(\.unixMilliseconds), guest.windows)
        }
        let rows = tickets.map(\.ticket.requestKey)
        cancelled.formUnion(try store.cancelledWhileSending(among: rows))
        say(cancelled.intersection(rows).sorted())
      case .purge(let now):
        _ = try store.purge(now: now, limit: 40)
      case .restart: restart()
      }
    }

    func audit() throws -> [String] {
      var lines: [String] = []
      try stores.last!.forEachAuditRecord(since: nil, recipient: nil) {
        lines.append(
          "\($0.at.unixMilliseconds) \($0.event) \($0.result) \($0.recipient ?? "-") \($0.detail ?? "-")")
        return true
      }
      return lines
    }
  }

  private enum Step {
    case turn(settled: [(place: Int, result: Settlement.Result)], requests: [CodeRequest], now: Date)
    case verify([AttemptQuestion], codes: [String], asked: [EmailAddress], now: Date)
    case cancel(RequestID, now: Date)
    case reopen(RequestID, now: Date)
    case reset(EmailAddress, now: Date)
    case session(Int, isEnded: Bool, now: Date)
    case look([RequestID], [EmailAddress], now: Date)
    case purge(now: Date)
    case restart
  }

  /// Chooses what happens, from a seed.
  private struct Plan {
    var random: SplitMix
    let key: Key
    var now = start
    var requests: [CodeRequest] = []
    /// What was in flight when a process died comes round at the next start.
    var back: [CodeRequest] = []
    // The last two are one mailbox with the first two.
    let addresses = try! (0..<6).map {
      try EmailAddress($0 < 4 ? "u\($0)@example.org" : "u\($0 - 4)+x@example.org")
    }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
    mutating func place(_ count: Int) -> Int { Int.random(in: 0..<count, using: &random) }

    mutating func id() throws -> RequestID {
      try RequestID(
        String(random.next(), radix: 16) + "x" + String(random.next() | 1 << 60, radix: 16) + "xxxxxx")
    }

    mutating func request() throws -> CodeRequest {
      // Files come round again.
      if !requests.isEmpty, chance(35) { return requests[place(requests.count)] }
      let joins = !requests.isEmpty && chance(35) ? requests[max(0, requests.count - 1 - place(4))] : nil
      // The challenge may be that of somebody else, of another purpose, or of nobody yet.
      let address = joins.flatMap { chance(90) ? $0.recipient : nil } ?? addresses[place(addresses.count)]
      let request = CodeRequest(
        id: try id(), recipient: address, purpose: try Purpose(chance(85) ? "sign-in" : "reset"),
        challenge: chance(3) ? try id() : joins?.id,
        code: try Passcode("10\(1000 + place(9))"),
        client: chance(60) ? CodeRequest.Client(ip: "192.0.\(place(2)).\(place(3))") : nil,
        device: chance(30) ? DeviceToken("\(place(3))") : nil)
      requests.append(request)
      return request
    }

    mutating func settlements() -> [(place: Int, result: Settlement.Result)] {
      (0..<place(4)).map { _ in
        let later = now + Double(5 + place(40))
        let results: [Settlement.Result] = [
          .sent, .sent, .sent, .failed, .deferred(until: later), .ambiguous(until: later),
          .ambiguous(until: nil), .expired, .cancelled, .released,
        ]
        return (place(50), results[place(results.count)])
      }
    }

    mutating func attempts() -> Step {
      let count = 1 + place(4)
      let first = max(0, requests.count - 12)
      let asked = (0..<count).map { _ in requests[first + place(requests.count - first)] }
      let questions = asked.map { request -> AttemptQuestion in
        if chance(8) { return .id(Digest.sha256("nobody")) }
        if chance(70) { return .id(Digest.sha256(request.id.rawValue)) }
        return .subject(
          Subject(request.recipient, tenant: nil, key: key), tenant: nil, purpose: "sign-in",
          recipient: request.recipient.redacted)
      }
      let codes = asked.map { chance(40) ? $0.code!.reveal() : "999999" }
      return .verify(questions, codes: codes, asked: asked.map(\.recipient), now: now)
    }

    mutating func restart() -> Step {
      back = requests.suffix(6)
      return .restart
    }

    mutating func next() throws -> Step {
      if !back.isEmpty {
        defer { back = chance(50) ? back : [] }
        return back.count == 6 && chance(40)
          ? .restart : .turn(settled: [], requests: back, now: now)
      }
      now += [0, 0.001, 1, 4, 20, 200, 2000][place(7)] * (chance(3) ? -1 : 1)
      if requests.isEmpty || chance(45) {
        let count = chance(15) ? 12 : 1 + place(4)
        let fresh = try (0..<count).map { _ in try request() }
        return .turn(settled: settlements(), requests: fresh, now: now)
      }
      let one = requests[max(0, requests.count - 1 - place(10))]
      switch place(16) {
      case 0..<9: return attempts()
      case 9: return .cancel(chance(20) ? try id() : one.id, now: now)
      case 10: return .reopen(one.id, now: now)
      case 11: return chance(30) ? .reset(one.recipient, now: now) : restart()
      case 12: return .session(place(9), isEnded: chance(40), now: now)
      case 13: return .look(requests.suffix(12).map(\.id), addresses, now: now)
      case 14: return .purge(now: chance(20) ? now + 90_000 : now)
      default: return .turn(settled: settlements(), requests: [], now: now)
      }
    }
  }

  @Test func `all engines answer alike`() throws {
    var said: Set<String> = []
    for seed in 1...4 {
      // The same keys, so that the same hashes stand in all of them.
      let rig = try EngineRig(.sqlite)
      let other = try EngineRig(.memory)
      let players = [rig.engine, other.engine].map { Player($0, rig.keyring, isMailOnly: seed == 4) }
      var plan = Plan(random: SplitMix(state: UInt64(seed)), key: rig.keyring.address)
      for number in 0..<400 {
        let step = try plan.next()
        let first = players[0].answers.count
        for player in players { try player.play(step) }
        let answers = players.map { Array($0.answers[first...]) }
        guard answers[0] == answers[1] else {
          Issue.record("seed \(seed), step \(number), \(step): \(answers[0]), not \(answers[1])")
          return
        }
      }
      #expect(try players[0].audit() == players[1].audit())
      said.formUnion(players[0].answers.flatMap { $0.split { !$0.isLetter }.map { String($0) } })
    }
    for word in [
      "send", "verified", "incorrect", "locked", "used", "expired", "unknown", "limited", "superseded",
      "suspect", "cancelled", "failed", "refused", "rejected", "valid", "invalid",
    ] {
      let isSaid = said.contains(word)
      #expect(isSaid, "the plan comes to \(word)")
    }
  }
}
