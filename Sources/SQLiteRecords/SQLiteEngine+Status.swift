internal import CodeRequests
internal import FoundationEssentials
package import Records

extension SQLiteEngine {
  package func status(of id: [UInt8]) throws(RecordError) -> RequestStatus? {
    try read { reader throws(RecordError) in
      typealias Column = StatusColumn
      let statement = try reader.connection.prepare(
        """
        SELECT \(Column.list), (SELECT usedAt FROM request AS opened WHERE opened.row = request.challenge)
        FROM request WHERE idKey = ?1 AND id = ?2
        """)
      statement.bind(1, prefixKey(id))
      statement.bind(2, id)
      guard try statement.step(), let state = RequestState(number: statement.int(Column.state)) else {
        return nil
      }
      func date(_ column: Column) -> Date? {
        statement.optionalInt(column).map { Date(unixMilliseconds: $0) }
      }
      return RequestStatus(
        state: state, attempts: Int(statement.int(Column.sends)),
        reply: statement.text(Column.reason)
          ?? statement.reply(Column.replyCode, Column.enhancedCode, Column.replyText),
        replyCode: statement.optionalInt(Column.replyCode).map { Int($0) },
        locale: statement.text(Column.locale), relay: statement.text(Column.relay),
        recipient: statement.text(Column.recipient), tenant: statement.text(Column.tenant),
        purpose: statement.text(Column.purpose) ?? "",
        queuedAt: Date(unixMilliseconds: statement.int(Column.queuedAt)),
        deadline: Date(unixMilliseconds: statement.int(Column.deadline)), sentAt: date(.sentAt),
        endedAt: date(.endedAt), nextAttempt: date(.nextAttempt), retryAt: date(.retryAt),
        method: statement.text(Column.method), url: statement.text(Column.url),
        isResend: statement.int(Column.challenge) != statement.int(Column.row),
        isUsed: !statement.isNull(Column.count))
    }
  }
}
