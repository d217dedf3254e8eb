internal import CLinux
internal import Glibc

/// An IPv4 or IPv6 address with a port, as the kernel takes it.
package struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
  private let bytes: [UInt8]
  package let isIPv6: Bool

  init?(_ pointer: UnsafePointer<sockaddr>, _ length: socklen_t) {
    let family = Int32(pointer.pointee.sa_family)
    guard family == AF_INET || family == AF_INET6 else { return nil }
    isIPv6 = family == AF_INET6
    bytes = Array(UnsafeRawBufferPointer(start: pointer, count: Int(length)))
  }

  /// Reads an address in numbers, IPv4 or IPv6 without brackets; nil for names.
  package init?(numeric host: String, port: UInt16) {
    guard let address = IPAddress.bytes(of: host) else { return nil }
    isIPv6 = address.count == 16
    if isIPv6 {
      var six = sockaddr_in6()
      six.sin6_family = sa_family_t(AF_INET6)
      six.sin6_port = port.bigEndian
      withUnsafeMutableBytes(of: &six.sin6_addr) { $0.copyBytes(from: address) }
      bytes = withUnsafeBytes(of: &six) { Array($0) }
    } else {
      var four = sockaddr_in()
      four.sin_family = sa_family_t(AF_INET)
      four.sin_port = port.bigEndian
      withUnsafeMutableBytes(of: &four.sin_addr) { $0.copyBytes(from: address) }
      bytes = withUnsafeBytes(of: &four) { Array($0) }
    }
  }

  /// Our end of a socket; nil where the kernel does not tell. The corresponding C function is `getsockname`.
  package init?(ofSocket descriptor: Int32) { self.init(descriptor, getsockname) }

  /// The other end of a connected socket; nil where the kernel does not tell. The corresponding C function is
  /// `getpeername`.
  package init?(peerOfSocket descriptor: Int32) { self.init(descriptor, getpeername) }

  private init?(
    _ descriptor: Int32,
    _ ask: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
  ) {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let found = withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address -> SocketAddress? in
        ask(descriptor, address, &length) == 0 ? SocketAddress(address, length) : nil
      }
    }
    guard let found else { return nil }
    self = found
  }

  func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    bytes.withUnsafeBytes {
      body($0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
    }
  }

  /// The port, which lies at the same place in both kinds of address (RFC 3493 3.3).
  package var port: UInt16 { UInt16(bytes[2]) << 8 | UInt16(bytes[3]) }

  /// The address without port: `192.0.2.1`, `2001:db8::1`, a link-local one with its zone.
  package var description: String {
    withPointer { address, length in
      var name = [CChar](repeating: 0, count: 64)
      let code = getnameinfo(address, length, &name, socklen_t(name.count), nil, 0, NI_NUMERICHOST)
      guard code == 0 else { return "?" }
      return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }

  /// Address and port: `192.0.2.1:25`, `[2001:db8::1]:25`.
  package var withPort: String { isIPv6 ? "[\(self)]:\(port)" : "\(self):\(port)" }
}
