import Foundation
import PasscodeVerifier
import Records
import TestSupport

/// A promise that the evidence shows broken.
struct Breach: CustomStringConvertible, Sendable {
  enum Promise: String, Sendable, CaseIterable {
    case nothingLost, oneOutcome, rightOutcome, fewCopies, oneMessageID, everyCodeWorks, firstUseClosesAll
    case nothingLate, noPlaintext, nothingLeft
  }

  let promise: Promise
  let what: String
  var description: String { "\(promise): \(what)" }
}

/// Judges a run by files and records alone; only codes are tried with the verifier, on copies.
struct EvidenceChecker {
  let evidence: Evidence
  /// For copies that codes are tried on.
  let scratch: String
  private var breaches: [Breach] = []

  static func check(_ evidence: Evidence, scratch: String) throws -> [Breach] {
    var checker = EvidenceChecker(evidence: evidence, scratch: scratch)
    try checker.check()
    return checker.breaches
  }

  private init(evidence: Evidence, scratch: String) {
    self.evidence = evidence
    self.scratch = scratch
  }

  private mutating func say(_ promise: Breach.Promise, _ what: String) {
    breaches.append(Breach(promise: promise, what: what))
  }

  private mutating func check() throws {
    let inFlight = flights()
    var mails = Dictionary(grouping: evidence.mails, by: \.recipient)
    let groups = Dictionary(grouping: evidence.requests, by: \.recipient)
    for (recipient, requests) in groups.sorted(by: { $0.key < $1.key }) {
      let received = mails.removeValue(forKey: recipient) ?? []
      var allowed = 0
      for request in requests {
        let flights = inFlight[RecordsFile.digest(of: request.id)] ?? 0
        allowed += flights
        if checkOutcome(of: request, mails: received.count, flights: flights) { allowed += 1 }
        // Once, and once more after the silence.
        if request.isSilent { allowed += 2 }
        if let deadline = request.deadline, requests.count == 1 {
          for mail in received where mail.begunAt > deadline.addingTimeInterval(Self.clockTolerance) {
            say(.nothingLate, "\(recipient): begun at \(mail.begunAt), the deadline was \(deadline)")
          }
        }
      }
      if received.count > allowed {
        say(.fewCopies, "\(recipient): \(received.count) mails, \(allowed) can be explained")
      }
      let messageIDs = Set(received.map(\.messageID))
      if messageIDs.count > requests.count {
        say(.oneMessageID, "\(recipient): \(messageIDs.count) Message-IDs of \(requests.count) requests")
      }
    }
    for recipient in mails.keys { say(.fewCopies, "\(recipient): nobody asked for this mail") }
    let messageIDs = Dictionary(grouping: evidence.mails, by: \.messageID)
    for (id, mails) in messageIDs where Set(mails.map(\.recipient)).count > 1 {
      say(.oneMessageID, "\(id) stands in mails to different people")
    }
    try checkCodesAfterKills(groups)
    try checkCodesAtEnd(groups)
    checkLeftovers()
    try checkBytes()
  }

  /// The deadline is looked at right before the message goes out; a busy machine may stop the worker in between.
  private static let clockTolerance = 0.25

  /// How often each request was with the relay when a worker was killed: its row says so, and names that worker. A row
  /// that still names an earlier one was not taken up again.
  private func flights() -> [String: Int] {
    var runs: [String: Set<String>] = [:]
    for snapshot in evidence.kills {
      for row in snapshot.rows where row.state == "sending" { runs[row.id, default: []].insert(row.run) }
    }
    return runs.mapValues(\.count)
  }

