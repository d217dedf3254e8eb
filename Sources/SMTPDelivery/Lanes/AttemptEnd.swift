/// How the attempt of one mail ended, before it is judged.
struct AttemptEnd {
  var stage: DeliveryStage
  var incident: Incident
  var reply: Reply?
  /// Another mail may follow on this connection.
  var isConnectionUsable: Bool
  /// The relay ended the connection, or said that it does.
  var hasRelayLeft: Bool
  var wasCancelled = false
  /// The deadline passed while the envelope was under way: no byte of the message went out.
  var wasLate = false

  init(_ stage: DeliveryStage, _ failure: RelayConnection.Failure) {
    self.stage = stage
    wasCancelled = failure == .cancelled
    isConnectionUsable = false
    hasRelayLeft = failure == .connectionLost
    incident =
      switch failure {
      case .connectionLost, .cancelled: .connectionLost
      case .timedOut: .timedOut
      case .malformedReply: .malformedReply
      }
  }

  /// The envelope went out as a group, behind another mail's message or by itself.
  var group: Group?

  enum Group { case behindMessage, alone }

  /// - Parameters:
  ///   - said: what the relay answered at that stage, whole.
  ///   - reply: what of that may be kept.
  init(_ stage: DeliveryStage, _ said: ReplyParser, _ reply: Reply, isConnectionUsable: Bool) {
    self.stage = stage
    self.reply = reply
    incident = .reply(
      code: reply.code, enhanced: reply.enhanced,
      about: reply.code < 400
        ? .unclear
        : RefusalSubject(stage: stage, code: reply.code, enhanced: reply.enhanced, text: said.text))
    hasRelayLeft = reply.code == 421 || Self.isAboutConnection(incident)
    self.isConnectionUsable = isConnectionUsable && !hasRelayLeft
  }

  /// X.4.2 is about this connection (RFC 3463 3.5), and servers say it as they end one.
  var isAboutConnection: Bool { Self.isAboutConnection(incident) }

  private static func isAboutConnection(_ incident: Incident) -> Bool {
    if case .reply(400..., .some(let status), _) = incident {
      status.subject == 4 && status.detail == 2
    } else {
      false
    }
  }

  /// The relay says that it is this connection which has carried enough.
  var namesConnection: Bool {
    guard case .reply(_, let enhanced, .load) = incident, !isAboutConnection else { return false }
    if enhanced?.subject == 4, enhanced?.detail == 5 { return true }
    let words = reply?.text.lowercased() ?? ""
    return enhanced?.subject != 3
      && ["message", "session", "connection", "mails"].contains { words.contains($0) }
  }

  /// The relay says in so many words, or by its usual code, that this sender and recipient are new to it: that is so on
  /// any connection.
  var saysGreylisted: Bool {
    guard let reply, reply.code / 100 == 4 else { return false }
    return reply.code == 451 && reply.enhanced == EnhancedStatus(4, 7, 1)
      || RefusalWords(reply.text.utf8).evidence.contains(.greylisting)
  }

  /// The relay waits for a message that must not be sent any more. Only the end of the connection takes the envelope
  /// back; whatever else is said now is part of a message.
  static var late: AttemptEnd {
    var end = AttemptEnd(.body, .cancelled)
    (end.wasCancelled, end.wasLate) = (false, true)
    return end
  }
}
