internal import LinuxSystem

/// Where a relay listens.
package struct RelayAddress: Hashable, Sendable, CustomStringConvertible {
  /// A name, an IPv4 address, or an IPv6 address without brackets.
  package let host: String
  package let port: UInt16

  package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// True for names and addresses that never leave this machine. libcurl resolves `localhost` itself, to
  /// loopback alone.
  package var isLoopback: Bool {
    if host == "localhost" || host == "::1" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }

  /// Reads `smtp://host[:port]` or `smtps://host[:port]`.
  ///
  /// Without a port it is 465 for implicit TLS, 587 for `starttls`, 25 otherwise. User names and passwords do not
  /// belong into a URL, which is printed and logged.
  static func parse(
    _ url: String, security: RelaySettings.Security?
  ) throws(RelayFault) -> (address: RelayAddress, security: RelaySettings.Security) {
    let expected = "expected smtp://HOST:PORT or smtps://HOST:PORT"
    let rest: Substring
    let isImplicit: Bool
    if url.lowercased().hasPrefix("smtps://") {
      rest = url.dropFirst(8)
      isImplicit = true
    } else if url.lowercased().hasPrefix("smtp://") {
      rest = url.dropFirst(7)
      isImplicit = false
    } else {
      throw RelayFault("url", "does not begin with smtp:// or smtps://; \(expected)")
    }
    if isImplicit, let security, security != .implicit {
      throw RelayFault("security", "is \(security.rawValue), but smtps:// means implicit; change one of them")
    }
    let chosen = security ?? (isImplicit ? .implicit : .starttls)
    var authority = rest
    if authority.hasSuffix("/") { authority.removeLast() }
    guard !authority.contains("@") else {
      throw RelayFault("url", "holds a user name; use username and passwordFile instead")
    }
    var host = authority
    var portText: Substring?
    if authority.hasPrefix("[") {
      guard let close = authority.firstIndex(of: "]") else {
        throw RelayFault("url", "has [ without ]; \(expected)")
      }
      host = authority[authority.index(after: authority.startIndex)..<close]
      let after = authority[authority.index(after: close)...]
      guard after.isEmpty || after.hasPrefix(":") else {
        throw RelayFault("url", "has something other than a port after ]; \(expected)")
      }
      if !after.isEmpty { portText = after.dropFirst() }
      let isAddress = host.utf8.allSatisfy {
        (0x30...0x39).contains($0) || (0x61...0x66).contains($0 | 0x20) || $0 == UInt8(ascii: ":")
          || $0 == UInt8(ascii: ".")
      }
      guard isAddress, host.contains(":") else {
        throw RelayFault("url", "has something other than an IPv6 address in brackets; \(expected)")
      }
    } else {
      if let colon = authority.firstIndex(of: ":") {
        host = authority[..<colon]
        portText = authority[authority.index(after: colon)...]
      }
      let isName = host.utf8.allSatisfy {
        $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "-")
          || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_")
      }
      guard isName, (1...253).contains(host.utf8.count) else {
        throw RelayFault("url", "has no host name; \(expected)")
      }
    }
    var port: UInt16 = chosen == .implicit ? 465 : chosen == .starttls ? 587 : 25
    if let portText {
      guard let number = UInt16(portText), number > 0 else {
        throw RelayFault("url", "has a port that is no number from 1 to 65535; \(expected)")
      }
      port = number
    }
    return (RelayAddress(host: host.lowercased(), port: port), chosen)
  }
}
