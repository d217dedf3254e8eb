import CodeRequests
import Foundation
import LinuxSystem
import TestSupport
import Testing

@testable import SMTPDelivery

/// One row of the table at one of its stages, and one incident that it decides.
struct TableStep: Sendable, CustomTestStringConvertible {
  let row: VerdictRow
  let number: Int
  let stage: DeliveryStage
  let incident: Incident
  let hasPipelining: Bool
  /// A mail goes before it on the same connection.
  var hasFirst: Bool { row.onlyReused || row.onlyAfterMail }
  var testDescription: String {
    "row \(number), \(stage), \(incident)\(hasPipelining ? "" : ", step by step")"
  }

  /// Every row at every stage of a mail; how a connection fails is the business of `ConnectionTests`.
  static let all: [TableStep] = VerdictTable.rows.indices.flatMap { number -> [TableStep] in
    let row = VerdictTable.rows[number]
    return row.stages.filter { ![.connect, .tls, .authentication].contains($0) }.flatMap { stage in
      incidents(row.sign, stage).filter { incident in
        // Rows before it decide the rest.
        VerdictTable.rows.firstIndex {
          $0.stages.contains(stage) && (row.onlyReused || !$0.onlyReused)
            && (row.onlyAfterMail || !$0.onlyAfterMail) && (row.onlyBesideAnother || !$0.onlyBesideAnother)
            && $0.sign.matches(incident)
        } == number
      }.flatMap { incident in
        // Silence within a group says something of groups first: `PipeliningTests`.
        let isGroups = incident == .timedOut && [.recipient, .data].contains(stage)
        return (isGroups ? [false] : [true, false]).map {
          TableStep(row: row, number: number, stage: stage, incident: incident, hasPipelining: $0)
        }
      }
    }
  }

  /// What a relay can do that fits a sign.
  private static func incidents(_ sign: VerdictRow.Sign, _ stage: DeliveryStage) -> [Incident] {
    /// As the reply that is said will be read.
    func reply(_ code: Int, _ enhanced: EnhancedStatus? = nil, _ about: RefusalSubject = .unclear) -> Incident
    {
      guard code >= 400 else { return .reply(code: code, enhanced: enhanced) }
      let read = RefusalSubject(
        stage: stage, code: code, enhanced: enhanced, text: text(enhanced, about).utf8)
      return .reply(code: code, enhanced: enhanced, about: read)
    }
    return switch sign {
    case .code(let code): [reply(code)]
    case .codes(let codes): [reply(codes.lowerBound + 51)]
    case .enhanced(let first, let second, let third):
      [reply(first * 100 + 50, EnhancedStatus(first, second, third ?? 9))]
    case .about(let subjects, let codes): subjects.map { reply(codes.lowerBound + 50, nil, $0) }
    case .incidents(let incidents): incidents
    case .anything:
      stage == .body
        ? [.malformedReply]
        : stage == .final
          ? [.malformedReply, .connectionLost, .timedOut, .reply(code: 354, enhanced: nil)]
          : [.malformedReply, .reply(code: stage == .data ? 250 : 354, enhanced: nil)]
    }
  }

  /// What a relay says that means this.
  private static func text(_ enhanced: EnhancedStatus?, _ about: RefusalSubject) -> String {
    let words =
      switch about {
      case .recipient: "no such user here"
      case .message: "message too large"
      case .load: "too many messages on this connection"
      case .greylisting: "greylisted, come back soon"
      case .sender: "sender address rejected: not owned by user"
      case .account: "authentication required"
      case .hello: "HELO rejected: need fully-qualified hostname"
      case .relaying: "relay access denied"
      case .reputation: "your address is on a block list"
      case .sequence: "bad sequence of commands"
      case .unclear: "by the table"
      }
    return (enhanced.map { "\($0) " } ?? "") + words
  }

  var reply: String? {
    guard case .reply(let code, let enhanced, let about) = incident else { return nil }
    return "\(code) \(Self.text(enhanced, enhanced == nil ? about : .unclear))"
  }

  /// What the relay does where the incident belongs.
  var action: [ScriptedRelayStep] {
    switch incident {
    case .connectionLost: [.reset]
    case .timedOut: [.beSilent]
    case .malformedReply: [.say("HTTP/1.1 400 Bad Request")]
    default: [.say(reply!)]
    }
  }
}

