internal import CommandVerbs
internal import Documents
internal import PasscodeService

extension Verbs {
  static let queuePurge = Verb(
    path: ["queue", "purge"], summary: "remove what failed or was rejected",
    options: [
      .value("older-than", "T", "only what was set aside longer ago than this, such as 24h"),
      .flag("yes", "do not ask"),
    ],
    discussion: """
      Asks on a terminal; elsewhere it wants --yes. What is removed cannot be tried again; status and audit still tell what
      became of it. The worker removes by itself what is older than retention.
      """
  ) { invocation in
    let service = try Service(invocation)
    let age = try invocation.duration("older-than")
    let (failed, rejected) = try service.countSetAside(olderThan: age)
    if failed + rejected > 0, !invocation.has("yes") {
      guard Terminal.isInputTerminal, !invocation.isJSON else {
        throw CommandFault.usage(
          "passcode queue purge would remove \(failed) failed and \(rejected) rejected requests; say --yes")
      }
      guard Terminal.confirm("Remove \(failed) failed and \(rejected) rejected requests? [y/N] ") else {
        Terminal.print("nothing removed")
        return .done
      }
    }
    let removed = try service.purgeSetAside(olderThan: age)
    invocation.answer(removed == 0 ? "nothing to remove" : "removed \(removed)") {
      $0.add("removed", removed)
    }
    return .done
  }
}
