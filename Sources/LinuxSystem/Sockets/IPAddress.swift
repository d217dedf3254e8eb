internal import Glibc

/// Addresses of the internet in numbers.
package enum IPAddress {
  /// The bytes of an address in text form, 4 for IPv4 and 16 for IPv6, in the order of the network; nil for anything
  /// else, brackets and zones among it. The corresponding C function is `inet_pton`.
  package static func bytes(of text: String) -> [UInt8]? {
    // C would stop reading at a NUL and take what stands before it.
    guard !text.utf8.contains(0) else { return nil }
    var four = in_addr()
    if inet_pton(AF_INET, text, &four) == 1 { return withUnsafeBytes(of: &four) { Array($0) } }
    var six = in6_addr()
    if inet_pton(AF_INET6, text, &six) == 1 { return withUnsafeBytes(of: &six) { Array($0) } }
    return nil
  }
}
