internal import LinuxSystem

/// What a client's address is counted by: IPv4 whole, IPv6 by its /64, which is what one customer holds.
enum ClientNetwork {
  static func bytes(of text: String) -> [UInt8] {
    guard let bytes = IPAddress.bytes(of: text) else { return Array(text.utf8) }
    if bytes.count == 4 { return bytes }
    // ::ffff:a.b.c.d is the IPv4 address (RFC 4291 2.5.5.2).
    let isMapped = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
    return isMapped ? Array(bytes.suffix(4)) : Array(bytes.prefix(8))
  }
}
