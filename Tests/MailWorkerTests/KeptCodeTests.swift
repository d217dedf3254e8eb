import CodeRequests
import Foundation
import LinuxSystem
import RecordKeys
import Records
import RequestSpool
import SMTPDelivery
import TestSupport
import Testing

@testable import MailWorker

/// A code that came with a request, in plain text or sealed, is in nothing that is kept of the request when it ends.
@Suite(.waits) struct KeptCodeTests {
  private static let code = "918273"

  /// How the code stands in the file that is put in the spool.
  enum Form: String, CaseIterable { case plain, sealed }

  /// Each way into `failed/`.
  enum Way: String, CaseIterable {
    case refused, unsendable, silentTwice, silentAtTheEnd, crashedThrice
    /// Its file could not be moved, and came round.
    case duplicate
  }

  private static let cases = Way.allCases.flatMap { way in Form.allCases.map { (way, $0) } }

  /// Puts a request with a code in the spool, and returns what of it must not be kept.
  private func ask(_ rig: LedgerRig, _ form: Form, _ fields: String = "") throws -> (RequestID, [String]) {
    let id = try RequestID("abcdefghijklmnopqrstuvwx")
    let sealed = rig.keyring.seal(try Passcode(Self.code), for: id)
    let field = form == .plain ? "\"code\": \"\(Self.code)\"" : "\"sealedCode\": \"\(sealed)\""
    try rig.drop(
      "{\"version\": 1, \"id\": \"\(id.rawValue)\", \"recipient\": \"anna@example.org\", \(field)\(fields)}",
      as: "\(rig.time.now.unixMilliseconds).\(id.rawValue).json")
    return (id, [Self.code, sealed, "ode\""])
  }

  private func take(_ way: Way, _ rig: LedgerRig) throws -> LedgerRig {
    rig.admit()
    let mail = try rig.next()
    #expect(mail.ticket.passcode.reveal() == Self.code)
    switch way {
    case .refused: rig.end(mail, .failed, .unknown)
    case .unsendable: rig.end(mail, .unsendable(reason: "no such variable"))
    case .silentTwice:
      rig.end(mail, .ambiguous)
      rig.time.pass(.seconds(13))
      rig.admit()
      rig.end(try rig.next(), .ambiguous)
    case .silentAtTheEnd: rig.end(mail, .ambiguous)
    case .crashedThrice:
      var last = rig
      for _ in 0..<3 {
        last = try last.successor()
        last.admit()
        last.turn()
      }
      return last
    case .duplicate:
      _ = try rig.records.commit(
        settlements: [Settlement(requestKey: mail.ticket.requestKey, result: .failed, at: rig.time.now)],
        admissions: [], now: rig.time.now)
      let next = try rig.successor()
      next.admit()
      return next
    }
    return rig
  }

