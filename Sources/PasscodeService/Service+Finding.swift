package import CodeRequests
internal import FoundationEssentials
internal import GuestPolicy
package import Records
internal import RequestSpool

// Requests that somebody does not name by their whole ids.
extension Service {
  /// A request's id as somebody has it: whole, as the log shortens it (`Ab3dEf12…`), or what it begins with.
  package struct IDText: Hashable, Sendable {
    package let text: String
    /// Nil where it can be no whole id.
    package var whole: RequestID? { try? RequestID(text) }

    /// - Throws: a fault of `id` where no id begins so, or too many do.
    package init(_ text: String) throws(RequestFault) {
      let plain = text.hasSuffix("…") ? String(text.dropLast()) : text
      let isID = plain.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x2D: true
        default: false
        }
      }
      guard isID, (4...64).contains(plain.utf8.count) else {
        throw RequestFault(
          field: "id", "is no id, nor what one begins with; expected 4 to 64 of A-Z a-z 0-9 _ -")
      }
      self.text = plain
    }
  }

  /// What an id's text has led to.
  package enum Found<Request: Sendable>: Sendable {
    case one(Request)
    case none
    /// So many requests begin so.
    case several(Int)
  }

  /// Where the one request stands that is meant.
  package func status(of text: IDText) throws -> Found<RequestProgress> {
    if let id = text.whole, let progress = try status(of: id) { return .one(progress) }
    let (ids, records) = try candidates(text)
    if let id = ids.first, ids.count == 1, records.isEmpty, let progress = try status(of: id) {
      return .one(progress)
    }
    if let record = records.first, records.count == 1, ids.isEmpty {
      return .one(RequestProgress(record, waiting: waiting()))
    }
    let count = ids.count + records.count
    return count == 0 ? .none : .several(count)
  }

  /// The one request that is meant and lies in the spool, or what became of the one that does not.
  package func waiting(_ text: IDText) throws -> Found<Result<RequestID, Ended>> {
    let (ids, records) = try candidates(text)
    if ids.count + records.count > 1 { return .several(ids.count + records.count) }
    if let id = ids.first ?? text.whole { return .one(.success(id)) }
    guard let outcome = records.first?.status.outcome else { return .none }
    return .one(.failure(Ended(outcome: outcome)))
  }

  /// It has ended, and no file is left of it.
  package struct Ended: Error {
    package let outcome: Outcome
  }

  /// The SHA-256 of the id of the one request that is meant, for the audit trail.
  func hash(of text: IDText) throws -> Found<[UInt8]> {
    if let id = text.whole { return .one(RecordStore.key(of: id)) }
    let (ids, records) = try candidates(text)
    let hashes = ids.map(RecordStore.key) + records.map(\.id)
    return hashes.count == 1 ? .one(hashes[0]) : hashes.isEmpty ? .none : .several(hashes.count)
  }

  /// Requests of the spool, and of the records those that the spool has not: of these the whole id is not known.
  private func candidates(_ text: IDText) throws -> (ids: [RequestID], records: [FoundRequest]) {
    let ids = try spool().ids(beginningWith: text.text)
    let hashes = Set(ids.map(RecordStore.key))
    let records = try records { try $0.requests(idPrefix: text.text, limit: 1000) }
    return (Array(ids), records.filter { !hashes.contains($0.id) })
  }

  /// Requests for an address, the newest first: those of the records, before them those that no worker has read yet.
  ///
  /// - Parameter tenant: only of this one.
  package func requests(
    for recipient: EmailAddress, tenant reference: String?, limit: Int
  ) throws -> [RequestProgress] {
    let tenantID = try reference.map { try tenant($0).id }
    let waiting = waiting()
    let spool = try spool()
    let wanted = try records { $0.addressKey(recipient) }
    let known = try records { try $0.requests(for: recipient, limit: limit) }
      .filter { reference == nil || $0.status.tenant == tenantID }
    let hashes = Set(known.map(\.id))
    var ids: [[UInt8]: RequestID] = [:]
    var unread: [RequestProgress] = []
    // Bounded: files of a great backlog are not all read for one question.
    for item in try spool.items([.queued, .deferred, .failed], limit: 10_000) {
      guard let id = item.id else { continue }
      let hash = RecordStore.key(of: id)
      if hashes.contains(hash) {
        ids[hash] = id
        continue
      }
      guard let request = spool.request(of: item),
        try records({ $0.addressKey(request.recipient) }) == wanted,
        reference == nil || (try? tenants().resolve(request.tenant).id) == tenantID
      else { continue }
      unread.append(RequestProgress(RequestProgress(id, item, of: request), waiting))
    }
    let read = known.map { record in
      ids[record.id].map { RequestProgress($0, record.status, waiting) }
        ?? RequestProgress(record, waiting: waiting)
    }
    return Array((unread.reversed() + read).prefix(limit))
  }
}
