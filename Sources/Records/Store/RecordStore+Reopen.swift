package import CodeRequests
package import FoundationEssentials
internal import RecordKeys

extension RecordStore {
  /// Puts a request that ended as `failed` back to the queue, so that its next admission is decided anew: with no
  /// crashes on its record, outside the limits that it has passed already, and superseded where a newer one is there. It
  /// counts as queued now.
  ///
  /// The caller moves the request's spool file after this has returned: were the file there first, a worker would find
  /// the request still failed and drop the file. A kill between the two leaves a queued row that no file belongs to,
  /// and the same call answers false then; the file is moved all the same.
  ///
  /// - Parameter deadline: never send after this, in place of the old one; the admission brings it again.
  /// - Returns: false where the request did not end as `failed`, or is not known: nothing has changed.
  package func reopen(_ id: RequestID, deadline: Date, now: Date) throws(RecordError) -> Bool {
    let hash = Digest.sha256(id.rawValue)
    let at = now.unixMilliseconds
    return try durably { transaction throws(RecordError) in
      guard let known = try transaction.request(hash), known.state == .failed else { return false }
      let deadline = deadline.unixMilliseconds
      var changes = RecordChanges()
      changes.reopened = [
        ReopenedRequest(
          row: known.row, deadline: deadline, queuedAt: at,
          purgeAfter: rules.purgeAfter(expiresAt: 0, deadline: deadline, now: at))
      ]
      changes.audit = [AuditLine(at: at, event: "decision", result: "reopened", row: known.row)]
      try transaction.apply(changes)
      return true
    }
  }
}
