/// Why a relay cannot be used for now.
package struct RelayTrouble: Error, Hashable, Sendable, CustomStringConvertible {
  package let stage: DeliveryStage
  package let incident: Incident
  /// What it said, where it said something.
  package let reply: Reply?
  /// What was found, what was expected, and what to do.
  package let message: String

  package var description: String { message }
}

/// A change in how a relay is used. Mails are not touched by these: they wait, or another relay takes them.
package enum RelayEvent: Sendable {
  /// It does not answer. Tried again by itself after `pause`.
  case down(relay: String, RelayTrouble, pause: Duration)
  /// It needs somebody: certificate, password, settings, quota. Tried again after `pause`, or when told to.
  case held(relay: String, RelayTrouble, pause: Duration)
  /// It refused AUTH or TLS for the moment.
  case backingOff(relay: String, RelayTrouble, pause: Duration)
  /// It asked for less; from now on this many lanes, and at least `interval` between two mails. `reply`: in these words,
  /// where it had any.
  case throttled(relay: String, lanes: Int, interval: Duration, reply: Reply?)
  /// It refused this many mails within `window` for reputation or policy (5.7.x).
  case rejecting(relay: String, count: Int, window: Duration)
  /// It takes this many mails on a connection, as it has shown.
  case limitLearned(relay: String, perConnection: Int)
  /// It loses or mixes up commands that are sent in a group, or was only slow: from now on it is spoken to in this way.
  case pipelining(relay: String, PipeliningTrust.Level)
  /// It works again after one of these.
  case recovered(relay: String)
  /// The next token could not be fetched; the one at hand is good for `left` yet.
  case tokenNotRenewed(relay: String, SecretFault, left: Duration)
  /// A lane has a connection.
  case connected(relay: String, isEncrypted: Bool, took: Duration)

  package var relay: String {
    switch self {
    case .down(let relay, _, _), .held(let relay, _, _), .backingOff(let relay, _, _),
      .tokenNotRenewed(let relay, _, _),
      .throttled(let relay, _, _, _), .rejecting(let relay, _, _), .recovered(let relay),
      .limitLearned(let relay, _), .pipelining(let relay, _), .connected(let relay, _, _):
      relay
    }
  }
}
