/// How far a mail, or the connection for it, had come. What our own code had done decides, never libcurl's last
/// response code, which can be stale.
package enum DeliveryStage: String, Hashable, Sendable, CaseIterable {
  /// Name look-up, TCP, greeting, EHLO.
  case connect
  case tls
  case authentication
  /// MAIL was sent and not answered with 2xx.
  case mail
  case recipient
  case data
  /// 354 has come; the final dot was not handed over whole.
  case body
  /// The final dot was handed over.
  case final
}

/// What happened at a stage.
package enum Incident: Hashable, Sendable {
  case reply(code: Int, enhanced: EnhancedStatus?, about: RefusalSubject = .unclear)
  case connectionLost
  case timedOut
  /// No reply line, or one that is out of step.
  case malformedReply
  case nameNotFound
  case refused
  case certificate
  case handshakeFailed
  case startTLSMissing
  case authenticationMissing
  /// Without a reply that says so.
  case authenticationRefused
  /// The password or token file cannot be used.
  case secretUnreadable
  /// The token endpoint does not answer, or asks for patience.
  case tokenUnavailable
  /// libcurl cannot be loaded. A dispatcher is not made without it: only a probe sees this.
  case libraryMissing

  /// What a reply is about.
  var subject: RefusalSubject? { if case .reply(_, _, let subject) = self { subject } else { nil } }
}

/// What is to be done.
package enum Judgement: Hashable, Sendable {
  /// The mail is reported. What is deferred goes to the next relay before that.
  case sent, deferred, failed, ambiguous
  /// Refused for good for a reason of this relay's, our account's there, our sender's or our reputation: the next relay
  /// gets it. It has failed when every relay has refused it so; with one relay alone it is tried again.
  case refused
  /// Refused for good, and nothing tells why: the next relay gets it, and it has failed when none is left.
  case unclear
  /// The mail is untouched, no attempt is counted, and the relay pauses.
  case relayDown, configurationHold, relayBackOff
  /// The mail is untouched; close and take a new connection at once. Each is bounded for one mail.
  case reconnect, spent, outOfStep
}

/// One row of the table.
package struct VerdictRow: Sendable {
  /// What a row asks of the incident.
  package enum Sign: Sendable {
    case code(Int)
    case codes(ClosedRange<Int>)
    /// Class, subject, and detail where it matters.
    case enhanced(Int, Int, Int?)
    /// What the reply is about, and its codes.
    case about([RefusalSubject], ClosedRange<Int>)
    case incidents([Incident])
    case anything

    func matches(_ incident: Incident) -> Bool {
      switch (self, incident) {
      case (.code(let wanted), .reply(let code, _, _)): code == wanted
      case (.codes(let wanted), .reply(let code, _, _)): wanted.contains(code)
      case (.enhanced(let first, let second, let third), .reply(_, let status?, _)):
        status.class == first && status.subject == second && (third == nil || status.detail == third)
      case (.about(let subjects, let wanted), .reply(let code, _, let subject)):
        wanted.contains(code) && subjects.contains(subject)
      case (.incidents(let wanted), _): wanted.contains(incident)
      case (.anything, _): true
      default: false
      }
    }
  }

  package let stages: [DeliveryStage]
  package let sign: Sign
  package let judgement: Judgement
  package var meaning: ReplyMeaning?
  /// Only on a connection that had been used or idle before: the relay may have left before we spoke.
  package var onlyReused = false
  /// Only on a connection that has taken a mail before.
  package var onlyAfterMail = false
  /// Only where another relay takes mail meanwhile.
  package var onlyBesideAnother = false
}

