/// Which fault a recipient meets this time: the one in its name, or now and then a random one.
///
/// The choice depends on the seed, the address and how often it was tried, and on nothing else, so two runs
/// agree although their connections interleave differently.
struct FaultPlan {
  private let rate: Double
  private let seed: UInt64
  /// How often an address was tried. Full, it is forgotten as a whole: that costs a few addresses another
  /// round of greylisting and keeps memory bounded.
  private var attempts: [[UInt8]: Int] = [:]
  private static let capacity = 65_536

  init(rate: Double, seed: UInt64) {
    self.rate = rate
    self.seed = seed
  }

  /// What happens to `address` at RCPT and later; nil when nothing does.
  mutating func fault(for address: UnsafeRawBufferPointer) -> RecipientFault? {
    var localPart = address.prefix(address.lastIndex(of: UInt8(ascii: "@")) ?? address.count)
    let quote = UInt8(ascii: "\"")
    if localPart.count > 1, localPart.first == quote, localPart.last == quote {
      localPart = localPart.dropFirst().dropLast()
    }
    if let fault = RecipientFault(localPart: localPart) {
      guard case .greylist(let times) = fault else { return fault }
      return countAttempt(of: address) <= times ? .rcpt(.greylisted) : nil
    }
    return rate > 0 ? randomFault(address, attempt: countAttempt(of: address)) : nil
  }

  private mutating func countAttempt(of address: UnsafeRawBufferPointer) -> Int {
    if attempts.count >= Self.capacity { attempts.removeAll(keepingCapacity: true) }
    return attempts.count(of: Array(address))
  }

  private func randomFault(_ address: UnsafeRawBufferPointer, attempt: Int) -> RecipientFault? {
    // FNV-1a over the address, then SplitMix64: well spread, and the same on every machine.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in address { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    var generator = SplitMix64(state: hash ^ seed &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(attempt) &<< 32)
    guard Double(generator.next() >> 11) / Double(1 << 53) < rate else { return nil }
    return Self.randomFaults[Int(generator.next() % UInt64(Self.randomFaults.count))]
  }

  /// Mostly what a good client survives: two in ten are permanent.
  private static let randomFaults: [RecipientFault] = [
    .rcpt(.greylisted), .rcpt(.init(code: 421, enhanced: " 4.3.2")),
    .rcpt(.init(code: 550, enhanced: " 5.1.1")),
    .data(.init(code: 451, enhanced: " 4.3.0")), .data(.init(code: 452, enhanced: " 4.3.1")),
    .data(.init(code: 554, enhanced: " 5.6.0")), .drop(.rcpt), .drop(.data), .drop(.dot),
    .slow(.milliseconds(200)),
  ]
}

extension RecipientFault.Reply {
  static let greylisted = RecipientFault.Reply(code: 451, enhanced: " 4.7.1")
}

extension Dictionary where Value == Int {
  /// Counts one more under `key` and returns how many that makes.
  fileprivate mutating func count(of key: Key) -> Int {
    let count = (self[key] ?? 0) + 1
    self[key] = count
    return count
  }
}

/// Source: Sebastiano Vigna, "splitmix64.c".
private struct SplitMix64 {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
