import CLibcrypto
import CodeRequests
import Foundation
import RecordKeys
import RecordsFixture
import Testing

@testable import PasscodeVerifier
@testable import Records
@testable import SQLiteRecords

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

  /// Hashes a message of so many bytes into 32.
  private typealias Hash = (_ message: UnsafePointer<UInt8>, _ count: Int, UnsafeMutablePointer<UInt8>) ->
    Void

  /// HMAC-SHA-256 as libcrypto has it, without a line of ours.
  private func hmac(_ secret: [UInt8]) throws -> Hash {
    let algorithm = try #require(EVP_MAC_fetch(nil, "HMAC", nil))
    let context = try #require(EVP_MAC_CTX_new(algorithm))
    var digest = Array("SHA256".utf8CString)
    let code = OSSL_MAC_PARAM_DIGEST.withCString { name in
      digest.withUnsafeMutableBufferPointer { digest in
        let parameters = [
          OSSL_PARAM_construct_utf8_string(name, digest.baseAddress, 0), OSSL_PARAM_construct_end(),
        ]
        return EVP_MAC_init(context, secret, secret.count, parameters)
      }
    }
    #expect(code == 1)
    return { message, count, output in
      var length = 0
      EVP_MAC_init(context, nil, 0, nil)
      EVP_MAC_update(context, message, count)
      EVP_MAC_final(context, output, &length, 32)
    }
  }

  /// Every code of six digits behind `prefix`, in one buffer: a million hashes take a second.
  private func search(behind prefix: [UInt8], for mac: [UInt8], _ hash: Hash) -> [String] {
    let message = UnsafeMutablePointer<UInt8>.allocate(capacity: prefix.count + 6)
    let output = UnsafeMutablePointer<UInt8>.allocate(capacity: 32)
    defer {
      message.deallocate()
      output.deallocate()
    }
    message.initialize(from: prefix, count: prefix.count)
    let digits = message + prefix.count
    digits.initialize(repeating: 0x30, count: 6)
    var found: [String] = []
    var tried = 0
    while true {
      hash(message, prefix.count + 6, output)
      tried += 1
      if memcmp(output, mac, 32) == 0 {
        found.append(String(decoding: UnsafeBufferPointer(start: digits, count: 6), as: UTF8.self))
      }
      var place = 5
      while place >= 0, digits[place] == 0x39 {
        digits[place] = 0x30
        place -= 1
      }
      if place < 0 { break }
      digits[place] += 1
    }
    #expect(tried == 1_000_000)
    return found
  }

  /// What is hashed, up to the code: each part behind its length.
  private func message(_ copy: Copied) -> [UInt8] {
    [Array("passcode".utf8), Array("sign-in".utf8), copy.challenge, copy.salt].flatMap {
      [0, 0, 0, UInt8($0.count)] + $0
    } + [0, 0, 0, 6]
  }

  private func secret(_ installation: borrowing Installation) throws -> [UInt8] {
    let text = try String(contentsOfFile: "\(installation.path)/keys/1.key", encoding: .utf8)
    return try #require(
      text.split(separator: " ").lazy.compactMap { Base64URL.decode($0) }.first { $0.count == 32 })
  }

  @Test func `a search of all codes finds the code with the key, and nothing without it`() throws {
    let installation = try Installation()
    let ticket = try installation.store().sent(try request())
    let copy = try copied(installation.store())
    let message = message(copy)
    #expect(search(behind: message, for: copy.mac, try hmac(secret(installation))) == [ticket.code])
    let other = try Installation()
    #expect(search(behind: message, for: copy.mac, try hmac(secret(other))).isEmpty)
    // A hash that needs no key would be found like this.
    let plain: Hash = { EVP_Digest($0, $1, $2, nil, EVP_sha256(), nil) }
    #expect(
      search(behind: copy.salt, for: Digest.sha256(copy.salt + Array("271828".utf8)), plain) == ["271828"])
    #expect(search(behind: copy.salt, for: copy.mac, plain).isEmpty)
    // With what a thief of the database has for a key, not even the right code gives its hash: the salt, the challenge's
    // hash, nothing at all.
    let right = message + Array(ticket.code.utf8)
    for guess in [copy.salt + copy.salt, copy.challenge, [UInt8](repeating: 0, count: 32)] {
      var output = [UInt8](repeating: 0, count: 32)
      try hmac(guess)(right, right.count, &output)
      #expect(output != copy.mac)
    }
    #expect(
      passcodeMAC(
        installation.keyring.address, purpose: Array("sign-in".utf8), challenge: copy.challenge,
        salt: copy.salt,
        code: Array(ticket.code.utf8)) != copy.mac)
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
