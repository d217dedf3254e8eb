internal import CLinux
internal import Glibc
internal import LinuxSystem

/// Takes connections at 127.0.0.1, on a port of the kernel's choice, and serves each on a thread of its own, with sockets
/// that wait. They stay open until it is stopped.
final class LoopbackServer: Sendable {
  private struct State {
    var sockets: [Int32] = []
    var threads: [LinuxThread] = []
    var acceptor: LinuxThread?
    var isStopping = false
  }

  let port: UInt16
  private let name: String
  private let listener: FileDescriptor
  private let state = Monitor(State())

  /// - Parameters:
  ///   - name: of its threads.
  ///   - other: it has the same port, at 127.0.0.2.
  init(_ name: String, beside other: UInt16? = nil) throws {
    ignoreBrokenPipes()
    self.name = name
    listener = FileDescriptor(
      owning: try systemCall("socket") {
        socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
      })
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(other == nil ? 0x7F00_0001 : 0x7F00_0002).bigEndian
    address.sin_port = (other ?? 0).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = listener.rawValue
    try withUnsafeMutablePointer(to: &address) { pointer in
      try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        try systemCall("bind") { bind(descriptor, address, size) }
        try systemCall("listen") { listen(descriptor, 64) }
        try systemCall("getsockname") { getsockname(descriptor, address, &size) }
      }
    }
    port = UInt16(bigEndian: address.sin_port)
  }

  /// Begins to take connections.
  ///
  /// - Parameter accept: is told of each in its turn, and returns what serves it.
  func start(accept: @escaping @Sendable (_ socket: Int32) -> @Sendable () -> Void) throws {
    let thread = try LinuxThread(name) { [self] in acceptAll(accept) }
    state.withLock { $0.acceptor = thread }
  }

  /// Ends all connections and waits for their threads. Safe to call more than once.
  func stop() {
    let (sockets, acceptor) = state.withLock { state in
      state.isStopping = true
      defer { state.acceptor = nil }
      return (state.sockets, state.acceptor)
    }
    shutdown(listener.rawValue, Int32(SHUT_RDWR))
    for socket in sockets { shutdown(socket, Int32(SHUT_RDWR)) }
    acceptor?.join()
    for thread in state.withLock({ $0.threads }) { thread.join() }
    for socket in state.withLock({ state in
      defer { state.sockets = [] }
      return state.sockets
    }) { close(socket) }
  }

  private func acceptAll(_ accept: (Int32) -> @Sendable () -> Void) {
    while true {
      let socket = Glibc.accept(listener.rawValue, nil, nil)
      guard socket >= 0 else {
        if errno == EINTR { continue }
        return
      }
      let serve = accept(socket)
      let isStopping = state.withLock { state in
        state.sockets.append(socket)
        return state.isStopping
      }
      if isStopping { shutdown(socket, Int32(SHUT_RDWR)) }
      guard let thread = try? LinuxThread(name, serve) else { return }
      state.withLock { $0.threads.append(thread) }
    }
  }
}
