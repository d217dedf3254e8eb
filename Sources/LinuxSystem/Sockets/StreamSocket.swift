internal import CLinux
internal import Glibc

/// TCP sockets that never wait: what cannot be done now is told, and `PollSet` tells when it can.
package enum StreamSocket {
  /// What became of a transfer.
  package enum Transfer: Sendable {
    /// So many bytes; at least one.
    case moved(Int)
    /// Nothing now.
    case wouldBlock
    /// Nothing any more: the other end has closed, or the connection is broken.
    case ended
  }

  /// Begins to connect: the socket can be written to once that has succeeded or failed, and `connectionFault` tells
  /// which. The corresponding C functions are `socket` and `connect`.
  package static func beginConnecting(to address: SocketAddress) throws(SystemCallError) -> FileDescriptor {
    let socket = try make(address)
    if address.withPointer({ connect(socket.rawValue, $0, $1) }) != 0 {
      let number = ErrorNumber.last
      if number != .inProgress { throw SystemCallError("connect", "\(address)", number) }
    }
    return socket
  }

  /// Why a connection did not come about; nil where it stands. The corresponding C function is `getsockopt` with
  /// `SO_ERROR`.
  package static func connectionFault(of socket: Int32) -> ErrorNumber? {
    var code: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    getsockopt(socket, SOL_SOCKET, SO_ERROR, &code, &length)
    return code == 0 ? nil : ErrorNumber(code)
  }

  /// Listens on an address. The corresponding C functions are `socket`, `bind` and `listen`.
  package static func listening(on address: SocketAddress) throws(SystemCallError) -> FileDescriptor {
    let socket = try make(address)
    // Started again at once, a server finds its port free although old connections are in TIME_WAIT.
    set(SOL_SOCKET, SO_REUSEADDR, of: socket.rawValue)
    try systemCall("bind") { address.withPointer { bind(socket.rawValue, $0, $1) } }
    try systemCall("listen") { Glibc.listen(socket.rawValue, 256) }
    return socket
  }

  /// A port of 127.0.0.1 that nobody has now. Whoever wants it must be quick.
  package static func freePort() throws(SystemCallError) -> UInt16 {
    let socket = try listening(on: SocketAddress(numeric: "127.0.0.1", port: 0)!)
    guard let address = SocketAddress(ofSocket: socket.rawValue) else {
      throw SystemCallError("getsockname", "", .last)
    }
    return address.port
  }

  /// Takes a waiting connection, whose reads and writes may wait; nil where there is none, or it has gone away again.
  /// The corresponding C function is `accept4`.
  package static func accept(from listener: borrowing FileDescriptor) throws(SystemCallError)
    -> FileDescriptor?
  {
    let number = listener.rawValue
    do throws(SystemCallError) {
      return FileDescriptor(owning: try systemCall("accept") { clinux_accept(number) })
    } catch  where error.number == .wouldBlock || error.number == .connectionAborted { return nil }
  }

  /// Sends small pieces at once instead of gathering them (TCP_NODELAY).
  package static func sendAtOnce(on socket: Int32) { set(Int32(IPPROTO_TCP), TCP_NODELAY, of: socket) }

  /// Reads what is there, without waiting. The corresponding C function is `recv`.
  ///
  /// - Parameter leavesIt: what was read stays to be read again (MSG_PEEK).
  package static func receive(
    from socket: Int32, into buffer: UnsafeMutableRawBufferPointer, leavesIt: Bool = false
  ) -> Transfer {
    transfer {
      recv(
        socket, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT) | (leavesIt ? Int32(MSG_PEEK) : 0))
    }
  }

  /// Sends what can be sent without waiting. The corresponding C function is `send`.
  package static func send(_ bytes: UnsafeRawBufferPointer, on socket: Int32) -> Transfer {
    transfer { Glibc.send(socket, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL)) }
  }

  /// Tells the other end that nothing more will be sent. The corresponding C function is `shutdown`.
  package static func endSending(on socket: Int32) { shutdown(socket, Int32(SHUT_WR)) }

  private static func make(_ address: SocketAddress) throws(SystemCallError) -> FileDescriptor {
    let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    return FileDescriptor(
      owning: try systemCall("socket") { socket(address.isIPv6 ? AF_INET6 : AF_INET, type, 0) })
  }

  private static func set(_ level: Int32, _ option: Int32, of socket: Int32) {
    var on: Int32 = 1
    setsockopt(socket, level, option, &on, socklen_t(MemoryLayout<Int32>.size))
  }

  private static func transfer(_ call: () -> Int) -> Transfer {
    while true {
      let count = call()
      if count > 0 { return .moved(count) }
      if count == 0 { return .ended }
      switch ErrorNumber.last {
      case .interrupted: continue
      case .wouldBlock: return .wouldBlock
      default: return .ended
      }
    }
  }
}
