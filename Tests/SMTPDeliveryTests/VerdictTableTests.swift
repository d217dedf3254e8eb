import Testing

@testable import SMTPDelivery

/// The table of verdicts as written down, against the table in code.
@Suite struct VerdictTableTests {
  /// Incidents that a sign is about.
  private func examples(_ sign: VerdictRow.Sign) -> [Incident] {
    switch sign {
    case .code(let code): [.reply(code: code, enhanced: nil)]
    case .codes(let codes):
      [.reply(code: codes.lowerBound, enhanced: nil), .reply(code: codes.upperBound, enhanced: nil)]
    case .enhanced(let first, let second, let third):
      [.reply(code: first * 100 + 50, enhanced: EnhancedStatus(first, second, third ?? 9))]
    case .about(let subjects, let codes):
      subjects.map { .reply(code: codes.lowerBound + 50, enhanced: nil, about: $0) }
    case .incidents(let incidents): incidents
    case .anything:
      [
        .reply(code: 599, enhanced: nil), .reply(code: 354, enhanced: nil), .reply(code: 250, enhanced: nil),
        .malformedReply, .refused, .certificate,
      ]
    }
  }

  @Test(arguments: VerdictTable.rows.indices)
  func `each row decides something that no row before it does`(_ index: Int) {
    let row = VerdictTable.rows[index]
    for stage in row.stages {
      let deciding = examples(row.sign).filter { incident in
        VerdictTable.rows.firstIndex {
          $0.stages.contains(stage) && (row.onlyReused || !$0.onlyReused)
            && (row.onlyAfterMail || !$0.onlyAfterMail)
            && (row.onlyBesideAnother || !$0.onlyBesideAnother) && $0.sign.matches(incident)
        } == index
      }
      #expect(!deciding.isEmpty, "\(row) never decides at \(stage)")
    }
  }

