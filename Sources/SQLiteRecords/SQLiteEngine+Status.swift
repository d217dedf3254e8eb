internal import CodeRequests
internal import FoundationEssentials
package import Records

extension SQLiteEngine {
  package func status(of id: [UInt8]) throws(RecordError) -> RequestStatus? {
    try read { reader throws(RecordError) in
      let statement = try reader.connection.prepare(
        "\(Self.selection) WHERE idKey = ?1 AND id = ?2")
      statement.bind(1, prefixKey(id))
      statement.bind(2, id)
      return try statement.step() ? statement.status : nil
    }
  }

  package func requests(_ search: RequestSearch, limit: Int) throws(RecordError) -> [FoundRequest] {
    try read { reader throws(RecordError) in
      let condition: String
      switch search {
      case .shortID: condition = "substr(shortID, 1, length(?1)) = ?1"
      case .address: condition = "address = ?1"
      }
      // Rows are numbered in the order of admission.
      let statement = try reader.connection.prepare(
        "\(Self.selection) WHERE \(condition) ORDER BY row DESC LIMIT ?2")
      switch search {
      case .shortID(let prefix): statement.bind(1, prefix)
      case .address(let key): statement.bind(1, key)
      }
      statement.bind(2, Int64(limit))
      var found: [FoundRequest] = []
      while try statement.step() {
        guard let status = statement.status else { continue }
        found.append(
          FoundRequest(
            id: statement.blob(StatusColumn.id), shortID: statement.text(StatusColumn.shortID),
            status: status))
      }
      return found
    }
  }

  private static let selection = """
    SELECT \(StatusColumn.list), (SELECT usedAt FROM request AS opened WHERE opened.row = request.challenge)
    FROM request
    """
}

extension SQLiteStatement {
  /// The request that it stands at, as `StatusColumn` has it and whether its challenge is used.
  fileprivate var status: RequestStatus? {
    typealias Column = StatusColumn
    guard let state = RequestState(number: int(Column.state)) else { return nil }
    func date(_ column: Column) -> Date? { optionalInt(column).map { Date(unixMilliseconds: $0) } }
    let replyCode = optionalInt(Column.replyCode).map { Int($0) }
    let said = reply(Column.replyCode, Column.enhancedCode, Column.replyText)
    return RequestStatus(
      state: state, attempts: Int(int(Column.sends)), reply: replyCode == nil ? nil : said,
      // What ended it before a relay said anything stands where a reply would.
      reason: text(Column.reason) ?? (replyCode == nil ? said : nil), replyCode: replyCode,
      locale: text(Column.locale), relay: text(Column.relay), recipient: text(Column.recipient),
      tenant: text(Column.tenant), purpose: text(Column.purpose) ?? "",
      queuedAt: Date(unixMilliseconds: int(Column.queuedAt)),
      deadline: Date(unixMilliseconds: int(Column.deadline)), sentAt: date(.sentAt),
      endedAt: date(.endedAt), nextAttempt: date(.nextAttempt), retryAt: date(.retryAt),
      method: text(Column.method), url: text(Column.url),
      isResend: int(Column.challenge) != int(Column.row), isUsed: !isNull(Column.count))
  }
}