/// The failure policy of delivery, whole. The first row that fits decides.
package enum VerdictTable {
  private static let answers: [DeliveryStage] = [.mail, .recipient, .data]
  private static let silence = VerdictRow.Sign.incidents([.connectionLost, .timedOut])
  private static let never = 500...599
  private static let later = 400...499

  package static let rows: [VerdictRow] = [
    // After the final dot.
    .init(stages: [.final], sign: .codes(200...299), judgement: .sent),

    // A greeting or EHLO refused for our name, for want of TLS or a login, or because relaying is not for us.
    .init(
      stages: [.connect], sign: .about([.hello, .account, .relaying], never), judgement: .configurationHold),
    // Nobody there: the next relay may take the mail.
    .init(stages: [.connect], sign: .anything, judgement: .relayDown),
    .init(stages: [.tls, .authentication], sign: silence, judgement: .relayDown),
    .init(stages: [.tls, .authentication], sign: .code(421), judgement: .relayDown),
    .init(stages: [.authentication], sign: .incidents([.tokenUnavailable]), judgement: .relayBackOff),
    // Come back later.
    .init(stages: [.tls, .authentication], sign: .codes(later), judgement: .relayBackOff),
    // Certificate, no STARTTLS, AUTH not offered, 530, 534, 535, 538, a password file that cannot be read.
    .init(stages: [.tls, .authentication], sign: .anything, judgement: .configurationHold),

    // The connection has carried as many mails as the relay takes on one.
    .init(
      stages: answers + [.final], sign: .about([.load], 400...599), judgement: .spent, onlyAfterMail: true),
    .init(stages: answers, sign: .codes(later), judgement: .spent, onlyAfterMail: true),
    .init(
      stages: [.recipient, .data], sign: .incidents([.connectionLost]), judgement: .spent, onlyAfterMail: true
    ),

    // The relay had left before we spoke: an idle 421 or FIN that crossed our MAIL.
    .init(stages: [.mail], sign: .code(421), judgement: .reconnect, onlyReused: true),
    .init(stages: [.mail], sign: .incidents([.connectionLost]), judgement: .reconnect, onlyReused: true),

    // Not about this mail.
    .init(
      stages: answers + [.final], sign: .about([.account], never), judgement: .refused,
      meaning: .accountRefused),
    // Out of step, under whatever code. A dot that was answered so has not been taken for one.
    .init(stages: answers, sign: .code(503), judgement: .outOfStep),
    .init(stages: answers + [.final], sign: .about([.sequence], never), judgement: .outOfStep),

    // 4xx: this mail, later.
    .init(
      stages: answers + [.final], sign: .about([.greylisting], later), judgement: .deferred,
      meaning: .greylisted),
    .init(stages: answers + [.final], sign: .code(421), judgement: .deferred, meaning: .throttled),
    // The relay's own trouble, not our pace.
    .init(stages: answers + [.final], sign: .enhanced(4, 3, nil), judgement: .deferred),
    .init(
      stages: answers + [.final], sign: .about([.load], later), judgement: .deferred, meaning: .throttled),
    .init(stages: answers + [.final], sign: .enhanced(4, 2, 0), judgement: .deferred, meaning: .greylisted),
    .init(stages: answers + [.final], sign: .enhanced(4, 7, 1), judgement: .deferred, meaning: .greylisted),
    .init(stages: answers + [.final], sign: .enhanced(4, 7, nil), judgement: .deferred, meaning: .throttled),
    .init(stages: answers + [.final], sign: .code(454), judgement: .deferred, meaning: .throttled),
    .init(stages: answers + [.final], sign: .codes(later), judgement: .deferred),

    // 5xx about us: this relay, never as things are.
    .init(
      stages: answers + [.final], sign: .about([.hello], never), judgement: .refused,
      meaning: .accountRefused),
    .init(
      stages: answers + [.final], sign: .about([.relaying, .sender, .reputation], never), judgement: .refused,
      meaning: .policyRejected),
    // For good, but about how much comes: the next one may have room.
    .init(
      stages: answers + [.final], sign: .about([.load], never), judgement: .refused, meaning: .throttled),

    // 5xx about the recipient or the message: this mail, never.
    .init(
      stages: answers + [.final], sign: .about([.message], never), judgement: .failed),
    .init(
      stages: answers + [.final], sign: .enhanced(5, 1, nil), judgement: .failed, meaning: .addressRejected),
    .init(
      stages: answers + [.final], sign: .enhanced(5, 2, 1), judgement: .failed, meaning: .addressRejected),
    .init(
      stages: answers + [.final], sign: .about([.recipient], never), judgement: .failed),
    // Whatever is said to MAIL was said before the recipient and the message were known.
    .init(
      stages: [.mail], sign: .codes(never), judgement: .refused, meaning: .policyRejected),
    .init(stages: [.recipient, .data, .final], sign: .codes(never), judgement: .unclear),

    // The envelope goes unanswered, and another relay can have the mail.
    .init(
      stages: answers, sign: .incidents([.timedOut]), judgement: .relayDown, onlyBesideAnother: true),

    // Silence before the final dot is certainly not sent; after it, it may have been.
    .init(stages: answers + [.body], sign: silence, judgement: .deferred),
    .init(stages: [.final], sign: .anything, judgement: .ambiguous),
    // A reply that cannot belong: 354 to MAIL, 250 to DATA, something before it was asked for.
    .init(stages: answers + [.body], sign: .anything, judgement: .outOfStep),
  ]

  /// The first row that fits.
  ///
  /// - Parameters:
  ///   - isReused: the connection had been used or idle before.
  ///   - isAfterMail: it has taken a mail before.
  ///   - isBesideAnother: another relay takes mail meanwhile.
  package static func row(
    stage: DeliveryStage, incident: Incident, isReused: Bool, isAfterMail: Bool = false,
    isBesideAnother: Bool = false
  ) -> VerdictRow {
    // The last rows take anything at every stage, which a test walks.
    rows.first {
      $0.stages.contains(stage) && (isReused || !$0.onlyReused) && (isAfterMail || !$0.onlyAfterMail)
        && (isBesideAnother || !$0.onlyBesideAnother) && $0.sign.matches(incident)
    }!
  }
}
