internal import LinuxSystem
internal import RecordKeys

/// What a client's address is counted by. Nobody needs more than one line to have a whole IPv6 /64, or to move within a
/// provider's pool of addresses, so places are counted by the one and shares by the larger network.
package struct ClientNetwork: Hashable, Sendable {
  /// IPv4 whole, IPv6 by its /64, which is what one customer holds: `perClient`.
  package let address: Int64
  /// IPv4 by its /24, IPv6 by its /48: which part of somebody's windows it may take.
  package let share: Int64

  init(_ ip: String, key: Key) {
    let (bytes, width) = Self.bytes(of: ip)
    address = prefixKey(key.mac("client", bytes))
    share = prefixKey(key.mac("client-share", Array(bytes.prefix(width))))
  }

  /// The bytes that are counted, and how many of them make the larger network.
  static func bytes(of text: String) -> (bytes: [UInt8], share: Int) {
    guard let bytes = IPAddress.bytes(of: text) else { return (Array(text.utf8), text.utf8.count) }
    if bytes.count == 4 { return (bytes, 3) }
    // ::ffff:a.b.c.d is the IPv4 address (RFC 4291 2.5.5.2).
    let isMapped = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
    return isMapped ? (Array(bytes.suffix(4)), 3) : (Array(bytes.prefix(8)), 6)
  }
}
