internal import CLibcurl
internal import LinuxSystem

// What a failure to connect means, and what to do about it.

extension RelayTrouble {
  static func connecting(_ attempt: ConnectAttempt, _ code: CURLcode) -> RelayTrouble {
    let transcript = attempt.transcript
    let redaction = ReplyRedaction()
    // A 2xx or 334 was an earlier step's answer and says nothing about the failure.
    let reply =
      transcript.sawReply && transcript.lastReply.code >= 400 ? redaction.reply(transcript.lastReply) : nil
    var stage = transcript.stage
    // EHLO is refused as a rule; what STARTTLS and AUTH are refused for is told apart below.
    let about = reply == nil || stage == .authentication ? nil : mendable(transcript.lastReply)
    var incident: Incident =
      reply.map { .reply(code: $0.code, enhanced: $0.enhanced, about: about ?? .unclear) } ?? .connectionLost
    let settings = attempt.settings
    var advice =
      reply == nil
      ? "the relay ended the connection or sent no SMTP before it was ready; check that the port is one for SMTP, and the relay's log"
      : about?.advice
        ?? "the relay refuses this machine; ask those who run it whether this address may send through it"
    switch transcript.hasTimedOut ? CURLE_OPERATION_TIMEDOUT : code {
    case CURLE_OPERATION_TIMEDOUT:
      incident = .timedOut
      let limit = stage == .tls ? settings.timing.connect : settings.timing.reply
      advice =
        "no answer within \(limit.inWords) (\(stage == .tls ? "connectTimeout" : "replyTimeout")); check the relay and its log"
    case CURLE_USE_SSL_FAILED:
      stage = .tls
      incident = reply.map { .reply(code: $0.code, enhanced: $0.enhanced) } ?? .startTLSMissing
      advice =
        reply == nil
        ? "STARTTLS is not offered, so nothing was sent. Either the relay does not do it on this port, or somebody in between removed it"
        : "the relay refused STARTTLS; look into its log: its certificate or key may be missing"
    case CURLE_PEER_FAILED_VERIFICATION:
      (stage, incident) = (.tls, .certificate)
      advice =
        "the certificate is not good for \(settings.address.host); check its names, dates and issuer, or set caFile"
    case CURLE_SSL_CACERT_BADFILE:
      (stage, incident) = (.tls, .certificate)
      advice =
        settings.caFile.map { "caFile \($0) cannot be read; expected certificates in PEM" }
        ?? "this machine's certificates are missing; install ca-certificates or set caFile"
    case CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER:
      (stage, incident) = (.tls, .certificate)
      advice = "the client certificate or its key cannot be used; check both files"
    case _ where attempt.refusedOurCertificate:
      // With TLS 1.3 the relay says so only after the handshake, in place of its first reply.
      (stage, incident) = (.tls, .certificate)
      advice =
        settings.clientCertificate.map {
          "the relay does not accept the client certificate \($0.certificateFile); check that it is the right one, not expired, and from an authority that the relay trusts"
        }
        ?? "the relay wants a client certificate; set clientCertificate and clientKey"
    case CURLE_SSL_CONNECT_ERROR:
      stage = .tls
      let isCut = ["SYSCALL", "reset", "unexpected eof", "timed out"].contains {
        attempt.problem.contains($0)
      }
      incident = isCut ? .connectionLost : .handshakeFailed
      let isPlaintext = settings.security == .implicit && attempt.problem.contains("wrong version number")
      advice =
        isCut
        ? "the connection was lost in the TLS handshake; check the relay's log, and implicit or STARTTLS as set"
        : isPlaintext
          ? "the port speaks plaintext first, and security is implicit; set security: \"starttls\" with smtp://, or use the port for implicit TLS (often 465)"
          : "the TLS handshake failed; check that the relay speaks TLS 1.2 or later, implicit or STARTTLS as set, and whether it wants a client certificate"
    case CURLE_LOGIN_DENIED:
      stage = .authentication
      guard let credentials = settings.credentials else { break }
      if reply == nil {
        guard transcript.features.mechanisms.contains(where: credentials.mechanisms.contains) else {
          return authenticationNotOffered(settings, credentials, transcript.features)
        }
        // A further challenge, at which libcurl gives up.
        incident = .authenticationRefused
      }
      advice =
        switch reply?.code {
        case .some(400...499): "the relay cannot check logins now; it is tried again after a pause"
        case 530, 538: "the relay wants TLS before AUTH; set security to starttls or implicit"
        case _ where Self.passwordsAreOff(reply):
          "the relay takes no passwords any more (Microsoft switches them off for SMTP by default); set oauth, see the README, or let an administrator allow SMTP AUTH for this mailbox"
        default:
          "the relay refused username or password; check username, \(credentials.secret.path) and mechanism"
        }
    case CURLE_BAD_FUNCTION_ARGUMENT, CURLE_UNKNOWN_OPTION, CURLE_UNSUPPORTED_PROTOCOL, CURLE_NOT_BUILT_IN,
      CURLE_URL_MALFORMAT:
      (stage, incident) = (.authentication, .authenticationMissing)
      advice = "this libcurl cannot do what is set (mechanism, url or TLS); it needs SMTP and OpenSSL"
    case CURLE_WEIRD_SERVER_REPLY where transcript.stage == .tls:
      (stage, incident) = (.tls, .handshakeFailed)
      advice = "something was sent between STARTTLS and TLS; somebody in between injects replies"
    case _ where transcript.stage == .tls && settings.clientCertificate == nil:
      // The alert that says why may have been lost with the connection.
      advice =
        "the relay ended the connection right after the TLS handshake; where it wants a client certificate, set clientCertificate and clientKey"
    default: break
    }
    if reply?.code == 421 {
      advice =
        "the relay does not take connections now; where that stays so, use fewer connections (the key lanes) or ask those who run it"
    }
    let said = reply.map { ": \($0)" } ?? ""
    let problem = attempt.problem.isEmpty ? "" : " (\(redaction.redact(attempt.problem)))"
    return RelayTrouble(
      stage: stage, incident: incident, reply: reply,
      message: "\(settings.name): \(advice)\(said)\(problem)")
  }

