package import CodeRequests
internal import RecordKeys

extension RecordStore {
  /// Where a request stands; nil where the records do not know it.
  package func status(of id: RequestID) throws(RecordError) -> RequestStatus? {
    try engine.status(of: Digest.sha256(id.rawValue))
  }
}
