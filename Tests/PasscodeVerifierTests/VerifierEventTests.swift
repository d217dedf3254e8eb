import CSQLite
import Foundation
import LinuxSystem
import PasscodeVerifier
import RecordKeys
import Records
import RecordsFixture
import SQLiteRecords
import TestSupport
import Testing

@Suite struct VerifierEventTests {
  /// Without how long each check took.
  private static func words(_ event: VerifierEvent) -> String {
    switch event {
    case .checked(let answer, let took): took > .zero ? "checked \(answer)" : "checked without time"
    case let other: "\(other)"
    }
  }

  private func told(_ path: String, _ body: (Verifier) throws -> Void) throws -> [String] {
    let events = Monitor<[VerifierEvent]>([])
    let verifier = try Verifier(
      state: path, busyTimeout: .zero, onEvent: { event in events.change { $0.append(event) } })
    try body(verifier)
    return events.withLock { $0 }.map(Self.words)
  }

  @Test func `tells each answer, and sessions looked up and ended`() throws {
    let installation = try Installation()
    let ticket = try installation.store().sent(request(RequestID("r-1234567890123456789012")))
    let id = "r-1234567890123456789012"
    let events = try told(installation.path) { verifier in
      _ = try verifier.verify(ticket.wrong, challenge: id, now: start)
      let session = try #require(try verifier.verify(ticket.code, challenge: id, now: start).session)
      _ = try verifier.verify(ticket.code, challenge: id, now: start)
      _ = try verifier.verify(ticket.code, challenge: "nobody-has-this-id-00000", now: start)
      _ = try verifier.session(session.token, now: start)
      try verifier.endSession(session.token, now: start)
      try verifier.endSession(session.token, now: start)
      _ = try verifier.session(session.token, now: start)
    }
    #expect(
      events == [
        "checked incorrect", "checked verified", "checked used", "checked unknown",
        "sessionChecked(isValid: true)", "sessionEnded", "sessionChecked(isValid: false)",
      ])
  }

  @Test func `tells trouble with the records once, and its end`() throws {
    let installation = try Installation()
    let ticket = try installation.store().sent(request())
    let events = try told(installation.path) { verifier in
      var other: OpaquePointer?
      sqlite3_open(installation.database, &other)
      defer { sqlite3_close(other) }
      #expect(sqlite3_exec(other, "BEGIN IMMEDIATE", nil, nil, nil) == SQLITE_OK)
      for _ in 0..<2 {
        #expect(throws: RecordError.self) {
          try verifier.verify(ticket.code, challenge: "nobody-has-this-id-00000", now: start)
        }
      }
      #expect(sqlite3_exec(other, "ROLLBACK", nil, nil, nil) == SQLITE_OK)
      _ = try verifier.verify(ticket.code, challenge: "nobody-has-this-id-00000", now: start)
    }
    #expect(events == ["storageError(Records.RecordError.Code.busy)", "storageRecovered", "checked unknown"])
  }

  @Test(arguments: [false, true])
  func `tells that other records were put in the place of the open ones, or that those need other keys`(
    haveOwnKeys: Bool
  ) throws {
    let installation = try Installation()
    let other = try Installation()
    _ = try installation.store()
    let keyring = haveOwnKeys ? other.keyring : installation.keyring
    _ = try RecordStore(path: other.database, keyring: keyring)
    let events = try told(installation.path) { verifier in
      _ = try verifier.verify("000000", challenge: "nobody-has-this-id-00000", now: start)
      for end in ["", "-wal", "-shm"] {
        try? FileManager.default.removeItem(atPath: installation.database + end)
      }
      try FileManager.default.copyItem(atPath: other.database, toPath: installation.database)
      for name in try FileManager.default.contentsOfDirectory(atPath: "\(other.path)/keys")
      where haveOwnKeys {
        let key = "\(installation.path)/keys/\(name)"
        try FileManager.default.removeItem(atPath: key)
        try FileManager.default.copyItem(atPath: "\(other.path)/keys/\(name)", toPath: key)
      }
      _ = try? verifier.verify("000000", challenge: "nobody-has-this-id-00000", now: start)
    }
    let told = haveOwnKeys ? "storageError(Records.RecordError.Code.key)" : "recordsRenewed"
    #expect(events.prefix(2) == ["checked unknown", told])
  }
}