  @Test(arguments: cases)
  func `no code is kept in failed`(_ way: Way, _ form: Form) throws {
    let rig = try LedgerRig()
    let (id, secrets) = try ask(
      rig, form,
      way == .silentAtTheEnd ? ", \"deadline\": \"\((rig.time.now + 7).formatted(.iso8601))\"" : "")
    let last = try take(way, rig)
    #expect(try last.records.status(of: id)?.outcome == .failed)
    #expect(try last.names("failed").count == 2)
    let kept = try last.text(in: "failed")
    #expect(kept.contains(id.rawValue) && kept.contains("anna@example.org"), "\(kept)")
    for secret in secrets { #expect(!kept.contains(secret), "\(kept)") }
    for folder in ["new", "deferred", "rejected", "tmp"] {
      #expect(try last.names(folder).isEmpty, "\(folder)")
    }
  }

  @Test(arguments: Form.allCases)
  func `none is kept in rejected, of a request that the records reject`(_ form: Form) throws {
    let rig = try LedgerRig()
    let (other, mail) = try rig.send("bo@example.org")
    rig.end(mail, .sent)
    let (id, secrets) = try ask(rig, form, ", \"challenge\": \"\(other.id.rawValue)\"")
    rig.admit()
    #expect(try rig.records.status(of: id)?.outcome == .rejected)
    let kept = try rig.text(in: "rejected")
    #expect(kept.contains(id.rawValue), "\(kept)")
    for secret in secrets { #expect(!kept.contains(secret), "\(kept)") }
  }

  private static let device = "dEviCe2token-of9an-earlier4sign-in_0123456789-abcdefgh"

  /// Bytes that are no request in as many ways as there are, each with a code or a device somewhere in it.
  private static let badFiles: [(name: String, bytes: [UInt8])] = {
    let id = "\"version\": 1, \"id\": \"abcdefghijklmnopqrstuvwx\", \"recipient\": \"anna@example.org\""
    let code = "\"code\": \"\(Self.code)\""
    let texts = [
      "purpose": "{\(id), \(code), \"purpose\": \"nothing\"}",
      "escaped-key": "{\(id), \"cod\\u0065\": \"\(Self.code)\", \"purpose\": \"nothing\"}",
      "array": "{\(id), \"code\": [\"\(Self.code)\"]}", "number": "{\(id), \"code\": \(Self.code)}",
      "object": "{\(id), \"code\": {\"is\": \"\(Self.code)\"}}",
      "escaped-quote": "{\(id), \"code\": \"a\\\"\(Self.code)\"}",
      "otp": "{\(id), \"otp\": \"\(Self.code)\"}",
      "version": "{\"version\": \(Self.code)}", "key": "{\(id), \"\(Self.code)\": 1}",
      "key-of-variables": "{\(id), \"variables\": {\"a\(Self.code)\": \"x\"}}",
      "key-of-client": "{\(id), \"client\": {\"\(Self.code)\": \"x\"}}",
      "twice": "{\(id), \(code), \"code\": \"000000\"}", "cut": "{\(id), \(code)", "list": "[{\(code)}]",
      "text": "the code is \(Self.code)", "behind": "{\(id)} \(Self.code)",
      "comment": "{\(id)} // \(Self.code)",
      "recipient": "{\"version\": 1, \"id\": \"abcdefghijklmnopqrstuvwx\", \"recipient\": \"\(Self.code)\"}",
      "variables": "{\(id), \"variables\": {\"nobody\": \"\(Self.code)\"}}",
      "device": "{\(id), \"device\": \"\(device)\", \"purpose\": \"nothing\"}",
      "devices": "{\(id), \"device\": [\"\(device)\"]}", "device-key": "{\(id), \"\(device)\": 1}",
      "both": "{\(id), \(code), \"sealedCode\": \"1.x\", \"device\": \"\(device)\"}",
    ]
    let long = "{\(id), \(code), \"x\": \"\(String(repeating: "x", count: 70_000))\"}"
    return texts.map { ("\($0.key).json", Array($0.value.utf8)) } + [
      ("utf16.json", [UInt8]("{\(id), \(code)}".data(using: .utf16)!)), ("long.json", Array(long.utf8)),
      ("utf8.json", Array("{\(id), \(code), \"x\": \"".utf8) + [0xFF] + Array("\"}".utf8)),
      ("no suffix", Array("{\(id), \(code)}".utf8)), ("a b.json", Array("{\(id), \(code)}".utf8)),
    ]
  }()

  /// The files under a directory, keys excepted, that hold one of the secrets; also what links name.
  private func files(holding secrets: [String], under directory: String) -> [String] {
    let wanted = secrets.flatMap { [Data($0.utf8), $0.data(using: .utf16LittleEndian)!] }
    var found: [String] = []
    for case let name as String in FileManager.default.enumerator(atPath: directory) ?? .init() {
      guard !name.contains("keys/") else { continue }
      let path = "\(directory)/\(name)"
      let bytes =
        (try? FileManager.default.destinationOfSymbolicLink(atPath: path)).map { Data($0.utf8) }
        ?? FileManager.default.contents(atPath: path) ?? Data()
      if wanted.contains(where: { bytes.range(of: $0) != nil }) { found.append(name) }
    }
    return found
  }

  @Test func `of no kind of bad request a byte of a code or a device is kept, but the names of its fields`()
    throws
  {
    let rig = try LedgerRig()
    for (name, bytes) in Self.badFiles {
      let path = "\(rig.spool.path)/new/\(name)"
      #expect(FileManager.default.createFile(atPath: path, contents: Data(bytes)))
    }
    let new = "\(rig.spool.path)/new"
    try FileManager.default.createDirectory(
      atPath: "\(new)/folder.json/inside", withIntermediateDirectories: true)
    try Data(Self.code.utf8).write(to: URL(fileURLWithPath: "\(new)/folder.json/inside/code"))
    try FileManager.default.createSymbolicLink(atPath: "\(new)/link.json", withDestinationPath: Self.code)
    try Data(Self.code.utf8).write(to: URL(fileURLWithPath: "\(rig.spool.path)/deferred/astray"))
    // One that is written to its end a minute ago by its name, which a look later tells.
    rig.time.pass(.seconds(61))
    for _ in 0..<3 { rig.take() }
    #expect(try rig.names("new").isEmpty && rig.names("deferred").isEmpty && rig.inbox.isEmpty)
    let kept = Self.badFiles.count + 3
    #expect(try rig.names("rejected").count == 2 * kept)
    #expect(try rig.log.lines(.rejected).count == Self.badFiles.count - 2)
    try rig.sweep()
    #expect(files(holding: [Self.code, Self.device], under: rig.directory.path) == [])
    let note = try #require(rig.note("otp.json"))
    #expect(note["id"] as? String == "abcdefghijklmnopqrstuvwx")
    #expect(note["fields"] as? [String] == ["version", "id", "recipient", "otp"])
    #expect(try #require(rig.note("key.json"))["fields"] as? [String] == ["version", "id", "recipient"])
    #expect(try #require(rig.note("cut.json")).keys.sorted() == ["size"])
  }

  /// What is in the file of the request that waits.
  private func fields(of rig: LedgerRig, in folder: String) throws -> [String: Any] {
    let name = try #require(rig.names(folder).first)
    let data = try Data(contentsOf: URL(fileURLWithPath: "\(rig.spool.path)/\(folder)/\(name)"))
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  @Test func `a code is sealed in its place before anything else is done, and opened for each try`() throws {
    let rig = try LedgerRig()
    let (id, _) = try ask(rig, .plain, ", \"device\": \"\(Self.device)\"")
    #expect(files(holding: [Self.code], under: rig.directory.path).count == 1)
    rig.take()
    #expect(files(holding: [Self.code, Self.device], under: rig.directory.path) == [])
    #expect(try fields(of: rig, in: "new")["sealedCode"] != nil)
    // Its age stands in it now that the file is younger.
    let deadline = try #require(fields(of: rig, in: "new")["deadline"] as? String)
    #expect(abs(try #require(Date(rfc3339: deadline)).timeIntervalSince(rig.time.now + 600)) < 60)
    rig.turn()
    for _ in 0..<2 {
      let mail = try rig.next()
      #expect(mail.ticket.passcode.reveal() == Self.code && mail.prepared.request.id == id)
      #expect(mail.prepared.request.device?.reveal() == Self.device)
      rig.end(mail, .deferred, .later)
      #expect(try rig.names("new").isEmpty && rig.names("deferred").count == 1)
      #expect(files(holding: [Self.code, Self.device], under: rig.directory.path) == [])
      rig.time.pass(.seconds(130))
      rig.admit()
    }
    // Another worker finds the same, and a device is not taken for a code.
    let sealed = try fields(of: rig, in: "deferred")
    #expect(throws: KeyFault.self) {
      try rig.keyring.open(try #require(sealed["sealedDevice"] as? String), for: id)
    }
  }

  @Test func `a request without a code is not written anew, and its device is sealed where it is kept`()
    throws
  {
    let rig = try LedgerRig()
    try rig.ask { $0.device = DeviceToken(Self.device) }
    try rig.ask("bo@example.org")
    func inodes() throws -> [UInt64] {
      try rig.names("new").map { try FileStatus.following("\(rig.spool.path)/new/\($0)").inode }.sorted()
    }
    let before = try inodes()
    rig.admit()
    #expect(try inodes() == before)
    let mails = [try rig.next(), try rig.next()]
    for mail in mails { rig.end(mail, .deferred, .later) }
    #expect(try rig.names("deferred").count == 2 && rig.names("new").isEmpty)
    #expect(
      files(holding: [Self.device] + mails.map { $0.ticket.passcode.reveal() }, under: rig.directory.path)
        == [])
    rig.time.pass(.seconds(13))
    rig.admit()
    #expect(try [rig.next(), rig.next()].contains { $0.prepared.request.device?.reveal() == Self.device })
  }

  #if DEBUG
    @Test func `a code that cannot be sealed is not taken in before it can`() throws {
      let rig = try LedgerRig()
      _ = try ask(rig, .plain)
      rig.failing("fsync", with: ENOSPC) { rig.take() }
      #expect(rig.inbox.isEmpty && rig.time.pauses == 1)
      #expect(try rig.names("new").count == 1 && rig.names("tmp").isEmpty)
      rig.admit()
      #expect(try rig.next().ticket.passcode.reveal() == Self.code)
      #expect(try rig.log.events == ["storage-error", "storage-recovered"])
    }

    @Test func `the code of a mail is overwritten in memory when that is settled`() throws {
      let rig = try LedgerRig()
      _ = try ask(rig, .plain)
      let ended = Monitor<[Int]>([])
      SecretBytes.$ended.withValue({ bytes in
        #expect(bytes.allSatisfy { $0 == 0 })
        ended.withLock { $0.append(bytes.count) }
      }) {
        rig.admit()
        ended.withLock { $0 = [] }
        rig.lanes.next().map { rig.lanes.report($0, .sent, nil, meaning: nil) }
        #expect(ended.withLock { $0.isEmpty }, "it is in flight")
        rig.turn()
        #expect(ended.withLock { $0.contains(Self.code.utf8.count) })
      }
    }
  #endif
}
