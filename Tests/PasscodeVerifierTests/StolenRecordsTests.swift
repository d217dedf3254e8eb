import CodeRequests
import Foundation
import RecordKeys
import Testing

@testable import PasscodeVerifier

/// A copy of the database in the hands of somebody who tries every code.
@Suite struct StolenRecordsTests {
  /// What a copy of the database tells of a passcode.
  private struct Copied {
    let salt: [UInt8]
    let mac: [UInt8]
    let challenge: [UInt8]
  }

  private func copied(_ store: RecordStore) throws -> Copied {
    let statement = try store.connection.prepare(
      "SELECT salt, mac, id FROM passcode JOIN request ON request.row = passcode.challenge")
    _ = try statement.step()
    return Copied(salt: statement.blob(0), mac: statement.blob(1), challenge: statement.blob(2))
  }

  /// Every code of four digits; a test has not the time for a million, and the search is the same.
  private func search(_ hit: ([UInt8]) -> Bool) -> [String] {
    (0..<10_000).map { String(repeating: "0", count: 4 - String($0).utf8.count) + String($0) }
      .filter { hit(Array($0.utf8)) }
  }

  @Test func `a search of all codes finds the code with the key, and nothing without it`() throws {
    let installation = try Installation()
    let store = try installation.store(settings: PasscodeSettings(length: 4))
    let ticket = try store.sent(try request())
    let copy = try copied(store)
    func found(with key: Key) -> [String] {
      search {
        passcodeMAC(key, purpose: "sign-in", challenge: copy.challenge, salt: copy.salt, code: $0) == copy.mac
      }
    }
    #expect(found(with: installation.keyring.current) == [ticket.code])
    let other = try Installation()
    #expect(found(with: other.keyring.current).isEmpty)
    // What a thief of the database has: the salt, the challenge's hash, nothing at all.
    for guess in [copy.salt + copy.salt, copy.challenge, [UInt8](repeating: 0, count: 32)] {
      #expect(found(with: Key(version: 1, secret: guess)).isEmpty)
    }
    #expect(found(with: installation.keyring.address).isEmpty)
    #expect(search { Digest.sha256(copy.salt + $0) == copy.mac }.isEmpty)
    #expect(search { Digest.sha256(copy.challenge + copy.salt + $0) == copy.mac }.isEmpty)
  }

  @Test func `a hash that is copied into another challenge opens nothing`() throws {
    let installation = try Installation()
    let store = try installation.store()
    let (mine, theirs) = (try request(to: "mallory@example.org"), try request())
    let ticket = try store.sent(mine)
    _ = try store.sent(theirs)
    // Who can write the database, without the keys, puts the hash of a code he knows under another's challenge.
    try store.connection.execute(
      """
      UPDATE passcode SET (salt, mac, keyVersion) =
        (SELECT salt, mac, keyVersion FROM passcode ORDER BY challenge LIMIT 1)
      """)
    let verifier = try installation.verifier()
    let answer = try verifier.verify(ticket.code, challenge: theirs.id.rawValue, now: start)
    #expect(answer == .incorrect(attemptsLeft: 4))
    #expect(try verifier.verify(ticket.code, challenge: mine.id.rawValue, now: start).session != nil)
  }

  @Test func `the same code has another hash each time`() throws {
    let installation = try Installation()
    let store = try installation.store()
    for index in 0..<20 { _ = try store.sent(try request(to: "u\(index)@example.org", code: "123456")) }
    #expect(try store.connection.number("SELECT count(DISTINCT mac) FROM passcode") == 20)
    #expect(try store.connection.number("SELECT count(DISTINCT salt) FROM passcode") == 20)
  }

  @Test func `a stolen session hash is no token`() throws {
    let installation = try Installation()
    let store = try installation.store()
    let verifier = try installation.verifier()
    let request = try request()
    let ticket = try store.sent(request)
    let session = try #require(
      try verifier.verify(ticket.code, challenge: request.id.rawValue, now: start).session)
    let statement = try store.connection.prepare("SELECT session, idKey FROM request")
    #expect(try statement.step())
    let hash = statement.blob(0)
    #expect(hash.count == 32)
    var prefix: [UInt8] = []
    for shift in stride(from: 56, through: 0, by: -8) {
      prefix.append(UInt8(truncatingIfNeeded: statement.int(1) >> Int64(shift)))
    }
    for bytes in [prefix + hash, hash + prefix, prefix + [UInt8](repeating: 0, count: 32)] {
      let forged = SessionToken(Base64URL.encode(bytes))
      #expect(try verifier.session(forged, now: start) == .invalid)
    }
    // 256 random bits follow the 64 that find the record.
    let token = try #require(Base64URL.decode(session.token.reveal()))
    #expect(token.count == 40 && Array(token.prefix(8)) == prefix)
    #expect(Digest.sha256(token) == hash)
  }
}
