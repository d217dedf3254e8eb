package import CodeRequests
package import PasscodeVerifier
package import Records

extension Service {
  /// Which challenge a typed code is to answer.
  package enum Answered: Sendable {
    case challenge(ChallengeID, expecting: Expectations = Expectations())
    /// The newest ones of the subject, for who kept no id.
    case subject(EmailAddress, tenant: String?, purpose: Purpose)
  }

  /// Opens what checking needs before anybody is asked for a code.
  ///
  /// - Throws: a `RecordError` of code `byAddressOff` where an address alone is not enough, and a `RequestFault` where nobody knows the tenant. That is a slip of the caller's; the check itself would only
  ///   say that it is not allowed.
  package func prepareToVerify(_ answered: Answered) throws {
    let verifier = try verifier()
    guard case .subject(_, let tenant, _) = answered else { return }
    try verifier.checkByAddress()
    _ = try verifier.policy.tenant(tenant)
  }

  /// Checks what somebody typed. An attempt is counted before anything is compared.
  package func verify(_ code: TypedCode, _ answered: Answered) throws -> Verification {
    let verifier = try verifier()
    switch answered {
    case .challenge(let id, let expected):
      return try verifier.verify(code, challenge: id, expecting: expected, now: now())
    case .subject(let address, let tenant, let purpose):
      return try verifier.verify(
        code, recipient: address, tenant: tenant, purpose: purpose, now: now())
    }
  }

  package func session(_ token: SessionToken) throws -> SessionCheck {
    try verifier().session(token, now: now())
  }

  /// Ends a session now.
  ///
  /// - Returns: the session as it was; `invalid` where there was none.
  package func endSession(_ token: SessionToken) throws -> SessionCheck {
    try verifier().endSession(token, now: now())
  }
}
