/// How a scripted relay takes mails until the end of a connection: every one, but for what is set here.
package struct ScriptedRelayPlan: Sendable {
  /// By command, `.` for the final dot. 421 closes, and so does an empty one, without a word.
  package var refusals: [String: String] = [:]
  /// Recipients whose local part begins otherwise are taken.
  package var refusedStart = ""
  /// The first time that each such recipient is named it is put off with this.
  package var firstTime: String?
  /// What has come behind a final dot is lost.
  package var dropsBehindDot = false
  /// What has come behind any command is lost.
  package var dropsBehindCommands = false
  /// MAIL with commands behind it is answered with 503.
  package var confusesGroups = false
  /// MAIL with commands behind it.
  package enum Group: Sendable {
    /// Gets this reply, and the connection is closed.
    case ends(String)
    /// Each command gets its reply, and DATA one more.
    case getsOneMore
  }
  package var group: Group?
  /// So many mails on a connection; the MAIL after them gets `last`, and what follows on the connection 503. With
  /// `refusals`, those begin then instead.
  package var most = Int.max
  /// Empty: the connection is closed without a word.
  package var last = ""
  package var closesAfterLast = false
  /// Each so-manieth MAIL, on whatever connection, gets `withoutPlace` and the connection is closed.
  package var endsEach = 0
  /// So many connections; a further one gets `withoutPlace` to its first MAIL and is closed.
  package var places = Int.max
  package var withoutPlace = ""
  /// All of this begins when the relay has taken so many mails, on connections that stand as well.
  package var from = 0

  package init(_ change: (inout ScriptedRelayPlan) -> Void = { _ in }) { change(&self) }
}