  @Test func `every stage has a row for everything`() {
    let anything: [Incident] =
      [
        .connectionLost, .timedOut, .malformedReply, .nameNotFound, .refused, .certificate, .handshakeFailed,
        .startTLSMissing, .authenticationMissing, .authenticationRefused, .secretUnreadable,
        .tokenUnavailable, .libraryMissing,
      ] + (200...599).map { .reply(code: $0, enhanced: nil) }
    for stage in DeliveryStage.allCases {
      for incident in anything {
        let judgement = VerdictTable.row(stage: stage, incident: incident, isReused: false).judgement
        // Nothing but 2xx after the final dot is ever "sent".
        if judgement == .sent {
          guard case .reply(200...299, _, _) = incident, stage == .final else {
            Issue.record("\(stage) \(incident) is sent")
            continue
          }
        }
        // Silence after the dot is never "deferred", before it never "ambiguous".
        if judgement == .ambiguous { #expect(stage == .final) }
      }
    }
  }

  static let policy:
    [(stage: DeliveryStage, incident: Incident, judgement: Judgement, meaning: ReplyMeaning?)] = [
      (.connect, .refused, .relayDown, nil),
      (.connect, .timedOut, .relayDown, nil),
      (.connect, .nameNotFound, .relayDown, nil),
      (.connect, .reply(code: 421, enhanced: nil), .relayDown, nil),
      (.connect, .reply(code: 554, enhanced: nil), .relayDown, nil),
      (.tls, .certificate, .configurationHold, nil),
      (.tls, .startTLSMissing, .configurationHold, nil),
      (.tls, .reply(code: 454, enhanced: nil), .relayBackOff, nil),
      (.tls, .connectionLost, .relayDown, nil),
      (.authentication, .authenticationMissing, .configurationHold, nil),
      (.authentication, .authenticationRefused, .configurationHold, nil),
      (.authentication, .secretUnreadable, .configurationHold, nil),
      (.authentication, .tokenUnavailable, .relayBackOff, nil),
      (.authentication, .reply(code: 530, enhanced: nil), .configurationHold, nil),
      (.authentication, .reply(code: 535, enhanced: nil), .configurationHold, nil),
      (.authentication, .reply(code: 538, enhanced: nil), .configurationHold, nil),
      (.authentication, .reply(code: 454, enhanced: nil), .relayBackOff, nil),
      (.authentication, .reply(code: 432, enhanced: nil), .relayBackOff, nil),
      (.mail, .reply(code: 452, enhanced: nil), .deferred, nil),
      (.recipient, .reply(code: 450, enhanced: .init(4, 2, 0)), .deferred, .greylisted),
      (.recipient, .reply(code: 451, enhanced: .init(4, 7, 1)), .deferred, .greylisted),
      (.recipient, .reply(code: 451, enhanced: .init(4, 7, 0)), .deferred, .throttled),
      (.recipient, .reply(code: 421, enhanced: .init(4, 7, 1)), .deferred, .throttled),
      (.recipient, .reply(code: 550, enhanced: .init(5, 1, 1)), .failed, .addressRejected),
      (.recipient, .reply(code: 550, enhanced: .init(5, 2, 1)), .failed, .addressRejected),
      (.recipient, .reply(code: 550, enhanced: nil, about: .recipient), .failed, nil),
      (.recipient, .reply(code: 550, enhanced: .init(5, 1, 0), about: .sender), .refused, .policyRejected),
      (
        .recipient, .reply(code: 550, enhanced: .init(5, 1, 1), about: .reputation), .refused, .policyRejected
      ),
      (.recipient, .reply(code: 554, enhanced: nil, about: .relaying), .refused, .policyRejected),
      (.recipient, .reply(code: 504, enhanced: nil, about: .hello), .refused, .accountRefused),
      (.recipient, .reply(code: 503, enhanced: nil, about: .account), .refused, .accountRefused),
      (.recipient, .reply(code: 554, enhanced: nil, about: .load), .refused, .throttled),
      (.recipient, .reply(code: 452, enhanced: nil, about: .load), .deferred, .throttled),
      (.recipient, .reply(code: 451, enhanced: nil, about: .greylisting), .deferred, .greylisted),
      (.mail, .reply(code: 550, enhanced: .init(5, 7, 26)), .refused, .policyRejected),
      (.mail, .reply(code: 550, enhanced: .init(5, 4, 5), about: .account), .refused, .accountRefused),
      (.mail, .reply(code: 552, enhanced: .init(5, 3, 4), about: .message), .failed, nil),
      (.final, .reply(code: 552, enhanced: .init(5, 3, 4), about: .message), .failed, nil),
      (.data, .reply(code: 503, enhanced: nil), .outOfStep, nil),
      (.data, .reply(code: 250, enhanced: nil), .outOfStep, nil),
      (.data, .reply(code: 554, enhanced: .init(5, 5, 1), about: .sequence), .outOfStep, nil),
      (.mail, .reply(code: 502, enhanced: nil, about: .sequence), .outOfStep, nil),
      (.final, .reply(code: 500, enhanced: .init(5, 5, 1), about: .sequence), .outOfStep, nil),
      (.mail, .malformedReply, .outOfStep, nil),
      (.data, .connectionLost, .deferred, nil),
      (.body, .connectionLost, .deferred, nil),
      (.body, .timedOut, .deferred, nil),
      (.body, .malformedReply, .outOfStep, nil),
      (.final, .reply(code: 250, enhanced: nil), .sent, nil),
      (.final, .reply(code: 451, enhanced: nil), .deferred, nil),
      (.final, .reply(code: 503, enhanced: nil), .unclear, nil),
      (.final, .reply(code: 554, enhanced: .init(5, 7, 1), about: .reputation), .refused, .policyRejected),
      (.final, .connectionLost, .ambiguous, nil),
      (.final, .timedOut, .ambiguous, nil),
      (.final, .malformedReply, .ambiguous, nil),
    ]

  @Test(arguments: policy)
  func `judges as the policy says`(
    _ example: (stage: DeliveryStage, incident: Incident, judgement: Judgement, meaning: ReplyMeaning?)
  ) {
    let (stage, incident, judgement, meaning) = example
    let row = VerdictTable.row(stage: stage, incident: incident, isReused: false)
    #expect(row.judgement == judgement)
    #expect(row.meaning == meaning)
  }

  @Test func `a farewell counts only on a connection that was used`() {
    for incident in [Incident.connectionLost, .reply(code: 421, enhanced: nil)] {
      #expect(VerdictTable.row(stage: .mail, incident: incident, isReused: true).judgement == .reconnect)
      #expect(VerdictTable.row(stage: .mail, incident: incident, isReused: false).judgement == .deferred)
      #expect(VerdictTable.row(stage: .data, incident: incident, isReused: true).judgement == .deferred)
    }
  }

  @Test func `a mail that a used connection puts off is tried on a new one`() {
    func judgement(_ code: Int, _ about: RefusalSubject, _ stage: DeliveryStage, isAfterMail: Bool)
      -> Judgement
    {
      VerdictTable.row(
        stage: stage, incident: .reply(code: code, enhanced: nil, about: about), isReused: true,
        isAfterMail: isAfterMail
      ).judgement
    }
    for stage in [DeliveryStage.mail, .recipient, .data] {
      #expect(judgement(452, .unclear, stage, isAfterMail: true) == .spent)
      #expect(judgement(452, .unclear, stage, isAfterMail: false) == .deferred)
      #expect(judgement(421, .load, stage, isAfterMail: true) == .spent)
      #expect(judgement(554, .load, stage, isAfterMail: true) == .spent)
      // Whatever it says: servers have used each of these for it.
      for subject in RefusalSubject.allCases {
        #expect(judgement(450, subject, stage, isAfterMail: true) == .spent)
        #expect(judgement(450, subject, stage, isAfterMail: false) == .deferred)
      }
    }
    for code in [421, 452, 554] {
      #expect(judgement(code, .load, .final, isAfterMail: true) == .spent)
      #expect(judgement(code, .load, .final, isAfterMail: false) != .spent)
    }
    #expect(judgement(451, .greylisting, .final, isAfterMail: true) == .deferred)
    for stage in [DeliveryStage.recipient, .data] {
      for isAfterMail in [true, false] {
        let row = VerdictTable.row(
          stage: stage, incident: .connectionLost, isReused: true, isAfterMail: isAfterMail)
        #expect(row.judgement == (isAfterMail ? .spent : .deferred))
      }
    }
  }

  @Test func `silence at the envelope moves a mail only where another relay takes it`() {
    for stage in [DeliveryStage.mail, .recipient, .data] {
      let row = VerdictTable.row(stage: stage, incident: .timedOut, isReused: true, isBesideAnother: true)
      #expect(row.judgement == .relayDown)
      #expect(VerdictTable.row(stage: stage, incident: .timedOut, isReused: true).judgement == .deferred)
    }
    for stage in [DeliveryStage.body, .final] {
      let row = VerdictTable.row(stage: stage, incident: .timedOut, isReused: true, isBesideAnother: true)
      #expect(row.judgement == (stage == .body ? .deferred : .ambiguous))
    }
  }
}