  /// - Returns: whether its outcome is one that a mail belongs to.
  private mutating func checkOutcome(of request: EnqueuedRequest, mails: Int, flights: Int) -> Bool {
    let name = "\(request.recipient) (\(request.id.prefix(8)))"
    let digest = RecordsFile.digest(of: request.id)
    let rows = evidence.end.rows.filter { $0.id == digest }
    guard let row = rows.first else {
      say(.nothingLost, "\(name): the records do not know it")
      return false
    }
    if rows.count > 1 { say(.oneOutcome, "\(name): has \(rows.count) rows") }
    if ["queued", "deferred", "sending"].contains(row.state) {
      say(.nothingLost, "\(name): is still \(row.state)")
      return false
    }
    if let count = evidence.end.outcomesInAudit[digest], count != 1 {
      say(.oneOutcome, "\(name): the audit trail tells \(count) outcomes")
    }
    switch row.state {
    case "sent":
      if !request.isSentPossible { say(.rightOutcome, "\(name): sent, which cannot be") }
      if mails == 0 { say(.nothingLost, "\(name): sent, and no mail of it is there") }
      return true
    case "failed" where row.reason.contains("died three times"):
      if flights < 3 { say(.rightOutcome, "\(name): failed, but was in flight at \(flights) kills only") }
    case let state where request.alternatives.contains(state): break
    default: say(.rightOutcome, "\(name): \(row.state) (\(row.reason))")
    }
    return false
  }

  // MARK: Codes

  /// Whoever got a mail can sign in at once, whatever became of the worker.
  private mutating func checkCodesAfterKills(_ groups: [String: [EnqueuedRequest]]) throws {
    var seen = 0
    for snapshot in evidence.kills where snapshot.mailCount > seen {
      let fresh = evidence.mails[seen..<min(snapshot.mailCount, evidence.mails.count)]
      seen = snapshot.mailCount
      // The last one of each: the first use closes the others.
      let last = Dictionary(fresh.map { ($0.recipient, $0) }) { $1 }
      let verifier = try verifier(on: snapshot)
      for mail in last.values { try expectVerified(mail, groups, verifier, "right after a kill") }
    }
  }

  private mutating func checkCodesAtEnd(_ groups: [String: [EnqueuedRequest]]) throws {
    let byRecipient = Dictionary(grouping: evidence.mails, by: \.recipient)
    let shared = try verifier(on: evidence.end)
    for (recipient, mails) in byRecipient.sorted(by: { $0.key < $1.key }) {
      guard let requests = groups[recipient] else { continue }
      let isOneChallenge = requests.count { !$0.isResend } == 1
      var newest: [String: StoredMail] = [:]
      for mail in mails { newest[mail.code] = mail }
      let distinct = newest.values.sorted { $0.number < $1.number }
      for mail in distinct {
        let verifier = distinct.count == 1 ? shared : try verifier(on: evidence.end)
        try expectVerified(mail, groups, verifier, "at the end")
        guard isOneChallenge else { continue }
        for other in distinct where other.number != mail.number {
          let answer = try verifier.verify(TypedCode(other.code), challenge: ChallengeID(requests[0].id))
          if answer != .used {
            say(.firstUseClosesAll, "\(recipient): a second code is \(answer.name) after the first was used")
          }
        }
      }
    }
  }

  private mutating func expectVerified(
    _ mail: StoredMail, _ groups: [String: [EnqueuedRequest]], _ verifier: Verifier, _ moment: String
  ) throws {
    var answers: [String] = []
    for request in groups[mail.recipient] ?? [] {
      let answer = try verifier.verify(TypedCode(mail.code), challenge: ChallengeID(request.id))
      if case .verified = answer { return }
      answers.append(answer.name)
    }
    say(
      .everyCodeWorks,
      """
      \(mail.recipient): the code of mail \(mail.number) is \(answers) \(moment)
      \(try history(of: mail.recipient, groups[mail.recipient] ?? []).joined(separator: "\n"))
      """)
  }

  /// What the records said of a recipient's requests after each kill, for whoever has to understand a breach.
  private func history(of recipient: String, _ requests: [EnqueuedRequest]) throws -> [String] {
    var lines = evidence.mails.filter { $0.recipient == recipient }.map { "mail \($0.number)" }
    for (index, snapshot) in (evidence.kills + [evidence.end]).enumerated() {
      let path = "\(snapshot.directory)/records.sqlite"
      guard FileManager.default.fileExists(atPath: path) else { continue }
      let file = try RecordsFile(path)
      for request in requests {
        let isRequest = "request.id = x'\(RecordsFile.digest(of: request.id))'"
        lines += try file.rows(
          """
          SELECT state, run, sends, crashes, group_concat(number || CASE mayHaveArrived WHEN 1 THEN '!' ELSE '' END)
          FROM request LEFT JOIN passcode USING (challenge) WHERE \(isRequest) GROUP BY request.row
          """
        ).map { "after kill \(index + 1): state, run, sends, crashes, passcodes: \($0)" }
        guard index == evidence.kills.count else { continue }
        lines += try file.rows(
          "SELECT at, event, result, audit.detail FROM audit JOIN request USING (idKey) WHERE \(isRequest) ORDER BY at"
        ).map { "\($0)" }
      }
    }
    return lines
  }

