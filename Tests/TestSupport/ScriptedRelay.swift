internal import CLibssl
internal import CLinux
internal import Glibc
internal import LinuxSystem

/// An SMTP relay that plays transcripts on a real socket of 127.0.0.1, on a port of the kernel's choice.
///
/// The first connection plays the first script, the second the second, and so on; further ones play `afterwards`.
/// What each connection received is kept. A line that a script did not expect is a failure, which the test must
/// look at. Nothing waits longer than `patience`.
package final class ScriptedRelay: Sendable {
  package typealias Step = ScriptedRelayStep

  /// What happened on one connection.
  package struct Session: Sendable {
    /// Decrypted.
    package var received: [UInt8] = []
    package var failure: String?
    package var isFinished = false
    /// Mails that it took while it served.
    package var messages = 0
    package var receivedText: String { String(decoding: received, as: UTF8.self) }
  }

  private struct State {
    var sessions: [Session] = []
    var openGates: Set<String> = []
    var isStopping = false
    var placesTaken = 0
    var mailCommands = 0
    var total = 0
    var taken: [String: Int] = [:]
    var named: Set<String> = []
  }

  /// How it speaks TLS.
  package struct TLS: Sendable {
    package enum Version: Int32, Sendable {
      case tls1 = 0x0301, tls1_1 = 0x0302, tls1_2 = 0x0303, tls1_3 = 0x0304
    }

    package let certificate: TestCertificate
    /// Who must have signed the certificate that clients then have to show.
    package var clientAuthority: String?
    /// The last version that it speaks.
    package var highest: Version?

    package init(_ certificate: TestCertificate, clientAuthority: String? = nil, highest: Version? = nil) {
      self.certificate = certificate
      self.clientAuthority = clientAuthority
      self.highest = highest
    }
  }

  package let port: UInt16
  package var url: String { "smtp://127.0.0.1:\(port)" }
  package let tls: TLS?
  private let scripts: [[Step]]
  private let afterwards: [Step]
  private let startsWithTLS: Bool
  private let server: LoopbackServer
  private let monitor = Monitor(State())
  private let context = Monitor<TLSContext?>(nil)

  /// - Parameter other: it has the same port, at 127.0.0.2.
  package init(
    _ scripts: [[Step]], afterwards: [Step] = Step.greet() + [.serve], certificate: TestCertificate? = nil,
    tls: TLS? = nil, startsWithTLS: Bool = false, beside other: ScriptedRelay? = nil
  ) throws {
    self.scripts = scripts
    self.afterwards = afterwards
    self.tls = tls ?? certificate.map { TLS($0) }
    self.startsWithTLS = startsWithTLS
    server = try LoopbackServer("scripted relay", beside: other?.port)
    port = server.port
    try server.start { [self] socket in accept(socket) }
  }

  deinit { stop() }

  /// Ends all connections and waits for their threads. Safe to call more than once.
  package func stop() {
    monitor.change { $0.isStopping = true }
    server.stop()
  }

  /// Lets scripts that wait for this gate go on.
  package func open(_ gate: String) { monitor.change { _ = $0.openGates.insert(gate) } }

  /// Mails that it took while it served, on all connections.
  package var messages: Int { monitor.withLock { $0.total } }
  /// How often each recipient's mail was taken while it served.
  package var taken: [String: Int] { monitor.withLock { $0.taken } }
  /// How often MAIL came while it served.
  package var mailCommands: Int { monitor.withLock { $0.mailCommands } }

  package var sessions: [Session] { monitor.withLock { $0.sessions } }

  /// Waits until what the sessions have become fits, at most for `patience`.
  @discardableResult
  package func wait(until isDone: @Sendable ([Session]) -> Bool) -> Bool {
    monitor.wait(timeout: patience) { isDone($0.sessions) ? true : nil } ?? false
  }

  /// The first thing that did not go by a script.
  package var failure: String? {
    for (index, session) in sessions.enumerated() {
      if let failure = session.failure { return "connection \(index + 1): \(failure)" }
    }
    return nil
  }

  private func accept(_ socket: Int32) -> @Sendable () -> Void {
    let index = monitor.change { state in
      state.sessions.append(Session())
      return state.sessions.count - 1
    }
    let script = index < scripts.count ? scripts[index] : afterwards
    let steps = startsWithTLS ? [.startTLS] + script : script
    return { [self] in ScriptedRelaySession(self, index: index, socket: socket).play(steps) }
  }

  /// Made for the first connection that speaks TLS: to make one costs more than the handshake.
  var tlsContext: TLSContext? {
    context.withLock { context in
      context = context ?? tls.flatMap(TLSContext.init)
      return context
    }
  }

  func received(_ bytes: ArraySlice<UInt8>, session: Int) {
    monitor.change { $0.sessions[session].received += bytes }
  }

  /// False where so many other connections have one.
  func takePlace(of count: Int) -> Bool {
    monitor.change { state in
      guard state.placesTaken < count else { return false }
      state.placesTaken += 1
      return true
    }
  }
  func leavePlace() { monitor.change { $0.placesTaken -= 1 } }

  func isFirstTime(_ recipient: String) -> Bool { monitor.withLock { $0.named.insert(recipient).inserted } }

  /// - Returns: how often it came so far.
  func noteMailCommand() -> Int {
    monitor.change { state in
      state.mailCommands += 1
      return state.mailCommands
    }
  }

  func took(_ recipient: String, session: Int) {
    monitor.change { state in
      state.sessions[session].messages += 1
      state.taken[recipient, default: 0] += 1
      state.total += 1
    }
  }

  func finished(session: Int, failure: String?) {
    monitor.change { state in
      state.sessions[session].isFinished = true
      if !state.isStopping { state.sessions[session].failure = failure }
    }
  }

  func waitForGate(_ gate: String) -> Bool {
    monitor.wait(timeout: patience) { state in
      state.openGates.contains(gate) || state.isStopping ? true : nil
    } ?? false
  }
}

/// OpenSSL's side of a relay's TLS.
final class TLSContext: @unchecked Sendable {
  // OpenSSL counts references to it under locks of its own; nobody changes it after `init`.
  let pointer: OpaquePointer

  /// Nil where the certificate or its key is not good.
  init?(_ tls: ScriptedRelay.TLS) {
    guard
      let pointer = clibssl_server_context(
        tls.certificate.certificateFile, tls.certificate.keyFile, tls.clientAuthority,
        tls.highest?.rawValue ?? 0)
    else { return nil }
    self.pointer = pointer
  }

  deinit { SSL_CTX_free(pointer) }
}
