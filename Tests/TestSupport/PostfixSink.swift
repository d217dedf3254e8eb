internal import CLinux
internal import Glibc
internal import LinuxSystem

/// Postfix's own `smtp-sink`: takes any mail and throws it away. The baseline of the benches.
package final class PostfixSink: Sendable {
  package let port: UInt16
  private let program: ChildProcess

  /// For `.enabled(if:)`. In continuous integration always true.
  package static var isAvailable: Bool { ExternalTool.has("smtp-sink") }

  /// - Parameter options: more options of `smtp-sink`, for example `["-f", "rcpt"]` to fail at RCPT.
  package init(options: [String] = []) throws {
    // It refuses to run as root.
    let account = geteuid() == 0 ? ["-u", "nobody"] : []
    var attempts = 0
    while true {
      let port = try freeLoopbackPort()
      let program = try ChildProcess("smtp-sink", account + options + ["127.0.0.1:\(port)", "128"])
      if program.listens(on: port) {
        self.port = port
        self.program = program
        return
      }
      attempts += 1
      guard attempts < 5 else {
        throw PostfixRelay.Failure(what: "smtp-sink", log: program.text() + program.text(of: .errors))
      }
    }
  }

  package func stop() { program.kill() }
}

extension ChildProcess {
  /// Waits for a server that says nothing when it is ready: it is tried until it answers.
  ///
  /// - Returns: false where it has ended instead, or the time was over first.
  package func listens(on port: UInt16, timeout: Duration = patience) -> Bool {
    let deadline = ContinuousClock.now + timeout
    while isRunning, ContinuousClock.now < deadline {
      if isListening(port: port) { return true }
      _ = poll(nil, 0, 5)
    }
    return false
  }
}

/// A port that was free a moment ago, for programs that cannot choose one themselves: be ready to try again.
package func freeLoopbackPort() throws -> UInt16 {
  try withLoopbackSocket(port: 0) { socket, address, length in
    try systemCall("bind") { bind(socket, address, length) }
    var size = length
    try systemCall("getsockname") { getsockname(socket, address, &size) }
  }
}

/// True where somebody accepts connections there.
package func isListening(port: UInt16) -> Bool {
  (try? withLoopbackSocket(port: port) { socket, address, length in
    try systemCall("connect") { connect(socket, address, length) }
  }) != nil
}

/// - Returns: the port that stands in the address afterwards.
private func withLoopbackSocket(
  port: UInt16, _ body: (Int32, UnsafeMutablePointer<sockaddr>, socklen_t) throws -> Void
) throws -> UInt16 {
  let descriptor = FileDescriptor(
    owning: try systemCall("socket") {
      socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    })
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
  try withUnsafeMutablePointer(to: &address) {
    try $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      try body(descriptor.rawValue, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  }
  return UInt16(bigEndian: address.sin_port)
}