  private mutating func verifier(on snapshot: Snapshot) throws -> Verifier {
    let copy = "\(scratch)/tried-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
    for name in try FileManager.default.contentsOfDirectory(atPath: snapshot.directory) where name != "spool"
    {
      try FileManager.default.copyItem(atPath: "\(snapshot.directory)/\(name)", toPath: "\(copy)/\(name)")
    }
    return try Verifier(state: copy)
  }

  // MARK: What lies there

  private mutating func checkLeftovers() {
    let spool = evidence.end.spool
    for folder in ["new", "deferred"] {
      for name in spool[folder] ?? [] { say(.nothingLost, "\(folder)/\(name) still waits") }
    }
    for name in spool["tmp"] ?? [] where name.hasPrefix("done.") { say(.nothingLeft, "tmp/\(name)") }
    for folder in ["failed", "rejected"] {
      let names = Set(spool[folder] ?? [])
      for name in names where !name.hasSuffix(".reason") && !names.contains(name + ".reason") {
        say(.nothingLeft, "\(folder)/\(name) lies there without its reason")
      }
    }
    let failed = evidence.end.rows.filter { $0.state == "failed" }.map(\.id)
    let kept = Set(
      (spool["failed"] ?? []).compactMap { name in
        name.split(separator: ".").dropFirst().first.map { RecordsFile.digest(of: String($0)) }
      })
    for id in failed where !kept.contains(id) {
      say(.nothingLost, "a failed request is not in failed/: \(id.prefix(12))")
    }
  }

  /// No code, and outside of the spool no id and no address, in any byte that was ever on the disk or in a log.
  private mutating func checkBytes() throws {
    let codes = Set(evidence.mails.map(\.code) + evidence.requests.compactMap(\.code))
    let secrets = evidence.requests.flatMap { [$0.id, $0.recipient] }.map { Array($0.utf8) }
    for snapshot in evidence.kills + [evidence.end] {
      for case let name as String in FileManager.default.enumerator(atPath: snapshot.directory) ?? .init() {
        guard !name.hasPrefix("keys/"),
          let bytes = FileManager.default.contents(atPath: "\(snapshot.directory)/\(name)")
        else { continue }
        check([UInt8](bytes), codes, name.hasPrefix("spool/") ? [] : secrets, name)
      }
    }
    for log in evidence.logs { check(log, codes, secrets, "a log") }
  }

  private mutating func check(_ bytes: [UInt8], _ codes: Set<String>, _ secrets: [[UInt8]], _ name: String) {
    for code in codes where Self.holds(bytes, Array(code.utf8), apartFromDigits: true) {
      say(.noPlaintext, "a code stands in \(name)")
    }
    for secret in secrets where Self.holds(bytes, secret) {
      say(.noPlaintext, "\(String(decoding: secret, as: UTF8.self)) stands in \(name)")
    }
  }

  /// - Parameter apartFromDigits: with a digit before or behind it is part of a time or a count.
  private static func holds(_ bytes: [UInt8], _ wanted: [UInt8], apartFromDigits: Bool = false) -> Bool {
    bytes.withUnsafeBytes { all in
      wanted.withUnsafeBytes { wanted in
        var start = 0
        while all.count - start >= wanted.count,
          let found = memchr(
            all.baseAddress! + start, Int32(wanted[0]), all.count - start - wanted.count + 1)
        {
          let index = all.baseAddress!.distance(to: UnsafeRawPointer(found))
          start = index + 1
          guard memcmp(found, wanted.baseAddress!, wanted.count) == 0 else { continue }
          let around = [index - 1, index + wanted.count].filter { $0 >= 0 && $0 < all.count }
          if !apartFromDigits || !around.contains(where: { (0x30...0x39).contains(all[$0]) }) { return true }
        }
        return false
      }
    }
  }
}
