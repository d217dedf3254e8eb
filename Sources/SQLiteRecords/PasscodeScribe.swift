internal import CodeRequests
internal import RecordKeys
internal import Records

/// Makes a passcode and writes its hash into one challenge.
struct PasscodeScribe {
  struct Issued {
    let passcode: Passcode
    let number: Int64
    let madeAt: Int64
    let expiresAt: Int64
    /// The row was there: another request has mailed it, or is about to.
    var isReused = false
  }

  let store: RecordStore
  let key: Key
  let challenge: Int64
  let purpose: String
  let now: Int64

  /// - Parameters:
  ///   - offered: a code of the frontend's or of an earlier attempt. Where it stands in the challenge and is still good
  ///     it keeps its row and its end: sending a code again does not make it live longer.
  ///   - live: the challenge's rows as they are.
  func issue(
    for request: Int64, id: [UInt8], offered: Passcode?, live: [PasscodeRecord]
  ) throws(RecordError) -> Issued {
    let bootTime = store.bootTime()
    if let offered {
      let code = Array(offered.reveal().utf8)
      for record in live where record.isLive(at: now, bootTime: bootTime) {
        guard let key = try? store.keyring.key(version: record.keyVersion) else { continue }
        let mac = passcodeMAC(
          key, purpose: Array(purpose.utf8), challenge: id, salt: record.salt, code: code)
        if constantTimeEqual(mac, record.mac) {
          return Issued(
            passcode: offered, number: record.number, madeAt: record.madeAt, expiresAt: record.expiresAt,
            isReused: true)
        }
      }
    }
    // One more than allowed drops the oldest; the newest are kept even where they have expired, so that a code that is
    // typed late is told from a wrong one.
    for record in live.dropLast(store.settings.perChallenge - 1) { try delete(record.number) }
    let passcode = offered ?? Passcode.random(length: store.settings.length, using: &store.random)
    let number = (live.last?.number ?? 0) + 1
    let end = now + store.settings.validity.milliseconds
    let salt = store.random.next(16)
    let mac = passcodeMAC(
      key, purpose: Array(purpose.utf8), challenge: id, salt: salt, code: Array(passcode.reveal().utf8))
    let statement = try store.connection.statement(.insertPasscode)
    statement.bind(1, challenge)
    statement.bind(2, number)
    statement.bind(3, request)
    statement.bind(4, now)
    statement.bind(5, end)
    statement.bind(6, Int64(key.version))
    statement.bind(7, salt)
    statement.bind(8, mac)
    statement.bind(9, bootTime)
    try statement.run()
    return Issued(passcode: passcode, number: number, madeAt: now, expiresAt: end)
  }

  private func delete(_ number: Int64) throws(RecordError) {
    let statement = try store.connection.statement(.deletePasscode)
    statement.bind(1, challenge)
    statement.bind(2, number)
    try statement.run()
  }
}