/// The table of verdicts, walked row by row over real sockets: what the mail comes to, what exactly was sent, and
/// that the two mails behind it are judged by their own replies.
@Suite(.waits) struct TableWalkTests {
  private static let text = "Subject: code\r\n\r\nHello.\r\n"
  private static let large = String(repeating: "0123456789abcdef\r\n", count: 500_000)
  private static let hello = "EHLO mail.fabrikam.example\r\n"
  private static let commands = [
    "MAIL FROM:<no-reply@fabrikam.example>\r\n", "RCPT TO:<anna@example.org>\r\n", "DATA\r\n",
  ]
  private static let answers = ["250 2.1.0 Ok", "250 2.1.5 Ok", "354 go"]

  /// How far a mail is along in its envelope; 3 where that was taken.
  private func place(_ stage: DeliveryStage) -> Int {
    switch stage {
    case .mail: 0
    case .recipient: 1
    case .data: 2
    default: 3
    }
  }

  private func script(_ step: TableStep) -> [ScriptedRelayStep] {
    let place = place(step.stage)
    var steps: [ScriptedRelayStep] = []
    if step.hasPipelining {
      steps += [.expect("MAIL"), .expect("RCPT"), .expect("DATA")]
      steps += (0..<place).map { .say(Self.answers[$0]) }
      if place < 3 {
        steps += step.action
        // The commands behind a rejected one fail too.
        if step.reply?.hasPrefix("421") == false { steps += (place..<2).map { _ in .say("503 5.5.1 no") } }
      }
    } else {
      for index in 0..<min(place + 1, 3) {
        steps.append(.expect(String(Self.commands[index].prefix(4))))
        if index < place { steps.append(.say(Self.answers[index])) }
      }
      if place < 3 { steps += step.action }
    }
    if step.stage == .body {
      // Early words come with the 354, so that they are there before the message.
      if step.incident == .malformedReply {
        steps.removeLast()
        steps.append(.say("354 go\r\n250 2.0.0 taken already"))
      } else {
        steps += [.readBytes(100_000)] + step.action
      }
    }
    if step.stage == .final { steps += [.expectMessage] + step.action }
    switch step.incident {
    case .reply(421, _, _): steps.append(.close)
    case .reply where step.stage != .final:
      steps += [.expect("RSET"), .say("250 2.0.0 Ok"), .serve]
    case .reply: steps.append(.serve)
    default: break
    }
    return steps
  }

  /// The bytes of the first connection up to the end of the incident.
  private func sent(_ step: TableStep) -> String {
    let place = place(step.stage)
    var text = Self.hello
    text += (step.hasPipelining ? Self.commands[...] : Self.commands[...min(place, 2)]).joined()
    if step.stage == .final { text += Self.text + ".\r\n" }
    if step.stage == .body, step.incident != .malformedReply { text += Self.large }
    if case .reply(let code, _, _) = step.incident, code != 421, step.stage != .final { text += "RSET\r\n" }
    return text
  }

