internal import CLinux
internal import Glibc
internal import LinuxSystem

/// A relay for many mails that can be cut off and started again on its port: it takes every mail and counts it by
/// its recipient, from the moment the final dot has come, whether or not its reply still goes out.
package final class CountingRelay: Sendable {
  private struct State {
    var taken: [String: Int] = [:]
    var total = 0
    var sockets: Set<Int32> = []
    var threads: [LinuxThread] = []
    var listener: Int32 = -1
    var acceptor: LinuxThread?
  }

  package let port: UInt16
  package var url: String { "smtp://127.0.0.1:\(port)" }
  /// Bound and never listening: nobody else gets the port while the relay is away.
  private let claim: FileDescriptor
  private let monitor = Monitor(State())

  package init() throws {
    ignoreBrokenPipes()
    claim = try Self.bound(to: 0)
    port = try Self.port(of: claim)
    try start()
  }

  deinit { cut() }

  private static func bound(to port: UInt16) throws -> FileDescriptor {
    let descriptor = FileDescriptor(
      owning: try systemCall("socket") {
        socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
      })
    var one: Int32 = 1
    setsockopt(descriptor.rawValue, SOL_SOCKET, SO_REUSEADDR, &one, 4)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let raw = descriptor.rawValue
    _ = try withUnsafeMutablePointer(to: &address) { pointer in
      try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        try systemCall("bind") { bind(raw, address, socklen_t(MemoryLayout<sockaddr_in>.size)) }
      }
    }
    return descriptor
  }

  private static func port(of descriptor: borrowing FileDescriptor) throws -> UInt16 {
    var address = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let raw = descriptor.rawValue
    _ = try withUnsafeMutablePointer(to: &address) { pointer in
      try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        try systemCall("getsockname") { getsockname(raw, address, &size) }
      }
    }
    return UInt16(bigEndian: address.sin_port)
  }

  /// Listens again, after `cut`.
  package func start() throws {
    let raw = try Self.bound(to: port).release()
    try systemCall("listen") { listen(raw, 64) }
    let acceptor = try LinuxThread("counting relay") { [self] in accept(on: raw) }
    monitor.withLock { ($0.listener, $0.acceptor) = (raw, acceptor) }
  }

  /// Ends everything at once, in whatever each connection was: no farewell, replies lost.
  package func cut() {
    let (listener, acceptor) = monitor.withLock { state in
      defer { (state.listener, state.acceptor) = (-1, nil) }
      return (state.listener, state.acceptor)
    }
    guard listener >= 0 else { return }
    shutdown(listener, Int32(SHUT_RDWR))
    acceptor?.join()
    close(listener)
    let threads = monitor.withLock { state in
      for socket in state.sockets { shutdown(socket, Int32(SHUT_RDWR)) }
      defer { state.threads = [] }
      return state.threads
    }
    for thread in threads { thread.join() }
  }

  /// How often each recipient's mail was taken.
  package var taken: [String: Int] { monitor.withLock { $0.taken } }

  /// Waits until so many were taken in all.
  package func wait(forTaken count: Int, timeout: Duration = patience) -> Bool {
    monitor.wait(timeout: timeout) { $0.total >= count ? true : nil } ?? false
  }

  private func accept(on listener: Int32) {
    while true {
      let socket = Glibc.accept(listener, nil, nil)
      guard socket >= 0 else {
        if errno == EINTR { continue }
        return
      }
      var one: Int32 = 1
      setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
      monitor.withLock { _ = $0.sockets.insert(socket) }
      let thread = try? LinuxThread("counted") { [self] in
        serve(socket)
        monitor.withLock { _ = $0.sockets.remove(socket) }
        close(socket)
      }
      monitor.withLock { state in thread.map { state.threads.append($0) } }
    }
  }

  private func serve(_ socket: Int32) {
    var input: [UInt8] = []
    var recipient = ""
    var isMessage = false
    var output = Array("220 counting ESMTP\r\n".utf8)
    var chunk = [UInt8](repeating: 0, count: 65536)
    while true {
      guard output.isEmpty || send(socket, output, output.count, Int32(MSG_NOSIGNAL)) == output.count else {
        return
      }
      output.removeAll(keepingCapacity: true)
      let count = recv(socket, &chunk, chunk.count, 0)
      guard count > 0 else { return }
      input += chunk[..<count]
      var start = 0
      while let end = lineEnd(in: input, from: start) {
        if isMessage {
          // Lines of the message are passed over up to the one with the dot.
          guard end - start == 3, input[start] == UInt8(ascii: ".") else {
            start = end
            continue
          }
          isMessage = false
          take(recipient)
          output += Self.taken
        } else {
          switch input[start] {
          case UInt8(ascii: "E"): output += Self.hello
          case UInt8(ascii: "R") where input[start + 1] == UInt8(ascii: "C"):
            // RCPT TO:<…>
            recipient = String(decoding: input[(start + 9)..<(end - 3)], as: UTF8.self)
            output += Self.ok
          case UInt8(ascii: "D"):
            isMessage = true
            output += Self.goAhead
          default: output += Self.ok
          }
        }
        start = end
      }
      input.removeSubrange(..<start)
    }
  }

  private static let hello = Array("250-counting\r\n250 PIPELINING\r\n".utf8)
  private static let ok = Array("250 2.0.0 Ok\r\n".utf8)
  private static let goAhead = Array("354 go\r\n".utf8)
  private static let taken = Array("250 2.0.0 taken\r\n".utf8)

  /// Where the line that begins at `start` ends, behind its line feed.
  private func lineEnd(in bytes: [UInt8], from start: Int) -> Int? {
    bytes.withUnsafeBytes { buffer in
      guard start < buffer.count, let feed = memchr(buffer.baseAddress! + start, 0x0A, buffer.count - start)
      else { return nil }
      return UnsafeRawPointer(feed) - buffer.baseAddress! + 1
    }
  }

  private func take(_ recipient: String) {
    monitor.change { state in
      state.taken[recipient, default: 0] += 1
      state.total += 1
    }
  }
}
