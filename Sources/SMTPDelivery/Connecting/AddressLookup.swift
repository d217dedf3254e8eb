internal import LinuxSystem

/// The addresses of a relay's name, from getaddrinfo, IPv6 and IPv4 in turn (RFC 8305 4).
///
/// getaddrinfo cannot be interrupted, so it runs on a thread of its own that is left behind where the time is over or
/// the dispatcher stops.
enum AddressLookup {
  enum Failure: Error {
    /// In getaddrinfo's words.
    case notFound(String)
    case timedOut
    case cancelled
  }

  /// More addresses than these are not tried.
  static let limit = 16

  private enum Answer: Sendable {
    case addresses([SocketAddress])
    case failed(String)
  }

  static func addresses(
    of address: RelayAddress, within timeout: Duration, cancel: CancelFlag
  ) throws(Failure) -> [SocketAddress] {
    // Numbers ask nobody. `localhost` is this machine whatever a resolver says of it (RFC 6761 6.3).
    let numbers = address.host == "localhost" ? ["127.0.0.1", "::1"] : [address.host]
    let numeric = numbers.compactMap { SocketAddress(numeric: $0, port: address.port) }
    if !numeric.isEmpty { return numeric }
    let answer = Monitor<Answer?>(nil)
    do throws(SystemCallError) {
      _ = try LinuxThread("look-up") {
        let result: Answer
        do throws(NameLookup.Failure) {
          let found = try NameLookup.addresses(of: address.host, port: address.port)
          result = found.isEmpty ? .failed("no address") : .addresses(found)
        } catch { result = .failed(error.words) }
        answer.change { $0 = result }
      }
    } catch { throw .notFound("\(error)") }
    let deadline = monotonicTime() + timeout
    while true {
      let left = deadline - monotonicTime()
      // In steps, since the answer and the end of all waits are told in two ways.
      switch answer.wait(timeout: min(max(left, .zero), .milliseconds(100)), until: { $0 }) {
      case .some(.addresses(let found)): return inTurn(found)
      case .some(.failed(let problem)): throw .notFound(problem)
      case .none: break
      }
      if cancel.isSet { throw .cancelled }
      if left <= .zero { throw .timedOut }
    }
  }

  /// The resolver's order, but the families in turn, so that one that is broken costs one try.
  static func inTurn(_ addresses: [SocketAddress]) -> [SocketAddress] {
    guard let first = addresses.first?.isIPv6 else { return [] }
    let preferred = addresses.filter { $0.isIPv6 == first }
    let others = addresses.filter { $0.isIPv6 != first }
    var result: [SocketAddress] = []
    for index in 0..<max(preferred.count, others.count) {
      if index < preferred.count { result.append(preferred[index]) }
      if index < others.count { result.append(others[index]) }
    }
    return Array(result.prefix(limit))
  }
}
