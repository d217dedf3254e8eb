/// How many mails may be admitted and not settled: about what the relay takes in two seconds.
///
/// What waits between the spool and the lanes has left the spool's order: it cannot be overtaken by a newer request,
/// and its passcode's time runs. So the slower a relay is, the less is taken out. The window opens fast, since all that
/// is settled counts twice: with a relay that takes everything at once it is at its bound after a few round trips.
///
/// After the start, and after each pause of the relays, only a few are in flight: if one of them is what killed the
/// last worker, the others are not counted as suspects with it.
///
/// On failure: where the relay falls silent the window closes to `least` within a second.
struct AdmissionWindow {
  static let least = 8
  /// Slots of an eighth of a second, the last second in all.
  private static let slots = 8
  private static let slot = Duration.milliseconds(125)

  private let most: Int
  private var counts = [Int](repeating: 0, count: slots)
  private var sum = 0
  private var newest = 0
  private var newestBegan: ContinuousClock.Instant

  init(most: Int, now: ContinuousClock.Instant) {
    self.most = most
    newestBegan = now
  }

  var size: Int { min(most, Self.least + 2 * sum) }

  /// Takes note of the time, and of mails that were settled by now.
  mutating func note(settled: Int = 0, at now: ContinuousClock.Instant) {
    var age = now - newestBegan
    if age >= Self.slot * Self.slots {
      counts = [Int](repeating: 0, count: Self.slots)
      sum = 0
      newestBegan = now
      age = .zero
    }
    while age >= Self.slot {
      newest = (newest + 1) % Self.slots
      sum -= counts[newest]
      counts[newest] = 0
      newestBegan += Self.slot
      age -= Self.slot
    }
    counts[newest] += settled
    sum += settled
  }
}
