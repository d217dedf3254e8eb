/// What a mail has been through without being reported: what relays answered it, and how often its connection ended under
/// it without an attempt being counted. It goes with the mail from lane to lane, and ends with the attempt.
package struct MailPassage: Sendable {
  /// One relay's no.
  package struct Answer: Sendable {
    package let relay: Int
    package let name: String
    package let reply: Reply?
    /// For good, and for a reason that another relay may not share; otherwise it was for now.
    package let isRefusal: Bool
  }

  package private(set) var answers: [Answer] = []
  /// The relay that may have taken it: it answered the final dot with neither yes nor no. The mail's one repetition
  /// begins at another, where another serves.
  package private(set) var doubtfulAt: Int?
  private var reconnects = 0
  private var handOvers = 0

  /// - Parameter doubtfulAt: where it may have been taken in the attempt before.
  package init(doubtfulAt: Int? = nil) { self.doubtfulAt = doubtfulAt }

  mutating func noteDoubt(at relay: Int) { doubtfulAt = relay }

  /// A relay that answers again is heard again.
  mutating func note(_ answer: Answer) {
    answers.removeAll { $0.relay == answer.relay }
    answers.append(answer)
  }

  func hasAnswered(_ relay: Int) -> Bool { answers.contains { $0.relay == relay } }

  /// Grants a try on a new connection that no attempt is counted for: one.
  mutating func grantReconnect() -> Bool {
    reconnects += 1
    return reconnects <= 1
  }

  /// Grants a try on another connection that stands, where its own ended under it: two, since the first may be one of
  /// those that end.
  mutating func grantHandOver() -> Bool {
    handOvers += 1
    return handOvers <= 2
  }
}
