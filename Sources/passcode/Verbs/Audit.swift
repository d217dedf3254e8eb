internal import CodeRequests
internal import CommandVerbs
internal import Documents
internal import PasscodeService
internal import Records

extension Verbs {
  static let audit = Verb(
    path: ["audit"], summary: "tell what was decided, sent, checked, locked and reset",
    options: [
      .value("since", "T", "only what happened then or later: RFC 3339, or an age such as 24h"),
      .value("to", "ADDR", "only what is about this address"),
    ],
    discussion: "Holds no codes, and addresses are shortened. Kept for a week."
  ) { invocation in
    let since = try invocation.moment("since")
    let recipient = try invocation.string("to").map { try EmailAddress($0) }
    try Service(invocation).forEachAuditRecord(since: since, recipient: recipient) { record in
      let details = [record.recipient.map(SpokenDomain.inAddress), record.tenant, record.detail].compactMap(
        \.self)
      invocation.answer(
        "\(record.at.rfc3339)  \(Help.padded(record.event, 11))\(Help.padded(record.result, 12))"
          + details.joined(separator: "  ")
      ) { line in
        line.add("at", record.at.rfc3339)
        line.add("event", record.event)
        line.add("result", record.result)
        line.add("recipient", record.recipient)
        line.add("tenant", record.tenant)
        line.add("detail", record.detail)
      }
      return true
    }
    return .done
  }
}
