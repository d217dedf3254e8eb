package import CodeRequests
package import Foundation
package import GuestPolicy
package import PasscodeVerifier
package import RecordKeys
package import Records
internal import RecordFilling
internal import SQLiteRecords
package import TestSupport

/// A state directory of its own, with what a worker and a verifier open in it.
package struct Installation: ~Copyable {
  package let directory: TemporaryDirectory
  package let keyring: Keyring
  package var path: String { directory.path }
  package var database: String { "\(directory.path)/records.sqlite" }

  package init() throws {
    // A value of its own is whole before anything after it can throw.
    let directory = try TemporaryDirectory()
    let keyring = try Keyring(directory: "\(directory.path)/keys")
    self.directory = directory
    self.keyring = keyring
  }

  package func store(
    settings: PasscodeSettings = PasscodeSettings(), limits: LimitSettings = .none,
    broughtCodes: BroughtCodes = .verify, busyTimeout: Duration = .seconds(5)
  ) throws -> RecordStore {
    try RecordStore(
      path: database, keyring: keyring, settings: settings, limits: limits, broughtCodes: broughtCodes,
      busyTimeout: busyTimeout)
  }

  package func verifier(
    settings: VerificationSettings = VerificationSettings(byAddress: true)
  ) throws -> Verifier {
    try Verifier(state: path, settings: settings)
  }

  /// Those of `codes` that sign somebody in, each tried on a copy of its own, since the first use closes the others.
  package func codesThatWork(_ codes: [String], of request: CodeRequest, now: Date = start + 10) throws
    -> [String]
  {
    try codes.filter { code in
      let copy = try TemporaryDirectory()
      for name in try FileManager.default.contentsOfDirectory(atPath: path) {
        try FileManager.default.copyItem(atPath: "\(path)/\(name)", toPath: "\(copy.path)/\(name)")
      }
      return try Verifier(state: copy.path).verify(code, challenge: request.id.rawValue, now: now).session
        != nil
    }
  }

  /// Adds live challenges of so many others.
  package func fill(_ count: Int) throws {
    try RecordFiller(path: database).fill(
      count,
      RecordFiller.Challenge(
        attempts: PasscodeSettings().attempts, keyVersion: keyring.current.version, madeAt: start,
        expiresAt: start + 1800, purgeAfter: start + 1800 + 24 * 3600))
  }
}

extension LimitSettings {
  /// No send limits at all.
  package static let none = LimitSettings(
    perSubject: [], perMailbox: [], perClient: [], perDevice: [])
}

extension Verifier {
  /// Tests write codes and ids as literals; a frontend names what each text is.
  package func verify(
    _ typed: String, challenge id: String, expecting expected: Expectations = Expectations(), now: Date
  ) throws(RecordError) -> Verification {
    try verify(TypedCode(typed), challenge: ChallengeID(id), expecting: expected, now: now)
  }

  package func verify(
    _ typed: String, recipient: EmailAddress, tenant: String? = nil, purpose: Purpose = .signIn, now: Date
  ) throws(RecordError) -> Verification {
    try verify(TypedCode(typed), recipient: recipient, tenant: tenant, purpose: purpose, now: now)
  }
}

extension Verifier {
  /// What callers who come at the same time are answered.
  package func answers(to attempts: [VerificationDesk.Attempt]) throws -> [Result<Verification, RecordError>]
  {
    try makeDurable(try answer(attempts))
  }
}

extension SignInPolicy {
  /// A policy whose file says this.
  package convenience init(file text: String) throws {
    let bytes = Array(text.utf8)
    self.init(
      try TenantDirectoryReloader(
        path: "tenants.json5",
        access: TenantDirectoryReloader.Access(
          stamp: { _ in nil }, bytes: { _ throws(TenantFaults) in bytes })))
  }

  /// A policy of tenants that have passcodes on.
  package convenience init(tenants: String...) throws {
    try self.init(
      file: "{ tenants: [\(tenants.map { "{ id: '\($0)', name: '\($0)' }" }.joined(separator: ", "))] }")
  }
}

/// The moment that tests begin at.
package let start = Date(timeIntervalSince1970: 1_795_000_000)

package func request(
  _ id: RequestID = .random(), to recipient: String = "anna@example.org", challenge: RequestID? = nil,
  code: String? = nil, purpose: String = "sign-in", ip: String? = nil, device: DeviceToken? = nil
) throws -> CodeRequest {
  CodeRequest(
    id: id, recipient: try EmailAddress(recipient), purpose: try Purpose(purpose), challenge: challenge,
    code: try code.map { try Passcode($0) }, client: ip.map { CodeRequest.Client(ip: $0) },
    device: device)
}

extension AdmissionRequest {
  package convenience init(
    _ request: CodeRequest, at date: Date, deadline: Date? = nil, tenant: String? = nil,
    reuse: Passcode? = nil,
    isAlone: Bool = false, decide: @escaping @Sendable (Redemption) -> Decision = { _ in .allowed }
  ) {
    self.init(
      request: request, queuedAt: date, deadline: deadline ?? date.addingTimeInterval(600), tenant: tenant,
      reuse: reuse, isAlone: isAlone, decide: decide)
  }
}

extension RecordStore {
  /// Admits one request.
  package func admit(_ request: AdmissionRequest, now: Date) throws -> Admission {
    try commit(settlements: [], admissions: [request], now: now)[0]
  }

  /// Admits one request that must be sent.
  package func ticket(_ request: CodeRequest, at date: Date = start, tenant: String? = nil) throws -> Ticket {
    try admit(AdmissionRequest(request, at: date, tenant: tenant), now: date).ticket
  }

  package func settle(_ ticket: Ticket, _ result: Settlement.Result, at date: Date = start) throws {
    _ = try commit(
      settlements: [Settlement(requestKey: ticket.requestKey, result: result, at: date)], admissions: [],
      now: date)
  }

  /// A challenge that was sent, ready to be answered.
  package func sent(_ request: CodeRequest, at date: Date = start, tenant: String? = nil) throws -> Ticket {
    let ticket = try ticket(request, at: date, tenant: tenant)
    try settle(ticket, .sent, at: date)
    return ticket
  }
}

package struct NotSent: Error { let admission: Admission }
package struct NotSettled: Error { let admission: Admission }

extension Admission {
  package var ticket: Ticket {
    get throws {
      guard case .send(let ticket) = self else { throw NotSent(admission: self) }
      return ticket
    }
  }

  package var settled: SettledRequest {
    get throws {
      guard case .settled(let settled) = self else { throw NotSettled(admission: self) }
      return settled
    }
  }
}

extension Ticket {
  /// When its passcode ends.
  package var end: Date { madeAt + Double(validity.components.seconds) }
  package var code: String { passcode.reveal() }
  /// A code of the same length that is wrong.
  package var wrong: String {
    String(code.map { $0 == "9" ? "0" : Character(String($0.wholeNumberValue! + 1)) })
  }
}

extension Verification {
  package var guest: VerifiedGuest? { if case .verified(let guest) = self { guest } else { nil } }
  package var session: Session? { guest?.session }
}
