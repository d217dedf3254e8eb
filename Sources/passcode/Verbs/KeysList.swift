internal import CodeRequests
internal import CommandVerbs
internal import Documents
internal import PasscodeService
internal import Records
internal import RecordKeys

extension Verbs {
  static let keysList = Verb(path: ["keys", "list"], summary: "list the keys of the records") { invocation in
    let uses = try Service(invocation).keys()
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
      line.add("createdAt", use.key.created.rfc3339)
      line.add("isCurrent", use.key.isCurrent)
      line.add("neededUntil", use.neededUntil?.rfc3339)
      Terminal.print(line.text)
    }
    return .done
  }
}
