internal import LinuxSystem

extension CodeRequest.Client {
  /// Checks that `ip` is an IPv4 or IPv6 address in text form; the fault's field is `client.ip`.
  package static func check(ip: String) throws(RequestFault) {
    guard IPAddress.bytes(of: ip) != nil else {
      throw RequestFault(field: "client.ip", "is not an IPv4 or IPv6 address")
    }
  }
}
