internal import LinuxSystem

/// Addresses of relays at which nobody answered, or which ended at the first MAIL, for a minute: until then a name's other addresses are tried first. The
/// bad one stays a candidate, since it may be the only one that is left.
final class AddressMemory: Sendable {
  static let memory = Duration.seconds(60)
  static let limit = 256

  private let entries = Monitor<[SocketAddress: Duration]>([:])

  func noteBad(_ address: SocketAddress, now: Duration) {
    entries.withLock { entries in
      if entries.count >= Self.limit { entries = entries.filter { $0.value > now } }
      if entries.count < Self.limit { entries[address] = now + Self.memory }
    }
  }

  /// - Parameter begunAt: when the connection to it was begun. What was noted since then is news of the address.
  func noteGood(_ address: SocketAddress, begunAt: Duration) {
    entries.withLock { entries in
      guard let until = entries[address], until - Self.memory < begunAt else { return }
      entries.removeValue(forKey: address)
    }
  }

  /// The good ones first; within both, the order stays.
  func sorted(_ addresses: [SocketAddress], now: Duration) -> [SocketAddress] {
    entries.withLock { entries in
      guard !entries.isEmpty else { return addresses }
      func isBad(_ address: SocketAddress) -> Bool { entries[address].map { $0 > now } ?? false }
      return addresses.filter { !isBad($0) } + addresses.filter { isBad($0) }
    }
  }
}
