internal import CLinux
internal import Glibc
internal import LinuxSystem

/// A bound and listening TCP socket.
struct ListeningSocket: ~Copyable {
  let descriptor: FileDescriptor
  let port: UInt16

  /// Listens on the first address that `host` stands for and that can be bound, IPv4 before IPv6: whoever
  /// connects to `localhost` tries both, whoever connects to 127.0.0.1 only that one.
  init(host: String, port: UInt16) throws(SinkFault) {
    let place = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    var hints = addrinfo()
    hints.ai_family = AF_UNSPEC
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, String(port), &hints, &list)
    guard code == 0 else {
      throw SinkFault(.address, place, "is no address to listen on: \(String(cString: gai_strerror(code)))")
    }
    defer { freeaddrinfo(list) }
    var addresses: [addrinfo] = []
    var next = list
    while let info = next?.pointee {
      addresses.append(info)
      next = info.ai_next
    }
    var failure = SystemCallError("bind", code: EADDRNOTAVAIL)
    for info in addresses.filter({ $0.ai_family == AF_INET }) + addresses.filter({ $0.ai_family != AF_INET })
    {
      do throws(SystemCallError) {
        let descriptor = try Self.listen(info)
        self.port = try Self.port(of: descriptor)
        self.descriptor = descriptor
        return
      } catch { failure = error }
    }
    let advice = failure.code == EADDRINUSE ? "; another program listens there, choose another port or 0" : ""
    throw SinkFault(.listening, place, "cannot listen: \(failure)\(advice)")
  }

  private static func listen(_ info: addrinfo) throws(SystemCallError) -> FileDescriptor {
    let type = info.ai_socktype | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let descriptor = FileDescriptor(
      owning: try systemCall("socket") { socket(info.ai_family, type, info.ai_protocol) })
    // A sink started again at once finds its port free although old connections are in TIME_WAIT.
    var on: Int32 = 1
    setsockopt(descriptor.rawValue, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
    try systemCall("bind") { bind(descriptor.rawValue, info.ai_addr, info.ai_addrlen) }
    try systemCall("listen") { Glibc.listen(descriptor.rawValue, 256) }
    return descriptor
  }

  private static func port(of descriptor: borrowing FileDescriptor) throws(SystemCallError) -> UInt16 {
    var address = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let socket = descriptor.rawValue
    try systemCall("getsockname") {
      withUnsafeMutableBytes(of: &address) {
        getsockname(socket, $0.baseAddress?.assumingMemoryBound(to: sockaddr.self), &length)
      }
    }
    // The port lies at the same place in both kinds of address (RFC 3493 3.3).
    return withUnsafeBytes(of: &address) { UInt16(bigEndian: $0.load(fromByteOffset: 2, as: UInt16.self)) }
  }

  /// Takes a waiting connection; nil where there is none, or it has gone away again.
  func accept() throws(SystemCallError) -> FileDescriptor? {
    do throws(SystemCallError) {
      return FileDescriptor(owning: try systemCall("accept") { clinux_accept(descriptor.rawValue) })
    } catch  where error.code == EAGAIN || error.code == ECONNABORTED { return nil }
  }
}

/// Address and port at the other end.
func peerName(of descriptor: borrowing FileDescriptor) -> String {
  var address = sockaddr_storage()
  var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
  let socket = descriptor.rawValue
  return withUnsafeMutableBytes(of: &address) { bytes in
    guard let pointer = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self),
      getpeername(socket, pointer, &length) == 0
    else { return "" }
    var host = [CChar](repeating: 0, count: 64)
    guard getnameinfo(pointer, length, &host, socklen_t(host.count), nil, 0, NI_NUMERICHOST) == 0 else {
      return ""
    }
    let name = String(decoding: host.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    let port = UInt16(bigEndian: bytes.load(fromByteOffset: 2, as: UInt16.self))
    return name.contains(":") ? "[\(name)]:\(port)" : "\(name):\(port)"
  }
}