  static func lookingUp(_ settings: RelaySettings, _ failure: AddressLookup.Failure) -> RelayTrouble {
    switch failure {
    case .cancelled: cancelled(settings)
    case .timedOut:
      RelayTrouble(
        stage: .connect, incident: .timedOut, reply: nil,
        message:
          "\(settings.name): the host name was not found within \(settings.timing.connect.inWords) (connectTimeout); check this machine's DNS"
      )
    case .notFound(let words):
      RelayTrouble(
        stage: .connect, incident: .nameNotFound, reply: nil,
        message:
          "\(settings.name): the host name was not found; check the relay's url and this machine's DNS (\(words))"
      )
    }
  }

  static func cancelled(_ settings: RelaySettings) -> RelayTrouble {
    RelayTrouble(
      stage: .connect, incident: .connectionLost, reply: nil,
      message: "\(settings.name): stopped while it was being connected")
  }

  /// - Parameter count: how many addresses the name has.
  static func reaching(
    _ settings: RelaySettings, _ failure: AddressRace.Failure, among count: Int
  ) -> RelayTrouble {
    if failure.spokeTLS { return wantsImplicitTLS(settings) }
    let reply = failure.greeting.map { ReplyRedaction().reply($0) }
    var incident = failure.incident
    let about = failure.greeting.flatMap { mendable($0) }
    if let reply, let about { incident = .reply(code: reply.code, enhanced: reply.enhanced, about: about) }
    let place = count > 1 ? " at \(failure.address), and its other addresses did no better" : ""
    let advice =
      switch failure.incident {
      case .refused: "nothing accepts connections there\(place); check host and port, the relay and firewalls"
      case .timedOut where failure.wasSilent:
        "no greeting within \(settings.timing.reply.inWords) (replyTimeout)\(place); check the relay and that the port is one for SMTP"
      case .timedOut:
        "no connection within \(settings.timing.connect.inWords) (connectTimeout)\(place); check host and port, the relay and firewalls"
      case .reply(421, _, _):
        "the relay does not take connections now\(place); where that stays so, use fewer connections (the key lanes) or ask those who run it"
      case .reply where about?.advice != nil: "\(about?.advice ?? "")\(place)"
      case .reply:
        "the relay refuses this machine\(place); ask those who run it whether this address may send through it"
      case .malformedReply: "what answers there speaks no SMTP\(place); check that the port is one for SMTP"
      default:
        "the relay ended the connection before it greeted\(place); check that the port is one for SMTP, and the relay's log"
      }
    return RelayTrouble(
      stage: .connect, incident: incident, reply: reply,
      message: "\(settings.name): \(advice)\(reply.map { ": \($0)" } ?? "")")
  }

