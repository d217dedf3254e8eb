internal import RecordKeys

// Between the transactions: the code is compared with each passcode that it may be.

extension VerificationRules {
  /// What the comparison came to.
  struct Comparison {
    var isRight = false
    /// By subject with nothing open: the dead code that it is.
    var answer: Verification?
  }

  func compare(_ attempt: VerificationDesk.Attempt, _ finding: Finding) throws(RecordError) -> Comparison {
    var comparison = Comparison()
    let matched = try match(attempt, finding)
    switch finding.standing {
    // Stands, whatever it matched: that may have been a neighbour's.
    case .answered: break
    case .counted: comparison.isRight = matched != nil
    case .closed: comparison.answer = matched.map { $0.usedAt != nil ? .used : .expired }
    }
    return comparison
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
        if constantTimeEqual(mac, record.mac), attempt.code.bytes != nil { matched = matched ?? challenge }
        compared += 1
      }
    }
    let least = attempt.question.leastPasscodes
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

  // What stands in for a passcode that is not there, as long as one that is.
  private static let nothing = [UInt8](repeating: 0, count: 32)
  private static let noSalt = [UInt8](repeating: 0, count: 16)
  private static let noPurpose = Array("sign-in".utf8)
}
