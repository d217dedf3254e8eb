internal import CLinux
internal import Glibc

/// What the system's resolver makes of names. It may take as long as it likes and cannot be interrupted: where somebody
/// waits, it is asked on a thread of its own. The corresponding C function is `getaddrinfo`.
package enum NameLookup {
  /// What it said instead of an answer.
  package struct Failure: Error { package let words: String }

  /// The addresses to connect to, in the resolver's order, each once, of the families that this machine has.
  package static func addresses(of host: String, port: UInt16) throws(Failure) -> [SocketAddress] {
    try addresses(host, port, AI_ADDRCONFIG)
  }

  /// The addresses to listen on: those of this machine for an empty name.
  package static func listeningAddresses(of host: String, port: UInt16) throws(Failure) -> [SocketAddress] {
    try addresses(host, port, AI_PASSIVE)
  }

  private static func addresses(
    _ host: String, _ port: UInt16, _ flags: Int32
  ) throws(Failure) -> [SocketAddress] {
    var found: [SocketAddress] = []
    try ask(host, service: String(port), flags | AI_NUMERICSERV) { entry in
      if let address = entry.ai_addr.flatMap({ SocketAddress($0, entry.ai_addrlen) }),
        !found.contains(address)
      {
        found.append(address)
      }
    }
    return found
  }

  /// The full name that the resolver knows for a name of this machine; nil where it knows none.
  package static func canonicalName(of name: String) -> String? {
    var full: String?
    try? ask(name, service: nil, AI_CANONNAME) { entry in
      full = full ?? entry.ai_canonname.map { String(cString: $0) }
    }
    return full
  }

  /// What this machine calls itself. The corresponding C function is `gethostname`.
  package static func ownName() -> String? {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return nil }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func ask(
    _ name: String, service: String?, _ flags: Int32, _ body: (addrinfo) -> Void
  ) throws(Failure) {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = flags
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(name, service, &hints, &list)
    guard code == 0 else { throw Failure(words: String(cString: gai_strerror(code))) }
    defer { freeaddrinfo(list) }
    var next = list
    while let entry = next?.pointee {
      body(entry)
      next = entry.ai_next
    }
  }
}