  /// What a greeting or EHLO is refused for, where that is something of ours that can be mended.
  private static func mendable(_ reply: ReplyParser) -> RefusalSubject? {
    guard reply.code >= 500 else { return nil }
    let subject = RefusalSubject(
      stage: .connect, code: reply.code, enhanced: reply.enhanced, text: reply.text)
    return subject == .hello || subject == .account || subject == .relaying ? subject : nil
  }

  /// The other half of a mismatch whose first one is a port that speaks plaintext first.
  static func wantsImplicitTLS(_ settings: RelaySettings) -> RelayTrouble {
    RelayTrouble(
      stage: .tls, incident: .handshakeFailed, reply: nil,
      message:
        "\(settings.name): the port wants TLS from the first byte, and security is \(settings.security.rawValue); set security: \"implicit\" with smtps://, or use the port for STARTTLS (often 587)"
    )
  }

  /// As Microsoft says it: 5.7.30 for all, 5.7.139 where SMTP AUTH is off for a tenant or mailbox.
  private static func passwordsAreOff(_ reply: Reply?) -> Bool {
    guard let enhanced = reply?.enhanced else { return false }
    return enhanced == EnhancedStatus(5, 7, 30) || enhanced == EnhancedStatus(5, 7, 139)
  }

  static func withoutLibcurl(_ settings: RelaySettings, _ fault: LibcurlFault) -> RelayTrouble {
    RelayTrouble(
      stage: .connect, incident: .libraryMissing, reply: nil, message: "\(settings.name): \(fault)")
  }

  static func unsupportedMechanism(
    _ settings: RelaySettings, _ credentials: RelaySettings.Credentials
  ) -> RelayTrouble {
    RelayTrouble(
      stage: .authentication, incident: .authenticationMissing, reply: nil,
      message:
        "\(settings.name): this machine's libcurl cannot do \(credentials.mechanism ?? "SCRAM"): it was built without GSASL; nothing was sent. Set mechanism to PLAIN, LOGIN or CRAM-MD5, with TLS around it"
    )
  }

  static func authenticationNotOffered(
    _ settings: RelaySettings, _ credentials: RelaySettings.Credentials, _ features: RelayFeatures
  ) -> RelayTrouble {
    let offer =
      features.mechanisms.isEmpty
      ? "does not offer AUTH" : "offers AUTH \(features.mechanisms.joined(separator: " "))"
    return RelayTrouble(
      stage: .authentication, incident: .authenticationMissing, reply: nil,
      message:
        "\(settings.name): the relay \(offer), not \(credentials.mechanisms.joined(separator: " or ")); nothing was sent without it. Set mechanism to one it offers, or use TLS where it offers AUTH only there"
    )
  }
}

extension Duration {
  /// As operators write it: `30s`, `250ms`, `10m`.
  var inWords: String {
    let milliseconds = wholeMilliseconds
    if milliseconds % 1000 != 0 { return "\(milliseconds)ms" }
    let seconds = milliseconds / 1000
    return seconds > 0 && seconds % 60 == 0 ? "\(seconds / 60)m" : "\(seconds)s"
  }
}
