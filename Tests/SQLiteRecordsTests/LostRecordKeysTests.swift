import CodeRequests
import Foundation
import RecordKeys
import RecordsFixture
import TestSupport
import Testing

@testable import PasscodeVerifier
@testable import Records
@testable import SQLiteRecords

/// Records know the keys that they were made with, from their first moment on.
@Suite(.waits) struct LostRecordKeysTests {
  private func error(_ body: () throws -> Void) throws -> RecordError {
    try #require(#expect(throws: RecordError.self) { try body() })
  }

  @Test func `records know their keys before a mail was sent, and tell no end for a key without records`()
    throws
  {
    let installation = try Installation()
    #expect(try SQLiteEngine.keyNeeds(at: installation.database).isEmpty)
    let store = try installation.store()
    let known = try SQLiteEngine.keyNeeds(at: installation.database).fingerprints
    #expect(
      known == [0: installation.keyring.address.fingerprint, 1: installation.keyring.current.fingerprint])
    #expect(try store.keyUses().map(\.neededUntil) == [nil])
    #expect(try store.rotateKeys(now: start).version == 2)
    #expect(try store.engine.keyNeeds().count == 3)
    #expect(try store.keyUses().map(\.neededUntil) == [nil, nil])
    #expect(try store.deleteUnusedKeys(now: start + 86399) == [])
    #expect(try store.deleteUnusedKeys(now: start + 86401) == [1])
    #expect(Set(try store.engine.keyNeeds().map(\.version)) == [0, 2])
  }

  @Test(arguments: [["1.key"], ["address.key"], ["1.key", "address.key"], ["1.key", "address.key", "lock"]])
  func `nothing makes lost keys anew, and with those from the backup all goes on`(names: [String]) throws {
    let installation = try Installation()
    let asked = try request()
    let ticket = try installation.store().sent(asked)
    let (path, keys) = (installation.path, "\(installation.path)/keys")
    let backup = try TemporaryDirectoryOwner()
    for name in names {
      try FileManager.default.moveItem(atPath: "\(keys)/\(name)", toPath: "\(backup.path)/\(name)")
    }
    let left = try FileManager.default.contentsOfDirectory(atPath: keys).filter { $0.hasSuffix(".key") }
    let error = try error { _ = try Verifier(state: path) }
    #expect(error.code == .key && names.contains { error.path.hasSuffix($0) })
    #expect(error.message.contains("restore"))
    let database = installation.database
    let opened = #expect(throws: KeyFault.self) { try Keyring(directory: keys, ofRecordsAt: database) }
    #expect(opened?.code == .missing)
    #expect(try FileManager.default.contentsOfDirectory(atPath: keys).filter { $0.hasSuffix(".key") } == left)
    for name in names where name != "lock" {
      try FileManager.default.moveItem(atPath: "\(backup.path)/\(name)", toPath: "\(keys)/\(name)")
    }
    let answer = try Verifier(state: path).verify(ticket.code, challenge: asked.id.rawValue, now: start + 1)
    #expect(answer.session != nil)
  }

  @Test func `upkeep tells of keys that were swapped, and those that are in use stay`() throws {
    let installation = try Installation()
    let store = try installation.store()
    let asked = try request()
    let ticket = try store.sent(asked)
    let verifier = try installation.verifier()
    let other = try Installation()
    for name in ["1.key", "address.key"] {
      let file = "\(installation.path)/keys/\(name)"
      try FileManager.default.removeItem(atPath: file)
      try FileManager.default.copyItem(atPath: "\(other.path)/keys/\(name)", toPath: file)
    }
    let upkeep = try error { try store.deleteUnusedKeys(now: start) }
    #expect(upkeep.code == .key && upkeep.path.hasSuffix("address.key"))
    #expect(try error { _ = try store.rotateKeys(now: start) }.code == .key)
    let path = installation.path
    #expect(try error { _ = try Verifier(state: path) }.path.hasSuffix("address.key"))
    let answer = try verifier.verify(ticket.code, challenge: asked.id.rawValue, now: start + 1)
    #expect(answer.session != nil)
  }

  @Test func `a newest key that is lost before its first code is missed`() throws {
    let installation = try Installation()
    _ = try installation.store().rotateKeys(now: start)
    try FileManager.default.removeItem(atPath: "\(installation.path)/keys/2.key")
    let path = installation.path
    let error = try error { _ = try Verifier(state: path) }
    #expect(error.code == .key && error.path.hasSuffix("2.key"))
  }
}
