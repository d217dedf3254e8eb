internal import CodeRequests
internal import LinuxSystem
internal import Synchronization

/// Recipients of whom a relay said that nobody reads there (5.1.x, 5.2.1), for five minutes: until then a further mail
/// to one of them fails with the same reply, and no relay is asked. Relays count mail to unknown mailboxes against
/// its sender, and a guest who mistyped an address asks again at once.
///
/// Bounded: where ten thousand are remembered, further ones are not.
final class RefusedAddresses: Sendable {
  static let memory = Duration.seconds(300)
  static let limit = 10_000

  private struct Entry {
    let reply: Reply
    let until: Duration
  }
  private let entries = Monitor<[String: Entry]>([:])
  /// Spares the lock, and the address its canonical form, where nothing is remembered.
  private let count = Atomic(0)

  func note(_ address: EmailAddress, _ reply: Reply, now: Duration) {
    entries.withLock { entries in
      if entries.count >= Self.limit { entries = entries.filter { $0.value.until > now } }
      guard entries.count < Self.limit else { return }
      entries[address.canonical] = Entry(reply: reply, until: now + Self.memory)
      count.store(entries.count, ordering: .relaxed)
    }
  }

  /// What the relay said.
  func reply(for address: EmailAddress, now: Duration) -> Reply? {
    guard count.load(ordering: .relaxed) > 0 else { return nil }
    let key = address.canonical
    return entries.withLock { entries in
      guard let entry = entries[key] else { return nil }
      if entry.until > now { return entry.reply }
      entries[key] = nil
      count.store(entries.count, ordering: .relaxed)
      return nil
    }
  }
}