  @Test(arguments: TableStep.all)
  func `each row decides on the wire as it says, and what follows is judged for itself`(_ step: TableStep)
    throws
  {
    let features = step.hasPipelining ? ["PIPELINING"] : []
    let first: [ScriptedRelayStep] =
      step.hasFirst ? ScriptedRelayStep.envelope(step.hasPipelining) : []
    let relay = try ScriptedRelay(
      [ScriptedRelayStep.greet(features) + first + script(step)],
      afterwards: ScriptedRelayStep.greet(features) + [.serve])
    let other = try ScriptedRelay([])
    defer {
      relay.stop()
      other.stop()
    }
    let stalling = relay
    func settings(_ relay: ScriptedRelay) throws -> RelaySettings {
      try RelaySettings(
        url: relay.url, security: .plaintext, lanes: 1, heloName: "mail.fabrikam.example",
        timing: testTiming {
          $0.holdPause = .seconds(300)
          if step.row.onlyBesideAnother {
            // The whole time for a reply would be longer than this test waits. The other relay has that time.
            if relay === stalling { $0.patience = .seconds(1) }
            ($0.firstPause, $0.longestPause) = (.seconds(60), .seconds(60))
          } else if step.incident == .timedOut {
            $0.reply = .seconds(1)
          }
        })
    }
    let rig =
      step.row.onlyBesideAnother
      ? try DeliveryRig(settings(relay), settings(other)) : try DeliveryRig(settings(relay))
    if step.hasFirst { #expect(try rig.deliver(TestMail(to: "before@example.org")).verdict == .sent) }
    let isLarge = step.stage == .body && step.incident != .malformedReply
    rig.mails.push(try TestMail(text: isLarge ? Self.large : Self.text))

    let count = step.hasFirst ? 2 : 1
    switch step.row.judgement {
    case .refused where step.row.meaning == .accountRefused:
      let trouble = try rig.waitForEvent(\.held)
      #expect(trouble.stage == step.stage && trouble.incident == step.incident)
      #expect(try rig.reports(count)[count - 1].verdict == .sent)
    case .sent, .deferred, .failed, .ambiguous, .refused, .unclear:
      let report = try rig.reports(count)[count - 1]
      #expect(report.verdict == verdict(step.row.judgement))
      #expect(report.meaning == step.row.meaning)
      #expect(report.reply.map { "\($0)" } == step.reply)
    case .relayDown, .configurationHold, .relayBackOff:
      let trouble = try rig.waitForEvent { step.row.judgement == .relayDown ? $0.down : $0.held }
      #expect(trouble.stage == step.stage && trouble.incident == step.incident)
      if !step.row.onlyBesideAnother {
        #expect(rig.outcomes.isEmpty)
        rig.dispatcher.board.retryNow(0)
      }
      let report = try rig.reports(count)[count - 1]
      #expect(report.verdict == .sent)
      #expect(report.relay == "127.0.0.1:\(step.row.onlyBesideAnother ? other.port : relay.port)")
    case .reconnect, .spent, .outOfStep:
      let report = try rig.reports(count)[count - 1]
      #expect(report.verdict == .sent)
      #expect(report.reply?.text == "Ok: queued as SERVED")
      #expect(!rig.events.contains { $0.down != nil || $0.held != nil || $0.backingOff != nil })
    }

    let refused = try rig.deliver(TestMail(to: "refused@example.org"))
    #expect(refused.verdict == .failed)
    #expect(refused.reply == Reply(code: 550, enhanced: .init(5, 1, 1), text: "nobody"))
    let following = try rig.deliver(TestMail(to: "bo@example.org"))
    #expect(following.reply == Reply(code: 250, enhanced: .init(2, 0, 0), text: "Ok: queued as SERVED"))
    rig.dispatcher.finish(grace: patience)

    #expect(relay.failure == nil)
    let all = relay.sessions[0].receivedText
    let before = step.hasFirst ? firstMail : ""
    let expected = Self.hello + before + sent(step).dropFirst(Self.hello.count)
    if isLarge {
      #expect(expected.utf8.starts(with: relay.sessions[0].received))
    } else {
      #expect(all.hasPrefix(expected), "\(all)")
      let rest = String(all.dropFirst(expected.count))
      let next = "MAIL FROM:<no-reply@fabrikam.example>\r\nRCPT TO:<refused"
      switch step.row.judgement {
      case .sent, .deferred, .failed:
        // The connection is used on where the relay answered and stayed.
        let staysOpen = step.reply != nil && step.reply?.hasPrefix("421") == false
        #expect(staysOpen ? rest.hasPrefix(next) : rest.isEmpty, "\(rest)")
      case .spent where step.reply == nil: #expect(rest.isEmpty, "\(rest)")
      case .configurationHold, .refused, .spent: #expect(rest == "QUIT\r\n")
      case .unclear: #expect(rest.hasPrefix(next), "\(rest)")
      default: #expect(rest.isEmpty, "\(rest)")
      }
    }
    // The mail itself went out once for each time that it could have been taken.
    let copies = (relay.sessions + other.sessions).map {
      $0.receivedText.components(separatedBy: "\(Self.text).\r\n").count - 1
    }.reduce(0, +)
    let isHandedOver = step.stage == .final
    let isSentAgain =
      [.relayDown, .configurationHold, .relayBackOff, .reconnect, .spent, .outOfStep].contains(
        step.row.judgement) || step.row.judgement == .refused && step.row.meaning == .accountRefused
    #expect(copies == (isHandedOver ? 1 : 0) + (isSentAgain ? 1 : 0) + 1 + (step.hasFirst ? 1 : 0))
  }

  private var firstMail: String {
    Self.commands.joined().replacing("anna@", with: "before@") + Self.text + ".\r\n"
  }

  private func verdict(_ judgement: Judgement) -> Verdict {
    switch judgement {
    case .sent: .sent
    case .failed, .unclear: .failed
    case .ambiguous: .ambiguous
    default: .deferred
    }
  }
}

extension ScriptedRelayStep {
  /// A whole mail that is taken.
  fileprivate static func envelope(_ hasPipelining: Bool) -> [ScriptedRelayStep] {
    let steps: [ScriptedRelayStep] =
      hasPipelining
      ? envelope()
      : [
        .expect("MAIL"), .say("250 Ok"), .expect("RCPT"), .say("250 Ok"), .expect("DATA"), .say("354 go"),
      ]
    return steps + [.expectMessage, .say("250 2.0.0 taken")]
  }
}
