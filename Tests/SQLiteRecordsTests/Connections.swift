import LinuxSystem
import PasscodeVerifier
import Records

@testable import SQLiteRecords

extension RecordStore {
  /// For looks at the database itself.
  var connection: SQLiteConnection { (engine as! SQLiteEngine).state.withLock { $0.connection } }
}

extension Verifier {
  /// For looks at the database itself.
  var connection: SQLiteConnection { (engine as! SQLiteEngine).state.withLock { $0.connection } }
}
