import CodeRequests
import Foundation
import RecordKeys
import RecordsFixture
import TestSupport
import Testing

@testable import PasscodeVerifier
@testable import Records
@testable import SQLiteRecords

/// The database file: what it must not hold, and what is said when it cannot be used.
@Suite(.waits) struct RecordFileTests {
  private func error(_ body: () throws -> Void) throws -> RecordError {
    try #require(#expect(throws: RecordError.self) { try body() })
  }

  /// Runs SQL with the command-line shell, as a process that knows nothing of us would.
  @discardableResult
  private static func sqlite(_ path: String, _ sql: String) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/sqlite3")
    process.arguments = [path, sql]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    process.waitUntilExit()
    return String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  }

  static let hasShell = FileManager.default.isExecutableFile(atPath: "/usr/bin/sqlite3")

  /// Foundation's search takes minutes over such a file in a debug build.
  private func find(_ text: String, in bytes: [UInt8]) -> Bool {
    let wanted = Array(text.utf8)
    return bytes.withUnsafeBytes { all in
      var place = 0
      while place + wanted.count <= all.count,
        let hit = memchr(all.baseAddress! + place, Int32(wanted[0]), all.count - place - wanted.count + 1)
      {
        if memcmp(hit, wanted, wanted.count) == 0 { return true }
        place = UnsafeRawPointer(hit) - all.baseAddress! + 1
      }
      return false
    }
  }

  @Test func `holds no code, id, token or address, in the file and in its log`() throws {
    let installation = try Installation()
    let store = try installation.store(limits: LimitSettings())
    let verifier = try installation.verifier()
    var secrets: [String] = []
    for index in 0..<8 {
      let name = "secretperson\(index)"
      let request = try request(
        to: "\(name)@example.org", code: "Qz\(700_000 + index)xW", ip: "203.0.113.\(index)")
      let ticket = try store.ticket(request)
      try store.settle(ticket, .sent)
      _ = try verifier.verify("Qz000000xW", challenge: request.id.rawValue, now: start)
      let answer = try verifier.verify(ticket.code, challenge: request.id.rawValue, now: start)
      secrets += [name, request.id.rawValue, ticket.code, "203.0.113.\(index)"]
      secrets.append(try #require(answer.session).token.reveal())
    }
    var bytes = Data()
    for suffix in ["", "-wal", "-shm"] {
      bytes += (try? Data(contentsOf: URL(fileURLWithPath: installation.database + suffix))) ?? Data()
    }
    #expect(bytes.count > 30_000)
    let all = [UInt8](bytes)
    func holds(_ text: String) -> Bool { find(text, in: all) }
    #expect(holds("•••@example.org"), "the search finds what is there")
    for secret in secrets { #expect(!holds(secret)) }
    for suffix in ["", "-wal", "-shm"] {
      let mode = try FileManager.default.attributesOfItem(atPath: installation.database + suffix)[
        .posixPermissions]
      #expect((mode as? Int) == 0o600)
    }
  }

  @Test(arguments: [
    "this is no database, it is a text that is long enough to be taken for a header and more",
    "SQLite format 3\0",
  ])
  func `says that a file is not a database, and leaves it alone`(text: String) throws {
    let installation = try Installation()
    let content = Data((text + String(repeating: "x", count: 5000)).utf8)
    try content.write(to: URL(fileURLWithPath: installation.database))
    let path = installation.path
    let error = try error { _ = try Verifier(state: path) }
    #expect(error.code == .notRecords || error.code == .corrupt)
    #expect(error.path == installation.database)
    #expect(try Data(contentsOf: URL(fileURLWithPath: installation.database)) == content)
  }

  @Test(.enabled(if: hasShell, "needs the sqlite3 command"))
  func `leaves a database of another program alone`() throws {
    let installation = try Installation()
    try Self.sqlite(installation.database, "CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1)")
    let path = installation.path
    #expect(try error { _ = try Verifier(state: path) }.code == .notRecords)
    #expect(try Self.sqlite(installation.database, "SELECT count(*) FROM sqlite_schema") == "1\n")
  }

  @Test(.enabled(if: hasShell, "needs the sqlite3 command"))
  func `does not open what a newer version has written`() throws {
    let installation = try Installation()
    _ = try installation.store()
    try Self.sqlite(installation.database, "PRAGMA user_version = 99")
    let path = installation.path
    let error = try error { _ = try Verifier(state: path) }
    #expect(error.code == .newerSchema)
    #expect(error.message.contains("99"))
  }

  @Test(.enabled(if: hasShell, "needs the sqlite3 command"))
  func `finds the schema sound`() throws {
    let installation = try Installation()
    let store = try installation.store()
    _ = try store.sent(try request())
    #expect(try Self.sqlite(installation.database, "PRAGMA integrity_check") == "ok\n")
    #expect(try Self.sqlite(installation.database, "PRAGMA auto_vacuum") == "2\n")
    #expect(try Self.sqlite(installation.database, "PRAGMA journal_mode") == "wal\n")
  }

  @Test func `opening the records writes nothing, so that a process that checks waits for the disk once`()
    throws
  {
    let installation = try Installation()
    let store = try installation.store()
    _ = try store.sent(try request())
    func written() throws -> [Int?] {
      try ["", "-wal"].map {
        try FileManager.default.attributesOfItem(atPath: installation.database + $0)[.size] as? Int
      }
    }
    let version = try store.connection.number("PRAGMA data_version")
    let before = try written()
    for _ in 0..<3 { _ = try installation.verifier() }
    #expect(try written() == before)
    #expect(try store.connection.number("PRAGMA data_version") == version)
  }

  @Test func `says so when another process keeps the lock, and loses nothing`() throws {
    let installation = try Installation()
    let store = try installation.store(busyTimeout: .milliseconds(20))
    let request = try request()
    let holder = try installation.store()
    let refusal = try holder.connection.transaction { () throws(RecordError) in
      do { _ = try store.ticket(request) } catch { return error as? RecordError }
      return nil
    }
    let error = try #require(refusal)
    #expect(error.code == .busy)
    #expect(try store.status(of: request.id) == nil)
    #expect(try store.ticket(request).attempt == 1)
  }

  @Test func `says that the directory is missing`() throws {
    let installation = try Installation()
    let (path, keyring) = ("\(installation.path)/nowhere/records.sqlite", installation.keyring)
    #expect(try error { _ = try RecordStore(path: path, keyring: keyring) }.code == .cannotOpen)
  }

  @Test(.enabled(if: geteuid() != 0, "root may write everywhere"))
  func `says that the directory may only be read`() throws {
    let installation = try Installation()
    _ = try installation.store()
    for file in [installation.database, installation.path] {
      try FileManager.default.setAttributes([.posixPermissions: 0o500], ofItemAtPath: file)
    }
    let path = installation.path
    let code = try error { _ = try Verifier(state: path).verify("123456", challenge: "x", now: start) }.code
    #expect(code == .readOnly || code == .cannotOpen)
    try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: installation.path)
  }

  @Test func `takes a missing key for an error, not for a wrong code`() throws {
    let installation = try Installation()
    let request = try request()
    let ticket = try installation.store().sent(request)
    try installation.keyring.rotate()
    try FileManager.default.removeItem(atPath: "\(installation.path)/keys/1.key")
    let verifier = try installation.verifier()
    let error = try error { _ = try verifier.verify(ticket.code, challenge: request.id.rawValue, now: start) }
    #expect(error.code == .key)
    #expect(error.path.hasSuffix("1.key"))
  }

  @Test func `notices keys that belong to other records`() throws {
    let installation = try Installation()
    _ = try installation.store().sent(try request())
    try FileManager.default.removeItem(atPath: "\(installation.path)/keys")
    let path = installation.path
    let error = try error { _ = try Verifier(state: path) }
    #expect(error.code == .key)
    #expect(error.message.contains("restore"))
  }

  @Test func `keeps hostile text as text in every field`() throws {
    let installation = try Installation()
    let store = try installation.store()
    let hostile = "x'; DROP TABLE request; --"
    let request = try request(to: "o'brien'--@example.org")
    let ticket = try store.admit(
      AdmissionRequest(request, at: start, tenant: hostile), now: start
    ).ticket
    let settlement = Settlement(
      requestKey: ticket.requestKey, result: .deferred(until: start), replyCode: 451, enhancedCode: hostile,
      replyText: hostile, relay: hostile, locale: hostile, at: start)
    _ = try store.commit(settlements: [settlement], admissions: [], now: start)
    let status = try #require(try store.status(of: request.id))
    #expect(status.tenant == hostile && status.relay == hostile && status.locale == hostile)
    #expect(status.reply == "451 \(hostile) \(hostile)")
    let verifier = try installation.verifier()
    #expect(
      try verifier.verify(hostile, recipient: request.recipient, tenant: hostile, now: start).name
        == "incorrect")
  }
}
