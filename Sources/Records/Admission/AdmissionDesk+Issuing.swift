internal import CodeRequests
internal import LinuxSystem
internal import RecordKeys

// Passcodes of one challenge.
extension AdmissionDesk {
  struct Issued {
    let passcode: Passcode
    let record: PasscodeRecord
    /// The row was there: another request has mailed it, or is about to.
    var isReused = false
  }

  /// Finds or makes a passcode.
  ///
  /// A code of the frontend's or of an earlier attempt that stands in the challenge and is still good keeps its row and its
  /// end: sending a code again does not make it live longer.
  ///
  /// - Parameters:
  ///   - id: the hash of the challenge's id.
  ///   - live: the challenge's rows as they are.
  ///   - isLongerDue: a new code is a longer one.
  mutating func issue(
    for request: Int64, _ item: AdmissionCase, challenge: Int64, id: [UInt8], live: [PasscodeRecord],
    _ isLongerDue: Bool
  ) -> Issued {
    let offered = item.admission.request.code ?? item.admission.reuse
    if isMailOnly(item), let own = live.last(where: { $0.request == request && $0.mac.isEmpty }),
      let offered, own.isLive(at: now, bootTime: circumstances.bootTime)
    {
      return Issued(passcode: offered, record: own, isReused: true)
    }
    let purpose = Array(item.admission.request.purpose.rawValue.utf8)
    if let offered {
      var code = offered.withDigits { Array($0) }
      defer { overwrite(&code) }
      for record in live where record.isLive(at: now, bootTime: circumstances.bootTime) {
        guard let key = try? circumstances.keyring.key(version: record.keyVersion) else { continue }
        let mac = passcodeMAC(key, purpose: purpose, challenge: id, salt: record.salt, code: code)
        if constantTimeEqual(mac, record.mac) {
          return Issued(passcode: offered, record: record, isReused: true)
        }
      }
    }
    for record in crowdedOut(of: live, by: request) {
      remove(PasscodePlace(challenge: challenge, number: record.number))
    }
    let passcode =
      offered
      ?? Passcode.random(
        length: isLongerDue ? rules.settings.longerLength : rules.settings.length, using: &random)
    // What is known of a code that is only mailed is that it was: its row says when, and whether it may have arrived.
    var (salt, mac): ([UInt8], [UInt8]) = ([], [])
    if !isMailOnly(item) {
      salt = random.next(16)
      var code = passcode.withDigits { Array($0) }
      defer { overwrite(&code) }
      mac = passcodeMAC(circumstances.key, purpose: purpose, challenge: id, salt: salt, code: code)
    }
    let record = PasscodeRecord(
      number: (live.last?.number ?? 0) + 1, request: request, madeAt: now,
      expiresAt: now + rules.settings.validity.milliseconds, keyVersion: circumstances.key.version,
      salt: salt,
      mac: mac, arrival: item.mayHaveArrived ? .ofEarlier : .no, bootTime: circumstances.bootTime)
    add(record, to: challenge)
    return Issued(passcode: passcode, record: record)
  }

  /// Whether its code is its frontend's, and nothing here takes that for a proof: else whoever may enqueue could sign in as
  /// anybody.
  func isMailOnly(_ item: AdmissionCase) -> Bool {
    item.admission.request.code != nil && rules.broughtCodes == .mail
  }

  /// Whether a code of this subject is to be a longer one. Notes which of its earlier codes nobody has used.
  mutating func isLongerDue(_ item: AdmissionCase) -> Bool {
    guard rules.settings.mayDiffer else { return false }
    let scope = UnusedCodes.scope(item.subject)
    // As for most.
    if tallies[scope].buckets.isEmpty, facts.mailboxes[item.mailboxPlace].isEmpty {
      return circumstances.isFlooded
    }
    var unused = UnusedCodes(tallies[scope])
    let earlier = facts.mailboxes[item.mailboxPlace].filter {
      $0.subject == item.subject.hash && $0.row != item.known?.row
    }
    if unused.note(earlier, now: now) {
      tallies.set(unused.tally, at: scope, length: LongerCodes.window.milliseconds)
    }
    return unused.isLongerDue || circumstances.isFlooded
  }

  /// As many passcodes of one request as silence and three crashes can leave, each of which may be in the mailbox. Only a
  /// request that is tried again by hand comes to more.
  private static let mostOfRequest = 5

  /// What makes room for a further passcode: those of all but the newest requests of the challenge, and the oldest of a
  /// request that has very many. The newest are kept even where they have expired, so that a code that is typed late is
  /// told from a wrong one.
  private func crowdedOut(of live: [PasscodeRecord], by request: Int64) -> [PasscodeRecord] {
    guard !live.isEmpty else { return [] }
    let own = live.filter { $0.request == request }
    var others: [Int64] = []
    for record in live.reversed() where record.request != request && !others.contains(record.request) {
      others.append(record.request)
    }
    let kept = others.prefix(rules.settings.perChallenge - 1)
    return live.filter { $0.request != request && !kept.contains($0.request) }
      + own.dropLast(Self.mostOfRequest - 1)
  }
}
