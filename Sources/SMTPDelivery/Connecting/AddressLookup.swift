internal import CLinux
internal import Glibc
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
        let (found, problem) = find(address.host, address.port)
        answer.change { $0 = found.isEmpty ? .failed(problem) : .addresses(found) }
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

  private static func find(
    _ host: String, _ port: UInt16
  ) -> (found: [SocketAddress], problem: String) {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, String(port), &hints, &list)
    guard code == 0 else { return ([], String(cString: gai_strerror(code))) }
    defer { freeaddrinfo(list) }
    var found: [SocketAddress] = []
    var node = list
    while let entry = node?.pointee {
      if let address = entry.ai_addr.flatMap({ SocketAddress($0, entry.ai_addrlen) }),
        !found.contains(address)
      {
        found.append(address)
      }
      node = entry.ai_next
    }
    return (found, "no address")
  }

  /// The resolver's order, but the families in turn, so that one that is broken costs one try.
  static func inTurn(_ addresses: [SocketAddress]) -> [SocketAddress] {
    guard let first = addresses.first?.family else { return [] }
    let preferred = addresses.filter { $0.family == first }
    let others = addresses.filter { $0.family != first }
    var result: [SocketAddress] = []
    for index in 0..<max(preferred.count, others.count) {
      if index < preferred.count { result.append(preferred[index]) }
      if index < others.count { result.append(others[index]) }
    }
    return Array(result.prefix(limit))
  }
}
