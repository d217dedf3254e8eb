import Foundation
import PasscodeVerifier
import Records
import SQLiteRecords
import RecordsFixture
import TestSupport
import Testing

/// What the README shows to a frontend in Swift, compiled as it stands there.
@Suite(.waits) struct ReadmeExampleTests {
  private final class Frontend {
    func signIn(_ address: EmailAddress?, by session: Session?) {}
    func ask(again attemptsLeft: Int) {}
    func offerNewCode() {}

    func check(_ typed: String, _ id: String, _ address: EmailAddress) throws {
      // README begin
      let verifier = try Verifier(state: "/var/lib/passcode")
      let expected = Expectations(recipient: address, purpose: .signIn)  // who was to sign in
      switch try verifier.verify(TypedCode(typed), challenge: ChallengeID(id), expecting: expected) {
      case .verified(let guest): signIn(guest.recipient, by: guest.session)
      case .incorrect(let attemptsLeft): ask(again: attemptsLeft)
      case .expired, .used, .locked, .unknown, .refused: offerNewCode()
      }
      // README end
    }
  }

  @Test func `the README's example is the one that is compiled here, in under ten lines`() throws {
    let source = try String(contentsOfFile: #filePath, encoding: .utf8)
    let lines = source.components(separatedBy: "// README begin\n")[1].components(
      separatedBy: "// README end")[0]
      .split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let readme = try String(contentsOf: repository.appendingPathComponent("README.md"), encoding: .utf8)
    #expect(lines.count < 10)
    #expect(readme.contains(lines.joined(separator: "\n")))
  }
}
