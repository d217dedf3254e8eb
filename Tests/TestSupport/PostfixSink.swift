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
package func freeLoopbackPort() throws -> UInt16 { try StreamSocket.freePort() }

/// True where somebody accepts connections there.
package func isListening(port: UInt16) -> Bool {
  guard let address = SocketAddress(numeric: "127.0.0.1", port: port),
    let socket = try? StreamSocket.beginConnecting(to: address)
  else { return false }
  var polled = PollSet()
  polled.add(socket.rawValue, .output)
  polled.wait(milliseconds: Int(patienceMilliseconds))
  return !polled[0].isEmpty && StreamSocket.connectionFault(of: socket.rawValue) == nil
}
