import CodeRequests
import Foundation
import MemoryRecords
import PasscodeVerifier
import Records
import RecordsFixture
import Testing

/// What is answered about an address that has a code, about one that never had, and about one that was refused one must
/// not differ, whatever is configured.
@Suite struct SameAnswersTests {
  private let keys: KeyFolder

  init() throws { keys = try KeyFolder() }

  /// What a worker and a verifier of this configuration open. That engines answer alike is another test's.
  private func opened(
    _ settings: PasscodeSettings, byAddress: Bool = false
  ) -> (store: RecordStore, verifier: Verifier) {
    let engine = MemoryEngine()
    return (
      RecordStore(
        engine: engine, keyring: keys.keyring, rules: RecordRules(settings: settings, limits: .none)),
      Verifier(
        engine: engine, keyring: keys.keyring,
        settings: VerificationSettings(byAddress: byAddress, passcode: settings))
    )
  }

  private static let variants: [PasscodeSettings] = (1...10).flatMap { attempts in
    [(6, 1800, false), (8, 600, false), (6, 60, true)].map { length, validity, isFixed in
      var settings = PasscodeSettings(
        length: length, validity: .seconds(validity), attempts: attempts,
        perChallenge: 1 + attempts % 4)
      settings.isLengthFixed = isFixed
      return settings
    }
  }

  /// The moments at which a wrong code is typed: until locked and beyond, and again when all of it has expired.
  private static func moments(_ settings: PasscodeSettings) -> [Double] {
    let tries = Double(settings.attempts)
    let validity = Double(settings.validity.components.seconds)
    return stride(from: 0, to: tries + 2, by: 1).map { $0 }
      + stride(from: validity - 1, to: validity + tries + 4, by: 1)
  }

  @Test(arguments: variants)
  func `known and unknown addresses run alike, with any settings`(settings: PasscodeSettings) throws {
    let (store, verifier) = opened(settings, byAddress: true)
    let (known, refused) = (try request(), try request(to: "bo@example.org"))
    let ticket = try store.sent(known)
    let policy = AdmissionRequest(refused, at: start) { _ in
      .refused(method: "google", url: nil, rule: "federatedDomains")
    }
    #expect(try store.admit(policy, now: start).settled.outcome == .refused)

    // By address: all fields of an answer, which are its kind and how many attempts are left.
    var answers: [[Verification]] = [[], [], []]
    for moment in Self.moments(settings) {
      for (index, address) in ["anna@example.org", "bo@example.org", "nobody@example.org"].enumerated() {
        answers[index].append(
          try verifier.verify(
            ticket.wrong, recipient: try EmailAddress(address), now: start + moment))
      }
    }
    #expect(answers[0] == answers[1] && answers[0] == answers[2])
    let expected =
      (0..<settings.attempts).map { Verification.incorrect(attemptsLeft: settings.attempts - 1 - $0) }
      + [.locked, .locked]
    #expect(Array(answers[0].prefix(settings.attempts + 2)) == expected)
    #expect(answers[0].dropFirst(settings.attempts + 2).contains { $0 != .locked }, "it opens again")
  }

  @Test(arguments: variants)
  func `by id, sent and refused requests run alike, with any settings`(settings: PasscodeSettings) throws {
    let (store, verifier) = opened(settings)
    let (known, refused) = (try request(), try request(to: "bo@example.org"))
    let ticket = try store.sent(known)
    _ = try store.admit(
      AdmissionRequest(refused, at: start) { _ in
        .refused(method: "google", url: nil, rule: "federatedDomains")
      }, now: start)
    for moment in Self.moments(settings) {
      let answers = try [known, refused].map {
        try verifier.verify(ticket.wrong, challenge: $0.id.rawValue, now: start + moment)
      }
      #expect(answers[0] == answers[1])
      let unknown = try verifier.verify(
        ticket.wrong, challenge: RequestID.random().rawValue, now: start + moment)
      #expect(unknown == .unknown)
    }
  }
}
