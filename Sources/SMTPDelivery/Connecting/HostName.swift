internal import LinuxSystem

/// What this machine calls itself in EHLO (RFC 5321 4.1.4): its full name where it has one, else the literal of the
/// address that the relay sees us from, which is always right, though some relays want a name.
enum HostName {
  /// The machine's full name; nil where it has none, or where the resolver has not told it yet.
  ///
  /// Asked once for the process, on a thread of its own: a resolver that hangs may delay the first connection by
  /// `patience` and no other.
  static var full: String? {
    if let own, isFull(own) { return own }
    return canonical.wait(timeout: isFirstAsk() ? patience : .zero) { $0 } ?? nil
  }

  private static let patience = Duration.seconds(1)
  private static let own: String? = NameLookup.ownName()

  private static let asked = Monitor(false)
  private static func isFirstAsk() -> Bool {
    asked.withLock { asked in
      defer { asked = true }
      return !asked
    }
  }

  /// What the resolver makes of the short name; the outer nil until it has answered.
  private static let canonical: Monitor<String??> = {
    let answer = Monitor<String??>(nil)
    guard let own, !own.isEmpty else {
      answer.change { $0 = .some(nil) }
      return answer
    }
    let thread = try? LinuxThread("host name") {
      let name = NameLookup.canonicalName(of: own).flatMap { isFull($0) ? $0 : nil }
      answer.change { $0 = .some(name) }
    }
    if thread == nil { answer.change { $0 = .some(nil) } }
    return answer
  }()

  /// At least two labels, the last one not of digits alone, and no name for the machine itself.
  static func isFull(_ name: String) -> Bool {
    let labels = name.split(separator: ".", omittingEmptySubsequences: false)
    guard labels.count > 1, name.utf8.count <= 253, labels[0] != "localhost", labels.last != "localdomain"
    else {
      return false
    }
    let isEachLabel = labels.allSatisfy { label in
      (1...63).contains(label.utf8.count)
        && label.utf8.allSatisfy {
          $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "-")
        }
    }
    return isEachLabel && labels.last!.utf8.contains { !(0x30...0x39).contains($0) }
  }

  /// - Parameter ourEnd: of the connection.
  static func greeting(ourEnd: SocketAddress?) -> String { full ?? literal(ourEnd) }

  /// An address literal (RFC 5321 4.1.3).
  static func literal(_ address: SocketAddress?) -> String {
    guard let address else { return "[127.0.0.1]" }
    let text = "\(address)".prefix { $0 != "%" }
    guard address.isIPv6 else { return "[\(text)]" }
    // An IPv4 peer on an IPv6 socket is an IPv4 host to the relay.
    return text.hasPrefix("::ffff:") && text.contains(".") ? "[\(text.dropFirst(7))]" : "[IPv6:\(text)]"
  }

  /// As a part of libcurl's URL, which it decodes again.
  static func inURL(_ name: String) -> String {
    name.replacing("[", with: "%5B").replacing("]", with: "%5D").replacing(":", with: "%3A")
  }
}
