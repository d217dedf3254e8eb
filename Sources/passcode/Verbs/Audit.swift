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
      .value("id", "ID", "only what is about this request"),
    ],
    discussion: """
      Holds no codes, and addresses are shortened. Kept for a week; the ids of its lines for a day after their requests have
      served, and so long --id may be shortened to what is unique.
      """
  ) { invocation in
    let since = try invocation.moment("since")
    let recipient = try invocation.string("to").map { try EmailAddress($0) }
    let id = try invocation.string("id").map { try Service.IDText($0) }
    let found = try Service(invocation).forEachAuditRecord(since: since, recipient: recipient, id: id) {
      record in
      let short = record.shortID.map { "\($0)…" }
      let address = record.recipient.map(SpokenDomain.inAddress)
      let details = [short, address, record.tenant, record.detail].compactMap(\.self)
      invocation.answer(
        "\(record.at.rfc3339)  \(Help.padded(record.event, 11))\(Help.padded(record.result, 12))"
          + details.joined(separator: "  ")
      ) { line in
        line.add("time", record.at.rfc3339)
        line.add("event", record.event)
        line.add("result", record.result)
        line.add("id", short)
        line.add("recipient", record.recipient)
        line.add("tenant", record.tenant)
        line.add("detail", record.detail)
      }
      return true
    }
    switch found {
    case nil, .one: return .done
    case .none?: throw Service.IDText.unknown
    case .several(let count): throw id!.ambiguous(count)
    }
  }
}
