internal import CodeRequests
internal import FoundationEssentials
internal import RecordKeys

// A token is 8 bytes that lead to the challenge it came from and 32 random ones, so its plain SHA-256 tells nothing, and
// no key can be lost that it would need. It stands in the challenge's own row: one challenge begins one session.

/// The bytes of a token and their hash, made before it is known whether a session begins.
struct SessionSecret {
  private let bytes: [UInt8]
  let hash: [UInt8]

  /// - Parameter random: 32 bytes.
  init(idKey: Int64, random: ArraySlice<UInt8>) {
    bytes = [UInt8](unsafeUninitializedCapacity: 8 + random.count) { output, count in
      for index in 0..<8 {
        output.initializeElement(at: index, to: UInt8(truncatingIfNeeded: idKey >> Int64(56 - 8 * index)))
      }
      count = output.suffix(from: 8).initialize(fromContentsOf: random)
    }
    hash = Digest.sha256(bytes)
  }

  var token: SessionToken { SessionToken(Base64URL.encode(bytes)) }
}

extension SQLiteConnection {
  /// Marks a challenge as used and begins its session, inside the caller's transaction; nil where it was used already.
  func use(
    _ challenge: Challenge, _ secret: SessionSecret, now: Int64, lifetime: Duration, bootTime: Int64?
  ) throws(RecordError) -> Session? {
    let end = now + lifetime.milliseconds
    let statement = try statement(.useChallenge)
    statement.bind(1, challenge.row)
    statement.bind(2, now)
    statement.bind(3, secret.hash)
    statement.bind(4, end)
    statement.bind(5, bootTime)
    try statement.run()
    guard changes == 1 else { return nil }
    return Session(token: secret.token, expiresAt: Date(unixMilliseconds: end))
  }

  private func find(
    _ token: SessionToken, now: Date, bootTime: Int64?
  ) throws(RecordError) -> (row: Int64, info: SessionInfo)? {
    guard token.reveal().utf8.count == 54, let bytes = Base64URL.decode(token.reveal()) else { return nil }
    let hash = Digest.sha256(bytes)
    let statement = try prepare(
      """
      SELECT row, session, sessionEnd, usedAt, tenant, purpose, recipient, sessionBootTime FROM request
      WHERE idKey = ?1 AND session IS NOT NULL
      """)
    statement.bind(1, prefixKey(bytes))
    while try statement.step() {
      guard constantTimeEqual(statement.blob(1), hash), statement.int(2) > now.unixMilliseconds else {
        continue
      }
      let age = BootTime.elapsed(from: statement.optionalInt(7), to: bootTime)
      if let age, age >= statement.int(2) - statement.int(3) { continue }
      let info = SessionInfo(
        expiresAt: Date(unixMilliseconds: statement.int(2)),
        startedAt: Date(unixMilliseconds: statement.int(3)),
        tenant: statement.text(4), purpose: statement.text(5) ?? "", recipient: statement.text(6))
      return (statement.int(0), info)
    }
    return nil
  }

  func session(_ token: SessionToken, now: Date, bootTime: Int64?) throws(RecordError) -> SessionCheck {
    try find(token, now: now, bootTime: bootTime).map { .valid($0.info) } ?? .invalid
  }

  /// Committed, not synced.
  func endSession(_ token: SessionToken, now: Date, bootTime: Int64?) throws(RecordError) -> SessionCheck {
    try transaction { () throws(RecordError) in
      guard let (row, info) = try find(token, now: now, bootTime: bootTime) else { return .invalid }
      let statement = try prepare("UPDATE request SET session = NULL, sessionEnd = NULL WHERE row = ?1")
      statement.bind(1, row)
      try statement.run()
      try audit(
        AuditLine(
          at: now.unixMilliseconds, event: "session", result: "ended", recipient: info.recipient,
          tenant: info.tenant))
      return .valid(info)
    }
  }
}

/// A line of the audit trail that is not about a request in the records.
struct AuditLine {
  let at: Int64
  let event: String
  var result: String
  var idKey: Int64?
  var address: Int64?
  var recipient: String?
  var tenant: String?
  var detail: String?

  /// Says whose challenge it is about.
  mutating func describe(_ challenge: Challenge) {
    idKey = challenge.idKey
    address = challenge.address
    recipient = challenge.recipient
    tenant = challenge.tenant
  }

  mutating func describe(_ request: AuditedRequest) {
    idKey = request.idKey
    address = request.address
    recipient = request.recipient
    tenant = request.tenant
  }
}

extension SQLiteConnection {
  func audit(_ line: AuditLine) throws(RecordError) {
    let statement = try statement(.audit)
    statement.bind(1, line.at)
    statement.bind(2, line.event)
    statement.bind(3, line.result)
    statement.bind(4, line.idKey)
    statement.bind(5, line.address)
    statement.bind(6, line.recipient)
    statement.bind(7, line.tenant)
    statement.bind(8, line.detail)
    try statement.run()
  }
}
