import CodeRequests
import Foundation
import PasscodeVerifier
import Records
import SQLiteRecords
import RecordKeys
import RecordsFixture
import Testing

@Suite struct SessionTests {
  @Test func `lasts twenty-four hours, in every process`() throws {
    let installation = try Installation()
    let request = try request()
    let ticket = try installation.store().sent(request, tenant: "fabrikam")
    let session = try #require(
      installation.verifier().verify(ticket.code, challenge: request.id.rawValue, now: start + 5).session)
    let other = try installation.verifier()
    guard case .valid(let info) = try other.session(session.token, now: start + 86404) else {
      Issue.record("the session is not valid")
      return
    }
    #expect(info.expiresAt == start + 86405 && info.startedAt == start + 5 && info.tenant == "fabrikam")
    #expect(info.purpose == "sign-in" && info.recipient?.rawValue == "anna@example.org")
    #expect(try other.session(session.token, now: start + 86405) == .invalid)
  }

  @Test func `outlives what is kept of its challenge otherwise`() throws {
    let installation = try Installation()
    let store = try installation.store()
    let request = try request()
    let ticket = try store.sent(request)
    let verifier = try installation.verifier(
      settings: VerificationSettings(sessionLifetime: .seconds(30 * 86400)))
    let session = try #require(
      verifier.verify(ticket.code, challenge: request.id.rawValue, now: start).session)
    while try store.purge(now: start + 30 * 86400 - 1) > 0 {}
    #expect(try verifier.session(session.token, now: start + 30 * 86400 - 1) != .invalid)
    while try store.purge(now: start + 32 * 86400) > 0 {}
    #expect(try store.status(of: request.id) == nil)
  }

  @Test func `ends by hand, once`() throws {
    let installation = try Installation()
    let request = try request()
    let ticket = try installation.store().sent(request)
    let verifier = try installation.verifier()
    let session = try #require(
      verifier.verify(ticket.code, challenge: request.id.rawValue, now: start).session)
    #expect(try verifier.endSession(session.token, now: start) != .invalid)
    #expect(try verifier.session(session.token, now: start) == .invalid)
    #expect(try verifier.endSession(session.token, now: start) == .invalid)
  }

  @Test func `knows only tokens that were given out`() throws {
    let installation = try Installation()
    let request = try request()
    let ticket = try installation.store().sent(request)
    let verifier = try installation.verifier()
    let session = try #require(
      verifier.verify(ticket.code, challenge: request.id.rawValue, now: start).session)
    let token = session.token.reveal()
    #expect(token.utf8.count == 54)
    let swapped = token.prefix(30) + (token.contains("Q") ? "A" : "Q") + token.dropFirst(31)
    for text in ["", "x", String(swapped), token + "A", token + " ", String(token.reversed()), "' OR 1=1 --"]
    where text != token {
      #expect(try verifier.session(SessionToken(text), now: start) == .invalid)
    }
  }
}
