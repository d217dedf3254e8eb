import CodeRequests
import Foundation
import MemoryRecords
import RecordKeys
import RecordsFixture
import TestSupport
import Testing

@testable import Records

private struct Unforeseen: Error {}

/// Floods and guessing against the defaults, played over the real rules. `PASSCODE_SIMULATION=1 swift test --filter
/// FloodSimulationTests` plays 30 days and prints the tables; without it there are fewer days.
@Suite struct FloodSimulationTests {
  private static let isLong = ProcessInfo.processInfo.environment["PASSCODE_SIMULATION"] != nil
  private static let days = isLong ? 30 : 2
  private let keys: KeyFolder
  private var keyring: Keyring { keys.keyring }

  init() throws { keys = try KeyFolder() }

  private func tell(_ line: String) { if Self.isLong { print(line) } }

  static let places: [(name: String, place: Flooder.Place)] = [
    ("1 address", .clients(1)), ("2 addresses", .clients(2)), ("5 addresses", .clients(5)),
    ("1,000 addresses", .clients(1000)), ("behind the victim's NAT", .sameNAT),
    ("no client told", .notTold), ("1,000 addresses, spellings, tenants", .spellings(1000)),
  ]

  @Test(arguments: places.indices)
  func `no flood keeps a known device out, and none brings more than 24 mails a day`(index: Int) throws {
    let (name, place) = Self.places[index]
    let known = try VictimDays.play(place, days: Self.days, hasDevice: true, keyring: keyring)
    #expect(known.failed == 0)
    #expect(known.mostUnasked <= 24 && known.mostUnasked > 0)
    let first = try VictimDays.play(place, days: Self.days, hasDevice: false, keyring: keyring)
    #expect(first.mostUnasked <= 24)
    // One attacker alone keeps nobody out who has an address of his own.
    if place == .clients(1) { #expect(first.failed == 0) }
    tell(
      "| \(name) | \(known.failed) of \(Self.days) | \(first.failed) of \(Self.days) | \(max(known.mostUnasked, first.mostUnasked)) |"
    )
  }

  /// Everybody behind one address signs in within an hour.
  private func office(_ count: Int, haveDevices: Bool) throws -> Int {
    let world = FloodWorld(keyring)
    var devices: [DeviceToken?] = Array(repeating: nil, count: count)
    if haveDevices {
      // On the days before, a few at a time and from home.
      for person in 0..<count {
        try world.move(to: world.now + 60)
        devices[person] = try world.signIn(
          "p\(person)@example.org", ip: "10.\(person / 250).\(person % 250).1", device: nil)?.device
      }
      try world.move(to: world.now + 86400)
    }
    // Half a minute lies between asking and typing, so others come between.
    var waiting: [(at: Date, id: RequestID, code: String)] = []
    var signedIn = 0
    func type(until time: Date) throws {
      while let first = waiting.first, first.at <= time {
        waiting.removeFirst()
        try world.move(to: first.at)
        if try world.verify(first.code, first.id).session != nil { signedIn += 1 }
      }
    }
    let begin = world.now
    for person in 0..<count {
      let time = begin + 3600 * Double(person) / Double(count)
      try type(until: time)
      try world.move(to: time)
      let answer = try world.ask("p\(person)@example.org", ip: "192.0.2.9", device: devices[person])
      if case .sent(let id, let code) = answer { waiting.append((world.now + 30, id, code)) }
    }
    try type(until: begin + 7200)
    return signedIn
  }

  @Test func `an office behind one address signs in within an hour`() throws {
    let people = Self.isLong ? [(300, false), (1000, true), (1000, false)] : [(300, false), (120, true)]
    for (count, haveDevices) in people {
      let signedIn = try office(count, haveDevices: haveDevices)
      tell(
        "| office of \(count), \(haveDevices ? "known devices" : "first sign-ins") | \(signedIn) signed in |")
      // What is never given back is 600 a day for one address: more first sign-ins need a limit of their own.
      #expect(signedIn == (haveDevices ? count : min(count, 600)))
    }
  }

  @Test func `neither one client nor a thousand use up what is there for everybody`() throws {
    let limits = LimitSettings(total: [SendLimit(count: 400, window: .seconds(86400), counts: .all)])
    for clients in Self.isLong ? [1, 1000] : [1, 40] {
      let world = FloodWorld(keyring, limits: limits)
      let device = try world.signIn("known@example.org", ip: "192.0.2.1", device: nil)?.device
      var taken = 0
      for number in 0..<(Self.isLong ? 3000 : 500) {
        try world.move(to: world.now + 10)
        let ip = "10.\(number % clients / 250).\(number % clients % 250).1"
        if case .sent = try world.ask("u\(number)@example.org", ip: ip) { taken += 1 }
      }
      tell("| \(clients) clients, limits.total 400 | \(taken) taken |")
      // One client its own limit, all of them the half that is for who is not known.
      #expect(taken <= (clients == 1 ? 150 : 200))
      #expect(try world.signIn("known@example.org", ip: "192.0.2.1", device: device) != nil)
      // Who has signed in before is known without a device as well.
      try world.move(to: world.now + 60)
      #expect(try world.signIn("known@example.org", ip: "198.51.100.1", device: nil) != nil)
    }
  }

  @Test func `who sprays over many subjects makes everybody's codes longer`() throws {
    let subjects = Self.isLong ? 10_000 : 800
    let world = FloodWorld(keyring)
    var (short, long) = (0, 0)
    for number in 0..<subjects {
      try world.move(to: world.now + 3)
      let ip = "10.\(number % 1000 / 250).\(number % 250).1"
      guard case .sent(_, let code) = try world.ask("u\(number)@example.org", ip: ip) else { continue }
      if code.count == 6 { short += 1 } else { long += 1 }
    }
    let hits = 5 * (Double(short) / 1e6 + Double(long) / 1e8)
    tell(
      "| spraying over \(subjects) subjects | \(short) of 6 digits, \(long) of 8 | \(hits) hits expected |")
    // Ten minutes have codes to be used, and a minute may go by until it is noticed.
    #expect(short <= (600 + 90) / 3 + 30 && long > 0 && short + long == subjects)
  }

  @Test func `codes get longer at the thirty-first that nobody used in 30 days, and short again later`()
    throws
  {
    let world = FloodWorld(keyring)
    var digits: [Int] = []
    for hour in 0..<160 {
      try world.move(to: start + Double(hour) * 3600)
      let ip = "10.0.\(hour % 7).1"
      if case .sent(_, let code) = try world.ask("victim@example.org", ip: ip) { digits.append(code.count) }
    }
    #expect(digits.prefix(30) == ArraySlice(repeating: 6, count: 30) && digits.count > 40)
    #expect(digits.dropFirst(30).allSatisfy { $0 == 8 })
    // Another subject's are as they were, and so are this one's when 30 days have passed.
    guard case .sent(_, let other) = try world.ask("bo@example.org") else { throw Unforeseen() }
    #expect(other.count == 6)
    try world.move(to: world.now + 31 * 86400)
    guard case .sent(_, let later) = try world.ask("victim@example.org") else {
      throw Unforeseen()
    }
    #expect(later.count == 6)
  }

  @Test func `codes that are used make none longer`() throws {
    let world = FloodWorld(keyring)
    for day in 0..<60 {
      try world.move(to: start + Double(day) * 40_000)
      guard case .sent(let id, let code) = try world.ask("anna@example.org", ip: "192.0.2.1") else {
        throw Unforeseen()
      }
      #expect(code.count == 6)
      #expect(try world.verify(code, id).session != nil)
    }
  }

  @Test(
    arguments: [
      (PasscodeSettings(), LimitSettings(), 0.000_166_5),
      (PasscodeSettings(length: 8), LimitSettings(), 0.000_018),
      (PasscodeSettings(attempts: 3), LimitSettings(), 0.000_1),
      (PasscodeSettings(), LimitSettings(perSubject: [], perMailbox: []), 1.0),
      (PasscodeSettings(), LimitSettings(perSubject: []), 0.000_184_5),
    ] as [(PasscodeSettings, LimitSettings, Double)])
  func `the chance of a hit follows from the settings`(
    settings: PasscodeSettings, limits: LimitSettings, chance: Double
  ) {
    let computed = GuessingChance.within30Days(settings, limits)
    #expect(abs(computed - chance) < chance / 50)
  }

  @Test func `with the defaults the chance of a hit is at most 1,7 in 10,000 in 30 days`() {
    #expect(GuessingChance.within30Days(PasscodeSettings(), LimitSettings()) <= 0.000_17)
    // Six boxes: no longer codes, one attempt in their place.
    var fixed = PasscodeSettings()
    fixed.isLengthFixed = true
    #expect(GuessingChance.within30Days(fixed, LimitSettings()) <= 0.000_5)
  }
}
