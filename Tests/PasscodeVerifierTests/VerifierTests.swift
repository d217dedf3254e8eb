import CodeRequests
import Foundation
import PasscodeVerifier
import RecordKeys
import Testing

@Suite struct VerifierTests {
  @Test func `verifies a code once`() throws {
    let installation = try Installation()
    let store = try installation.store()
    let verifier = try installation.verifier()
    let request = try request()
    let ticket = try store.sent(request)
    let id = request.id.rawValue
    #expect(try verifier.verify(ticket.wrong, challenge: id, now: start) == .incorrect(attemptsLeft: 4))
    let answer = try verifier.verify(ticket.code, challenge: id, now: start)
    let session = try #require(answer.session)
    #expect(session.expiresAt == start.addingTimeInterval(86400))
    #expect(try verifier.verify(ticket.code, challenge: id, now: start) == .used)
    #expect(try store.status(of: request.id)?.state == "sent")
  }
}
