import CodeRequests
import Foundation
import GuestPolicy
import MemoryRecords
import RecordKeys
import Records
import RecordsFixture
import TestSupport

/// A service on a clock of its own: the real rules over records in memory, where every mail arrives at once.
final class FloodWorld {
  enum Answer {
    case sent(id: RequestID, code: String)
    case limited(until: Date, rule: String)
    case other(String)
  }

  let store: RecordStore
  private let engine: any RecordEngine
  private let keyring: Keyring
  private(set) var now = start
  private var nextPurge = start

  init(
    _ keyring: Keyring, limits: LimitSettings = LimitSettings(),
    settings: PasscodeSettings = PasscodeSettings(),
    engine: any RecordEngine = MemoryEngine(isUndoing: false)
  ) {
    self.keyring = keyring
    self.engine = engine
    store = RecordStore(
      engine: engine, keyring: keyring, rules: RecordRules(settings: settings, limits: limits))
    store.bootTime = { nil }
  }

  func move(to time: Date) throws {
    now = max(now, time)
    guard now >= nextPurge else { return }
    nextPurge = now + 3600
    _ = try store.purge(now: now, limit: 20_000)
  }

  func ask(
    _ address: String, ip: String? = nil, device: DeviceToken? = nil, tenant: String? = nil,
    resend challenge: RequestID? = nil
  ) throws -> Answer {
    let request = CodeRequest(
      recipient: try EmailAddress(address), challenge: challenge,
      client: ip.map { CodeRequest.Client(ip: $0) }, device: device)
    let admission = AdmissionRequest(request, at: now, tenant: tenant)
    switch try store.commit(settlements: [], admissions: [admission], now: now)[0] {
    case .send(let ticket):
      try store.settle(ticket, .sent, at: now)
      return .sent(id: request.id, code: ticket.passcode.reveal())
    case .settled(let settled) where settled.outcome == .limited:
      let wait = settled.retryAfter.map { Double($0.components.seconds) } ?? 0
      return .limited(until: now + wait, rule: settled.reason ?? "")
    case let other: return .other("\(other)")
    }
  }

  func session(_ session: Session) throws -> SessionCheck {
    try SessionDesk(engine: engine, bootTime: nil).check(session.token, now: now)
  }

  func verify(_ code: String, _ id: RequestID) throws -> Verification {
    let rules = VerificationRules(keyring: keyring, bootTime: nil)
    let attempt = VerificationDesk.Attempt(
      code: TypedCode(code), question: .id(Digest.sha256(id.rawValue)), now: now.unixMilliseconds)
    return try VerificationDesk(engine: engine, rules: rules).answer([attempt]).results[0].get()
  }

  /// Asks, waits as long as there is patience, and types the code half a minute after it came.
  ///
  /// - Returns: nil where it came to nothing.
  func signIn(_ address: String, ip: String?, device: DeviceToken?, patience: TimeInterval = 600) throws
    -> Session?
  {
    let end = now + patience
    while true {
      switch try ask(address, ip: ip, device: device) {
      case .sent(let id, let code):
        try move(to: now + 30)
        return try verify(code, id).session
      case .limited(let until, _):
        guard until <= end else { return nil }
        try move(to: until)
      case .other: return nil
      }
    }
  }
}

/// Who asks for codes of one victim, as often as the limits let through: one mind with many addresses.
struct Flooder {
  enum Place: Hashable {
    /// Addresses in as many networks.
    case clients(Int)
    case sameNAT, notTold
    /// As many networks, and the victim's mailbox in other spellings and of other tenants.
    case spellings(Int)
  }

  let place: Place
  private var next = 0

  init(_ place: Place) { self.place = place }

  /// Asks with one address after the other, until none gets anything any more.
  ///
  /// - Returns: how many mails came of it, and when to try again.
  mutating func flood(_ world: FloodWorld, victim: (name: String, ip: String)) throws -> (
    mails: Int, again: Date
  ) {
    var mails = 0
    var again = world.now + 3600
    for _ in 0..<min(12, count) {
      defer { next += 1 }
      var address = "\(victim.name)@example.org"
      var tenant: String?
      if case .spellings = place {
        address = "\(victim.name)+\(next % 997)@example.org"
        tenant = "tenant\(next % 3)"
      }
      switch try world.ask(address, ip: ip(victim.ip), tenant: tenant) {
      case .sent: mails += 1
      case .limited(let until, _): again = min(again, until)
      case .other: break
      }
    }
    return (mails, max(again, world.now + 1))
  }

  private var count: Int {
    switch place {
    case .clients(let count), .spellings(let count): count
    case .sameNAT, .notTold: 1
    }
  }

  private func ip(_ victim: String) -> String? {
    switch place {
    case .clients(let count), .spellings(let count): "10.\(next % count / 250).\(next % count % 250).7"
    case .sameNAT: victim
    case .notTold: nil
    }
  }
}

/// What some days of a victim come to.
struct VictimDays {
  var failed = 0
  /// The most within a day that the victim did not ask for.
  var mostUnasked = 0

  /// - Parameter hasDevice: the victim's browser keeps what a sign-in before the flood has returned; else each day's
  ///   sign-in is like a first one.
  static func play(
    _ place: Flooder.Place, days: Int, hasDevice: Bool, keyring: Keyring, seed: UInt64 = 1
  ) throws -> VictimDays {
    let world = FloodWorld(keyring)
    var random = SplitMix(state: seed)
    var flooder = Flooder(place)
    let victim = (name: "victim", ip: "192.0.2.1")
    let address = "\(victim.name)@example.org"
    let ip = place == .notTold ? nil : victim.ip
    var device = hasDevice ? try world.signIn(address, ip: ip, device: nil)?.device : nil
    try world.move(to: start + 86400)
    var result = VictimDays()
    var again = world.now
    var unasked: [Date] = []
    for day in 1...days {
      let begin = start + Double(day) * 86400
      let signIn = begin + Double(Int.random(in: 0..<85_000, using: &random))
      for end in [signIn, begin + 86400] {
        while again < end {
          try world.move(to: again)
          let (mails, next) = try flooder.flood(world, victim: victim)
          unasked += Array(repeating: world.now, count: mails)
          again = next
        }
        guard end == signIn else { continue }
        try world.move(to: signIn)
        let session = try world.signIn(address, ip: ip, device: device)
        if session == nil { result.failed += 1 }
        if hasDevice, let session { device = session.device }
      }
      unasked.removeAll { $0 <= world.now - 86400 }
      result.mostUnasked = max(result.mostUnasked, unasked.count)
    }
    return result
  }
}
