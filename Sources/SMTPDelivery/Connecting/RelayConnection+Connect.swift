internal import CLibcurl
internal import LinuxSystem

// Connecting: the name's addresses, one after the other until one of them is a relay that takes us, each brought to the
// end of AUTH by libcurl. What libcurl lets pass and we do not: credentials that were set and never used because EHLO
// offered no AUTH, and a connection in plaintext where STARTTLS was offered (it goes on with CURLE_OK in both cases).
//
// On failure: an address that cannot be used costs a try at the next one, within the same call; a refused login is the
// account's and ends it. What is thrown is what the first address said.

/// Where a relay was reached, and how long that took.
struct ReachedAddress: Sendable {
  let address: SocketAddress
  let lookup: Duration
  let tcp: Duration
}

extension RelayConnection {
  /// Connects, to the end of AUTH.
  ///
  /// - Parameter memory: the addresses that were bad a while ago, which are tried last.
  static func connect(
    _ settings: RelaySettings, cancel: CancelFlag, memory: AddressMemory = AddressMemory(),
    uptime: @escaping @Sendable () -> Duration
  ) throws(RelayTrouble) -> RelayConnection {
    try Connector(settings, cancel: cancel, memory: memory, uptime: uptime).connect()
  }
}

/// Makes one connection to a relay. Used once.
struct Connector {
  let settings: RelaySettings
  let cancel: CancelFlag
  let memory: AddressMemory
  let uptime: @Sendable () -> Duration
  /// Is told of each attempt before libcurl begins, to add to its settings.
  var prepare: (ConnectAttempt) -> Void = { _ in }
  /// Is told of each address that took a connection, whatever came of it.
  var reach: (ReachedAddress) -> Void = { _ in }
  /// A token that the relay refuses is fetched anew, once.
  var renewsToken = true
  /// In place of those of the relay's name.
  var addresses: [SocketAddress]?
  private let start = monotonicTime()

  init(
    _ settings: RelaySettings, cancel: CancelFlag, memory: AddressMemory,
    uptime: @escaping @Sendable () -> Duration
  ) {
    self.settings = settings
    self.cancel = cancel
    self.memory = memory
    self.uptime = uptime
  }

  func connect() throws(RelayTrouble) -> RelayConnection {
    guard renewsToken else {
      var refusedToken = false
      return try connect(isLast: true, refusedToken: &refusedToken)
    }
    return try RelayConnection.renewingRefusedToken { isLast, refusedToken throws(RelayTrouble) in
      try connect(isLast: isLast, refusedToken: &refusedToken)
    }
  }

  /// - Parameters:
  ///   - isLast: false where a refused token is followed by a try with another.
  ///   - refusedToken: becomes true where that is why it failed.
  private func connect(isLast: Bool, refusedToken: inout Bool) throws(RelayTrouble) -> RelayConnection {
    do throws(LibcurlFault) { try LibcurlFault.check() } catch { throw .withoutLibcurl(settings, error) }
    // Before the connection, which would not wait for a token endpoint.
    let proof = try readProof()
    let asked = monotonicTime()
    let found = if let addresses { addresses } else { try lookUp() }
    let lookup = monotonicTime() - asked
    let begunAt = uptime()
    var left = memory.sorted(found, now: begunAt)
    var first: RelayTrouble?
    // It took the connection and said nothing for long.
    var silent: SocketAddress?
    while !left.isEmpty {
      let began = monotonicTime()
      var race = AddressRace(
        left, awaitsGreeting: settings.security != .implicit, timing: settings.timing, cancel: cancel)
      let winner = race.run()
      for failure in race.failures {
        memory.noteBad(failure.address, now: uptime())
        left.removeAll { $0 == failure.address }
        if let connectedAt = failure.connectedAt {
          reach(ReachedAddress(address: failure.address, lookup: lookup, tcp: connectedAt - began))
        }
        if failure.wasSilent { silent = failure.address }
        let trouble = RelayTrouble.reaching(settings, failure, among: found.count)
        // What a relay said tells more than that another address is not there.
        if first == nil || first?.reply == nil && trouble.reply != nil { first = trouble }
      }
      guard let winner, !race.wasCancelled else { break }
      let reached = ReachedAddress(
        address: winner.address, lookup: lookup, tcp: winner.connectedAt - began)
      left.removeAll { $0 == reached.address }
      reach(reached)
      do throws(RelayTrouble) {
        let connection = try converse(winner, proof, isLast: isLast, refusedToken: &refusedToken)
        memory.noteGood(reached.address, begunAt: begunAt)
        connection.noteReached(reached.address, hasOthers: found.count > 1)
        return connection
      } catch {
        if first == nil { first = error }
        // A refused login counts against the account: it is not tried at each address.
        guard error.stage != .authentication, !cancel.isSet else { break }
        memory.noteBad(reached.address, now: uptime())
      }
    }
    if let silent, !cancel.isSet, speaksTLSFirst(silent) { throw .wantsImplicitTLS(settings) }
    throw first ?? .cancelled(settings)
  }

