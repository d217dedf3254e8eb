/// What a mail has been through without being settled: what relays answered it, and how often its connection ended under
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
  /// At most one is granted, whichever connection it was.
  private(set) var uncountedReconnects = 0

  package init() {}

  /// A relay that answers again is heard again.
  mutating func note(_ answer: Answer) {
    answers.removeAll { $0.relay == answer.relay }
    answers.append(answer)
  }

  func hasAnswered(_ relay: Int) -> Bool { answers.contains { $0.relay == relay } }

  /// Grants a further try that no attempt is counted for.
  mutating func grantReconnect() -> Bool {
    guard uncountedReconnects == 0 else { return false }
    uncountedReconnects = 1
    return true
  }
}
