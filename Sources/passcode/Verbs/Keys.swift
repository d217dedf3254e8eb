internal import CodeRequests
internal import CommandVerbs
internal import FoundationEssentials
internal import MailWorker
internal import PasscodeService
internal import PasscodeVerifier
internal import Records
internal import SQLiteRecords
internal import RecordKeys

extension Verbs {
  static let keysList = Verb(path: ["keys", "list"], summary: "list the keys of the records") { invocation in
    let uses = try Installation(invocation).records().keyUses()
    if !invocation.isJSON {
      Rows.print(
        columns: ["version", "made", "use", "needed until"],
        rows: uses.map {
          [
            "\($0.key.version)", $0.key.created.rfc3339, $0.key.isCurrent ? "current" : "retired",
            $0.neededUntil?.rfc3339 ?? "-",
          ]
        })
      return .done
    }
    for use in uses {
      var line = JSONLine()
      line.add("version", use.key.version)
      line.add("created", use.key.created.rfc3339)
      line.add("current", use.key.isCurrent)
      line.add("neededUntil", use.neededUntil?.rfc3339)
      Terminal.print(line.text)
    }
    return .done
  }

  static let keysRotate = Verb(
    path: ["keys", "rotate"], summary: "make a new key for new codes, and delete keys that nothing needs",
    discussion: """
      Codes that were made with the old key stay valid. A running worker takes the new key within a minute, or at once
      on SIGHUP. A retired key is deleted when the last record made with it has gone.
      """
  ) { invocation in
    let installation = try Installation(invocation)
    let made = try installation.keyring().rotate()
    let deleted = try installation.records().deleteUnusedKeys(now: Date())
    if invocation.isJSON {
      var line = JSONLine()
      line.add("version", made.version)
      line.add("deleted", deleted.map(String.init))
      Terminal.print(line.text)
    } else {
      Terminal.print("key \(made.version) is current")
      if !deleted.isEmpty { Terminal.print("deleted \(deleted.map(String.init).joined(separator: ", "))") }
    }
    return .done
  }
}
