internal import Glibc

/// What a client's address is counted by: IPv4 whole, IPv6 by its /64, which is what one customer holds.
enum ClientNetwork {
  static func bytes(of text: String) -> [UInt8] {
    var v4 = in_addr()
    if inet_pton(AF_INET, text, &v4) == 1 { return withUnsafeBytes(of: &v4) { Array($0) } }
    var v6 = in6_addr()
    guard inet_pton(AF_INET6, text, &v6) == 1 else { return Array(text.utf8) }
    let bytes = withUnsafeBytes(of: &v6) { Array($0) }
    // ::ffff:a.b.c.d is the IPv4 address (RFC 4291 2.5.5.2).
    let isMapped = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
    return isMapped ? Array(bytes.suffix(4)) : Array(bytes.prefix(8))
  }
}
