internal import CommandVerbs
internal import Documents
internal import PasscodeService
internal import RecordKeys

extension Verbs {
  static let keysRotate = Verb(
    path: ["keys", "rotate"], summary: "make a new key for new codes, and delete keys that nothing needs",
    discussion: """
      Codes that were made with the old key stay valid. A running worker takes the new key within a minute, or at once
      on SIGHUP. A retired key is deleted when the last record made with it has gone.
      """
  ) { invocation in
    let (made, deleted) = try Service(invocation).rotateKeys()
    let numbers = deleted.map(String.init)
    invocation.answer(
      lines: ["key \(made.version) is current"]
        + (numbers.isEmpty ? [] : ["deleted \(numbers.joined(separator: ", "))"])
    ) { line in
      line.add("version", made.version)
      line.add("deleted", numbers)
    }
    return .done
  }
}