  private func lookUp() throws(RelayTrouble) -> [SocketAddress] {
    do throws(AddressLookup.Failure) {
      return try AddressLookup.addresses(
        of: settings.address, within: settings.timing.connect, cancel: cancel)
    } catch { throw .lookingUp(settings, error) }
  }

  /// What shows who we are.
  private enum Proof {
    case none
    /// libcurl says it.
    case password(RelaySettings.Credentials, [UInt8])
    /// We say it ourselves.
    case token(RelaySettings.Credentials, [UInt8])
  }

  /// Before anything is sent: without it nobody need be asked.
  private func readProof() throws(RelayTrouble) -> Proof {
    guard let credentials = settings.credentials else { return .none }
    if credentials.needsSCRAM, !libcurlHasSCRAM { throw .unsupportedMechanism(settings, credentials) }
    do throws(SecretFault) {
      let secret = try credentials.secret.read(cancel: cancel)
      return credentials.usesToken ? .token(credentials, secret) : .password(credentials, secret)
    } catch { throw error.trouble(of: settings.name) }
  }

  /// From a connected socket to the end of AUTH.
  private func converse(
    _ winner: consuming AddressRace.Winner, _ proof: Proof, isLast: Bool, refusedToken: inout Bool
  ) throws(RelayTrouble) -> RelayConnection {
    let attempt = try ConnectAttempt(settings, cancel: cancel)
    defer { refusedToken = attempt.transcript.refusedToken }
    attempt.configure(on: winner)
    if case .password(let credentials, let secret) = proof { attempt.authenticate(credentials, secret) }
    prepare(attempt)
    let code = attempt.perform()
    guard code == CURLE_OK else { throw RelayTrouble.connecting(attempt, code) }
    let transcript = attempt.transcript
    switch proof {
    case .none: break
    case .password(let credentials, _):
      guard transcript.isAuthenticated else {
        throw RelayTrouble.authenticationNotOffered(settings, credentials, transcript.features)
      }
    case .token(let credentials, _):
      guard transcript.features.mechanisms.contains(where: credentials.mechanisms.contains) else {
        throw RelayTrouble.authenticationNotOffered(settings, credentials, transcript.features)
      }
    }
    let socket = try checkedSocket(attempt)
    let connection = RelayConnection(
      handle: attempt.handle, socket: socket, transcript: transcript,
      isEncrypted: settings.security == .implicit || transcript.startedTLS,
      cancel: cancel, connectedAt: uptime(), took: monotonicTime() - start)
    if case .token(_, let token) = proof {
      try connection.logIn(with: token, settings, isLast: isLast, start: start)
    }
    attempt.take()
    return connection
  }

  /// The socket of a connection on which mail may go.
  private func checkedSocket(_ attempt: ConnectAttempt) throws(RelayTrouble) -> Int32 {
    var socket: curl_socket_t = -1
    clibcurl_get_socket(attempt.handle, &socket)
    let isEncrypted = settings.security == .implicit || attempt.transcript.startedTLS
    guard socket >= 0, isEncrypted || !settings.requiresTLS else {
      throw RelayTrouble(
        stage: .tls, incident: .startTLSMissing, reply: nil,
        message: "\(settings.name): the connection is not encrypted; nothing was sent on it")
    }
    guard isEncrypted || settings.security == .plaintext || !attempt.transcript.features.hasSTARTTLS else {
      throw RelayTrouble(
        stage: .tls, incident: .startTLSMissing, reply: nil,
        message:
          "\(settings.name): the relay offers STARTTLS in a spelling that this machine's libcurl does not read, and nothing is sent in plaintext where it is offered; use implicit TLS, or another relay"
      )
    }
    return socket
  }

  /// Whether a port that said nothing speaks TLS from the first byte: then waiting will not help, the settings will.
  ///
  /// Asked only where the whole wait for a greeting has passed: who talks before a late greeting is taken for a spammer.
  private func speaksTLSFirst(_ address: SocketAddress) -> Bool {
    guard settings.security != .implicit else { return false }
    let implicit = settings.forInspection(security: .implicit)
    var race = AddressRace([address], awaitsGreeting: false, timing: implicit.timing, cancel: cancel)
    guard let winner = race.run(), let attempt = try? ConnectAttempt(implicit, cancel: cancel) else {
      return false
    }
    attempt.configure(on: winner)
    _ = attempt.perform()
    return attempt.hasTLS
  }
}
