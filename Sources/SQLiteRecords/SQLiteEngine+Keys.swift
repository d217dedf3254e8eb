internal import LinuxSystem
package import RecordKeys
package import Records

extension SQLiteEngine {
  package func keyNeeds() throws(RecordError) -> [KeyNeed] {
    try read { reader throws(RecordError) in try reader.connection.keyNeeds() }
  }

  /// The keys that the records at `path` were made with, for who has no keys to open them with; empty where there are no
  /// records of this program.
  package static func keyNeeds(
    at path: String, busyTimeout: Duration = .seconds(5)
  ) throws(RecordError) -> [KeyNeed] {
    guard FilePath.isThere(path) else { return [] }
    let connection = try SQLiteConnection(path: path, busyTimeout: Int32(clamping: busyTimeout.milliseconds))
    guard try connection.number("PRAGMA application_id") == RecordSchema.applicationID else { return [] }
    return try connection.keyNeeds()
  }
}

extension Keyring {
  /// Opens the keys of the records at `path`. First keys are made only where those were made with none; whether all are
  /// the right ones is asked when the records are opened.
  package convenience init(directory: String, ofRecordsAt path: String) throws(KeyFault) {
    try self.init(directory: directory) { () throws(KeyFault) in
      do throws(RecordError) { return try SQLiteEngine.keyNeeds(at: path).fingerprints } catch {
        // Other records, or those of a newer program, are to be mended by who set the place up; the rest is the disk's.
        let isOfPlace = error.code == .notRecords || error.code == .newerSchema
        throw KeyFault(
          isOfPlace ? .missing : .system, directory,
          "holds no keys, and whether records need any cannot be read: \(error)")
      }
    }
  }
}
