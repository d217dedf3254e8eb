internal import Glibc

extension CodeRequest.Client {
  /// Checks that `ip` is an IPv4 or IPv6 address in text form; the fault's field is `client.ip`.
  package static func check(ip: String) throws(RequestFault) {
    var storage = in6_addr()
    // C would stop reading at a NUL and take what stands before it.
    guard !ip.utf8.contains(0),
      inet_pton(AF_INET, ip, &storage) == 1 || inet_pton(AF_INET6, ip, &storage) == 1
    else {
      throw RequestFault(field: "client.ip", "is not an IPv4 or IPv6 address")
    }
  }
}
