import CodeRequests
import Foundation
import GuestPolicy
import MemoryRecords
import RecordKeys
import RecordsFixture
import TestSupport
import Testing

@testable import Records

private struct NotLetThrough: Error {}

/// Whom the limits hold back, and whom not, on every engine.
@Suite struct LimitTests {
  private static let address = "anna@example.org"

  private func world(
    _ rig: borrowing EngineRig, _ limits: LimitSettings = LimitSettings(),
    _ settings: PasscodeSettings = PasscodeSettings()
  ) -> FloodWorld {
    FloodWorld(rig.keyring, limits: limits, settings: settings, engine: rig.engine)
  }

  private func rule(_ answer: FloodWorld.Answer) -> String {
    switch answer {
    case .sent: "sent"
    case .limited(_, let rule): rule
    case .other(let text): text
    }
  }

  @Test(arguments: EngineKind.allCases)
  func `a device goes beside the windows that strangers have filled, and not beside what is never given back`(
    kind: EngineKind
  ) throws {
    let rig = try EngineRig(kind)
    let limits = LimitSettings(
      perSubject: [SendLimit(count: 4, window: .seconds(900))],
      perMailbox: [
        SendLimit(count: 4, window: .seconds(900)), SendLimit(count: 8, window: .seconds(900), counts: .all),
      ],
      perClient: [SendLimit(count: 2, window: .seconds(900))],
      perDevice: [SendLimit(count: 2, window: .seconds(900))])
    let world = world(rig, limits)
    let device = try #require(try world.signIn(Self.address, ip: "192.0.2.1", device: nil)).device
    for ip in ["10.0.0.1", "10.0.0.2", "10.0.1.1", "10.0.1.2"] {
      #expect(rule(try world.ask(Self.address, ip: ip)) == "sent")
    }
    #expect(rule(try world.ask(Self.address, ip: "10.0.2.1")).hasPrefix("limits.perSubject"))
    // One that somebody made up is none, and so is another subject's.
    for wrong in [DeviceToken("made up"), DeviceToken("")] {
      #expect(rule(try world.ask(Self.address, ip: "10.0.2.1", device: wrong)).hasPrefix("limits."))
    }
    for _ in 0..<2 { #expect(rule(try world.ask(Self.address, ip: "10.0.0.1", device: device)) == "sent") }
    #expect(
      rule(try world.ask("bo@example.org", ip: "10.0.0.1")) == "sent", "it fills no place of its client")
    // Used up, it is one of all.
    #expect(rule(try world.ask(Self.address, ip: "192.0.2.1", device: device)).hasPrefix("limits.perSubject"))
    try world.move(to: world.now + 900)
    for number in 0..<8 {
      #expect(
        rule(try world.ask("anna+\(number)@example.org", ip: "10.1.\(number).1"))
          == (number < 4 ? "sent" : "limits.perMailbox: at most 4 in 900 s"))
    }
    #expect(rule(try world.ask(Self.address, ip: "192.0.2.1", device: device)) == "sent")
    for _ in 0..<3 {
      // Each sign-in gives its place in the lane back, and none of those that are never given back.
      if let session = try world.signIn(Self.address, ip: "192.0.2.1", device: device, patience: 0) {
        #expect(session.device != device)
      }
    }
    #expect(try world.store.guest(EmailAddress(Self.address), tenant: nil, now: world.now).devices.count == 1)
  }

  @Test(arguments: EngineKind.allCases)
  func `what is never given back holds a device as well`(kind: EngineKind) throws {
    let rig = try EngineRig(kind)
    let limits = LimitSettings(
      perSubject: [], perMailbox: [SendLimit(count: 3, window: .seconds(900), counts: .all)], perClient: [],
      perDevice: [SendLimit(count: 9, window: .seconds(900))])
    let world = world(rig, limits)
    var device: DeviceToken?
    for _ in 0..<3 { device = try #require(try world.signIn(Self.address, ip: nil, device: device)).device }
    #expect(
      rule(try world.ask(Self.address, device: device)) == "limits.perMailbox: at most 3 in 900 s")
  }

  @Test(arguments: EngineKind.allCases)
  func `one client takes at most half of a subject's windows, and who tells none is one of his own`(
    kind: EngineKind
  ) throws {
    let rig = try EngineRig(kind)
    let limits = LimitSettings(
      perSubject: [SendLimit(count: 6, window: .seconds(900))], perMailbox: [], perClient: [])
    let world = world(rig, limits)
    // Of one /24, or /48.
    for (ip, isSent) in [
      ("10.0.0.1", true), ("10.0.0.200", true), ("10.0.0.3", true), ("10.0.0.4", false), (nil, true),
      ("2001:db8:1:1::1", true), ("2001:db8:1:2::1", true), (nil, false), ("10.0.1.1", false),
    ] as [(String?, Bool)] {
      #expect((rule(try world.ask(Self.address, ip: ip)) == "sent") == isSent, "\(ip ?? "none")")
    }
  }

  @Test(arguments: EngineKind.allCases)
  func `a sign-in gives the places of its challenge back, and no others`(kind: EngineKind) throws {
    let rig = try EngineRig(kind)
    let limits = LimitSettings(
      perSubject: [SendLimit(count: 4, window: .seconds(900))],
      perMailbox: [SendLimit(count: 2, window: .seconds(900))],
      perClient: [SendLimit(count: 2, window: .seconds(900))],
      perTenant: [SendLimit(count: 4, window: .seconds(900), counts: .all)])
    let world = world(rig, limits)
    guard case .sent(let id, let code) = try world.ask(Self.address, ip: "192.0.2.1") else {
      Issue.record("limited")
      return
    }
    #expect(rule(try world.ask(Self.address, ip: "192.0.2.1")) == "sent")
    #expect(rule(try world.ask(Self.address, ip: "192.0.2.1")).hasPrefix("limits."))
    #expect(try world.verify(code, id).session != nil)
    #expect(rule(try world.ask(Self.address, ip: "192.0.2.1")) == "sent")
    #expect(rule(try world.ask(Self.address, ip: "192.0.2.1")).hasPrefix("limits."))
    #expect(rule(try world.ask("bo@example.org", ip: "192.0.2.1")).hasPrefix("limits.perClient"))
    #expect(rule(try world.ask("bo@example.org", ip: "192.0.2.2")) == "sent")
    #expect(rule(try world.ask("bo@example.org", ip: "192.0.2.3")).hasPrefix("limits.perTenant"))
  }

  @Test(arguments: EngineKind.allCases)
  func `takes the place of what is its own, and of no stranger's`(kind: EngineKind) throws {
    let rig = try EngineRig(kind)
    let store = RecordStore(engine: rig.engine, keyring: rig.keyring, rules: RecordRules(limits: .none))
    let device = try #require(
      try FloodWorld(rig.keyring, engine: rig.engine).signIn(Self.address, ip: nil, device: nil)
    ).device
    /// A request that waits, one that comes after, and whether the first is still waiting then.
    func isKept(
      _ first: (ip: String?, device: DeviceToken?), _ second: (ip: String?, device: DeviceToken?),
      isResend: Bool = false, at: Date
    ) throws -> Bool {
      let waiting = try request(ip: first.ip, device: first.device)
      try store.settle(try store.ticket(waiting, at: at), .deferred(until: at + 500), at: at)
      let next = try request(
        challenge: isResend ? waiting.id : nil, ip: second.ip, device: second.device)
      _ = try store.ticket(next, at: at + 1)
      return try store.status(of: waiting.id)?.outcome == nil
    }
    typealias Case = (first: (String?, DeviceToken?), second: (String?, DeviceToken?), kept: Bool)
    let cases: [Case] = [
      (("192.0.2.1", nil), ("192.0.2.1", nil), false), (("192.0.2.1", nil), ("192.0.2.2", nil), true),
      (("192.0.2.1", nil), (nil, nil), true), ((nil, nil), (nil, nil), false),
      ((nil, nil), ("192.0.2.1", nil), true),
      (("192.0.2.1", device), ("192.0.2.2", device), false),
      (("192.0.2.1", device), ("192.0.2.1", nil), true),
      (("192.0.2.1", nil), ("192.0.2.1", device), false),
    ]
    for (number, (first, second, kept)) in cases.enumerated() {
      let at = start + 90_000 * Double(number + 1)
      _ = try store.purge(now: at, limit: 100)
      #expect(try isKept(first, second, at: at) == kept, "\(number)")
    }
    #expect(try !isKept(("192.0.2.1", nil), ("192.0.2.9", nil), isResend: true, at: start + 999_999))
  }

  @Test(arguments: EngineKind.allCases)
  func `half of what everybody may be sent is for who is known, and a tenant takes at most half`(
    kind: EngineKind
  ) throws {
    let rig = try EngineRig(kind)
    var limits = LimitSettings.none
    limits.total = [SendLimit(count: 8, window: .seconds(900), counts: .all)]
    let store = RecordStore(engine: rig.engine, keyring: rig.keyring, rules: RecordRules(limits: limits))
    let known = try EmailAddress("known@example.org")
    for tenant in ["a", "b"] { try store.redeem(known, tenant: tenant, by: .passcode, now: start) }
    var notices: [Int] = []
    func ask(_ address: String, _ tenant: String) throws -> String {
      let asked = AdmissionRequest(try request(to: address), at: start, tenant: tenant)
      let commit = try store.write(settlements: [], admissions: [asked], now: start)
      notices += commit.notices.map(\.taken)
      switch try store.sync(commit)[0] {
      case .send: return "sent"
      case .settled(let settled): return settled.reason ?? ""
      case let other: return "\(other)"
      }
    }
    for number in 0..<4 { #expect(try ask("u\(number)@example.org", number < 3 ? "a" : "b") == "sent") }
    #expect(try ask("u9@example.org", "b").contains("known guests and devices"))
    #expect(try ask(known.rawValue, "a") == "sent")
    #expect(try ask(known.rawValue, "a").contains("a tenant takes at most half"))
    #expect(notices.isEmpty)
    for _ in 0..<3 { #expect(try ask(known.rawValue, "b") == "sent") }
    #expect(notices == [6])
    for tenant in ["b", "c"] { #expect(try ask(known.rawValue, tenant).hasPrefix("limits.total")) }
  }

  @Test(arguments: EngineKind.allCases)
  func `a sign-in returns a device, which takes the place of the one that it came with`(kind: EngineKind)
    throws
  {
    let rig = try EngineRig(kind)
    let world = world(rig, .none)
    let anna = try EmailAddress(Self.address)
    func known() throws -> [Date] { try world.store.guest(anna, tenant: nil, now: world.now).devices }
    var device: DeviceToken?
    for _ in 0..<3 {
      device = try #require(try world.signIn(Self.address, ip: nil, device: device)).device
      #expect(try known() == [world.now + 90 * 86400])
    }
    #expect("\(device!)" == "••••••" && device!.reveal().utf8.count == 43)
    // Each browser of its own has one; the oldest of sixteen makes room.
    for _ in 0..<20 { _ = try world.signIn(Self.address, ip: nil, device: nil) }
    #expect(try known().count == 16)
    try world.move(to: world.now + 91 * 86400)
    #expect(try known().isEmpty)
  }

  @Test(arguments: EngineKind.allCases)
  func `guest reset opens the windows, and ends sessions and devices`(kind: EngineKind) throws {
    let rig = try EngineRig(kind)
    let world = world(rig)
    let anna = try EmailAddress(Self.address)
    let session = try #require(try world.signIn(Self.address, ip: "192.0.2.1", device: nil))
    while case .sent = try world.ask(Self.address, ip: "192.0.2.1") { try world.move(to: world.now + 31) }
    func taken() throws -> Int {
      try world.store.guest(anna, tenant: nil, now: world.now).windows.map(\.taken).max() ?? 0
    }
    #expect(try taken() == 4 && world.session(session) != .invalid)
    #expect(try world.store.reset(anna, tenant: nil, now: world.now))
    #expect(try taken() == 0 && world.session(session) == .invalid)
    #expect(try world.store.guest(anna, tenant: nil, now: world.now).devices.isEmpty)
    #expect(rule(try world.ask(Self.address, ip: "192.0.2.1", device: session.device)) == "sent")
    #expect(rule(try world.ask(Self.address, ip: "192.0.2.1", device: session.device)).hasPrefix("limits."))
    #expect(try !world.store.reset(try EmailAddress("bo@example.org"), tenant: nil, now: world.now))
  }

  @Test(arguments: EngineKind.allCases)
  func `a code that nobody used is one of the thirty, also when its request was purged long before the next`(
    kind: EngineKind
  ) throws {
    let rig = try EngineRig(kind)
    let world = world(rig, .none)
    var digits: [Int] = []
    // Nothing is left of the one when the next is asked for, so that each row has the first number again.
    for _ in 0..<28 {
      try world.move(to: world.now + 25 * 3600)
      guard case .sent(_, let code) = try world.ask(Self.address) else { throw NotLetThrough() }
      digits.append(code.count)
    }
    for _ in 0..<4 {
      try world.move(to: world.now + 60)
      guard case .sent(_, let code) = try world.ask(Self.address) else { throw NotLetThrough() }
      digits.append(code.count)
    }
    #expect(digits == [Int](repeating: 6, count: 30) + [8, 8])
  }

  @Test(arguments: EngineKind.allCases)
  func `a code that was used through a resend is none of the thirty, whatever is purged first`(
    kind: EngineKind
  ) throws {
    let rig = try EngineRig(kind)
    let world = world(rig, .none)
    for _ in 0..<20 {
      try world.move(to: world.now + 30 * 3600)
      guard case .sent(let first, _) = try world.ask(Self.address) else { throw NotLetThrough() }
      try world.move(to: world.now + 60)
      guard case .sent(let second, let code) = try world.ask(Self.address, resend: first) else {
        throw NotLetThrough()
      }
      #expect(code.count == 6)
      #expect(try world.verify(code, second).session != nil)
      // One row at a time, in the order in which they were made.
      let later = world.now + 29 * 3600
      while try world.store.purge(now: later, limit: 1) > 0 {}
    }
  }

  @Test(arguments: EngineKind.allCases)
  func `a challenge stays as long as one of its resends, and both are noted`(kind: EngineKind) throws {
    let rig = try EngineRig(kind)
    let world = world(rig, .none)
    for _ in 0..<14 {
      try world.move(to: world.now + 50 * 3600)
      guard case .sent(let first, _) = try world.ask(Self.address) else { throw NotLetThrough() }
      try world.move(to: world.now + 60)
      guard case .sent(_, let code) = try world.ask(Self.address, resend: first) else {
        throw NotLetThrough()
      }
      #expect(code.count == 6)
      let later = world.now + 49 * 3600
      for _ in 0..<12 { _ = try world.store.purge(now: later, limit: 1) }
      #expect(try world.store.status(of: first) == nil)
    }
    var digits: [Int] = []
    for _ in 0..<4 {
      try world.move(to: world.now + 60)
      guard case .sent(_, let code) = try world.ask(Self.address) else { throw NotLetThrough() }
      digits.append(code.count)
    }
    #expect(digits == [6, 6, 8, 8])
  }

  @Test(arguments: EngineKind.allCases)
  func `where codes may not get longer a challenge takes one attempt`(kind: EngineKind) throws {
    let rig = try EngineRig(kind)
    var settings = PasscodeSettings()
    settings.isLengthFixed = true
    let world = world(rig, .none, settings)
    var last: (id: RequestID, code: String)?
    for _ in 0..<31 {
      try world.move(to: world.now + 60)
      guard case .sent(let id, let code) = try world.ask(Self.address) else { throw NotLetThrough() }
      last = (id, code)
    }
    let (id, code) = try #require(last)
    #expect(code.count == 6)
    let wrong = code == "000000" ? "111111" : "000000"
    #expect(try world.verify(wrong, id) == .incorrect(attemptsLeft: 0))
    #expect(try world.verify(code, id) == .locked)
  }

  @Test func `a tally is exact as long as it is small, and late by a 64th of its window at most`() {
    let windows: [Int64] = [6_400, 640_000]
    var tally = Tally()
    var times: [Int64] = []
    var random = SplitMix(state: 4)
    var time: Int64 = 1_000_000
    for step in 0..<20_000 {
      time += Int64.random(in: 0...60, using: &random)
      tally.add(at: time, windows: windows)
      times.append(time)
      times.removeFirst(times.prefix { $0 + 640_000 <= time }.count)
      guard step.isMultiple(of: 97) else { continue }
      for window in windows {
        let exact = Int64(times.count { $0 + window > time })
        let late = Int64(times.count { $0 + window + window / 64 + 60 > time })
        let counted = tally.count(window: window, now: time)
        #expect(counted >= exact && counted <= late, "\(window)")
      }
      #expect(tally.buckets.count <= 400)
      #expect(Tally(bytes: tally.bytes) == tally)
    }
    // A clock that was set back: what lies ahead was made now.
    tally.add(at: 500, windows: windows)
    #expect(tally.freeAt(count: 1, window: 6_400, now: 500) == 6_900)
  }
}
