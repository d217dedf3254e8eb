internal import RecordKeys

// Between the transactions: the code is compared with each passcode that it may be.

extension VerificationRules {
  /// What the comparison came to.
  struct Comparison {
    /// The challenge whose code it is; nil: of none that it may be.
    var matched: Challenge?
    /// Who that was mailed to, where that is known; else something as long, which is thrown away.
    var recipient: String?
    /// By subject with nothing open: the dead code that it is.
    var answer: Verification?
  }

  func compare(_ attempt: VerificationDesk.Attempt, _ finding: Finding) throws(RecordError) -> Comparison {
    var comparison = Comparison()
    let matched = try match(attempt, finding)
    switch finding.standing {
    // Stands, whatever it matched: that may have been a neighbour's.
    case .answered: break
    case .counted: comparison.matched = matched
    case .closed: comparison.answer = matched.map { $0.usedAt != nil ? .used : .expired }
    }
    comparison.recipient = try recipient(of: matched ?? finding.candidates.first?.challenge, comparison)
    return comparison
  }

  /// Opens an address, whatever the code was.
  private func recipient(
    of challenge: Challenge?, _ comparison: Comparison
  ) throws(RecordError) -> String? {
    guard let challenge, let sealed = challenge.sealedRecipient else {
      if comparison.matched != nil { return nil }
      return try? Self.noSeal.open(Self.noRecipient, keyring)
    }
    do throws(KeyFault) { return try challenge.seal.open(sealed, keyring) } catch {
      // To say nothing of whose code it was would leave that to who typed it.
      if comparison.matched != nil { throw RecordError(error) }
      return nil
    }
  }

  /// Compares with each passcode, wherever they match, and with as many as the question asks for.
  ///
  /// - Returns: the challenge whose passcode it is.
  private func match(_ attempt: VerificationDesk.Attempt, _ finding: Finding) throws(RecordError)
    -> Challenge?
  {
    let (isCounted, isAnswered) =
      switch finding.standing {
      case .answered: (false, true)
      case .counted: (true, false)
      case .closed: (false, false)
      }
    let typed = attempt.code.bytes ?? [0]
    var matched: Challenge?
    var compared = 0
    for candidate in finding.candidates {
      let challenge = candidate.challenge
      let purpose = Array(challenge.purpose.utf8)
      for record in candidate.passcodes where !isCounted || isLive(record, at: attempt.now) {
        let key: Key
        do throws(KeyFault) { key = try keyring.key(version: record.keyVersion) } catch {
          // A dead code may have outlived its key; a live one may not, and saying "incorrect" would hide the loss.
          if isAnswered || !isLive(record, at: attempt.now) { continue }
          throw RecordError(error)
        }
        let mac = passcodeMAC(key, purpose: purpose, challenge: challenge.id, salt: record.salt, code: typed)
        // Of a code that is only mailed there is no hash, and nothing is equal to it.
        if constantTimeEqual(mac, record.mac), attempt.code.bytes != nil { matched = matched ?? challenge }
        compared += 1
      }
    }
    let least = leastPasscodes(attempt.question)
    if compared < least {
      let key = keyring.current
      for _ in compared..<least {
        let mac = passcodeMAC(
          key, purpose: Self.noPurpose, challenge: Self.nothing, salt: Self.noSalt, code: typed)
        _ = constantTimeEqual(mac, Self.nothing)
      }
    }
    #if DEBUG
      Comparisons.count(max(compared, least))
    #endif
    return matched
  }

  /// How many passcodes are compared with at least, whether they are there or not. By address, as many as there are where
  /// nobody resends more than is good at the same time. By id as many as the challenge has, or the neighbour that stands in
  /// for one: the answer says which.
  private func leastPasscodes(_ question: AttemptQuestion) -> Int {
    switch question {
    case .id: 1
    case .subject: max(1, passcode.perChallenge) * AttemptQuestion.challenges
    }
  }

  // What stands in for a passcode or an address that is not there, as long as one that is.
  private static let nothing = [UInt8](repeating: 0, count: 32)
  private static let noSalt = [UInt8](repeating: 0, count: 16)
  private static let noPurpose = Array("sign-in".utf8)
  static let noSeal = RowSeal(row: nothing, tenant: nil, purpose: "sign-in")
  private static let noRecipient = [0, 0, 0, 1] + [UInt8](repeating: 0, count: RowSeal.saltSize + 40)
}
