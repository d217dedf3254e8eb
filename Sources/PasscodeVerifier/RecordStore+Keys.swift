internal import RecordKeys

extension RecordStore {
  /// Takes in keys that another process has made or deleted since.
  package func reloadKeys() throws(RecordError) {
    do throws(KeyFault) { try keyring.reload() } catch { throw RecordError(error) }
  }
}
