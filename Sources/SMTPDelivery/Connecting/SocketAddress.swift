internal import CLinux
internal import Glibc
internal import LinuxSystem

/// An IPv4 or IPv6 address with a port, as the kernel takes it.
struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
  private let bytes: [UInt8]
  let family: Int32

  init?(_ pointer: UnsafePointer<sockaddr>, _ length: socklen_t) {
    family = Int32(pointer.pointee.sa_family)
    guard family == AF_INET || family == AF_INET6 else { return nil }
    bytes = Array(UnsafeRawBufferPointer(start: pointer, count: Int(length)))
  }

  /// Reads an address in numbers, IPv4 or IPv6 without brackets; nil for names.
  init?(numeric host: String, port: UInt16) {
    var four = sockaddr_in()
    var six = sockaddr_in6()
    if inet_pton(AF_INET, host, &four.sin_addr) == 1 {
      four.sin_family = sa_family_t(AF_INET)
      four.sin_port = port.bigEndian
      bytes = withUnsafeBytes(of: &four) { Array($0) }
      family = AF_INET
    } else if inet_pton(AF_INET6, host, &six.sin6_addr) == 1 {
      six.sin6_family = sa_family_t(AF_INET6)
      six.sin6_port = port.bigEndian
      bytes = withUnsafeBytes(of: &six) { Array($0) }
      family = AF_INET6
    } else {
      return nil
    }
  }

  /// Our end of a connected socket; nil where the kernel does not tell.
  init?(ofSocket descriptor: Int32) {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let made = withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address -> SocketAddress? in
        getsockname(descriptor, address, &length) == 0 ? SocketAddress(address, length) : nil
      }
    }
    guard let made else { return nil }
    self = made
  }

  func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    bytes.withUnsafeBytes {
      body($0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
    }
  }

  /// The address without port: `192.0.2.1`, `2001:db8::1`, a link-local one with its zone.
  var description: String {
    withPointer { address, length in
      var name = [CChar](repeating: 0, count: 64)
      let code = getnameinfo(address, length, &name, socklen_t(name.count), nil, 0, NI_NUMERICHOST)
      guard code == 0 else { return "?" }
      return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }
}
