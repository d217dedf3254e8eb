internal import Documents
internal import FoundationEssentials
internal import LinuxSystem

// AUTH with a token (XOAUTH2, and OAUTHBEARER of RFC 7628), spoken by ourselves on a connection that libcurl has made:
// libcurl gives up at the challenge that tells why a token is refused, and so leaves the relay without its end of the
// exchange and us without its reply.
//
// On failure: a refusal is told apart from a relay that cannot say now, and the token is given back to where it came
// from, so that the next connection brings another.

extension RelayConnection {
  /// A token may be taken back before its time: where the relay refuses one that we fetched, connects again, once and at
  /// once, with a new one.
  ///
  /// - Parameter connect: gets whether it is the last try, and tells whether it failed by the token. The connection of
  ///   the first is gone when it returns: the relay may allow no other beside it.
  static func renewingRefusedToken(
    _ connect: (_ isLast: Bool, _ refusedToken: inout Bool) throws(RelayTrouble) -> RelayConnection
  ) throws(RelayTrouble) -> RelayConnection {
    var refusedToken = false
    do throws(RelayTrouble) { return try connect(false, &refusedToken) } catch {
      guard refusedToken else { throw error }
    }
    return try connect(true, &refusedToken)
  }

  /// Logs in, to the relay's 235. Where that fails, the handle stays with the attempt.
  ///
  /// - Parameters:
  ///   - isLast: false where a refusal is followed by a try with another token.
  ///   - start: when the attempt began.
  func logIn(
    with token: [UInt8], _ settings: RelaySettings, isLast: Bool, start: Duration
  ) throws(RelayTrouble) {
    do throws(RelayTrouble) { try logIn(with: token, settings, isLast: isLast) } catch {
      giveBackHandle()
      throw error
    }
    noteLogin(took: monotonicTime() - start)
  }

  private func logIn(
    with token: [UInt8], _ settings: RelaySettings, isLast: Bool
  ) throws(RelayTrouble) {
    guard let credentials = settings.credentials else { return }
    let name = settings.name
    let timeout = settings.timing.reply
    let redaction = ReplyRedaction(recipient: nil, confidential: [String(decoding: token, as: UTF8.self)])
    var sawChallenge = false
    var status: String?
    for line in [
      Array("AUTH \(credentials.mechanism ?? "XOAUTH2")".utf8),
      Self.response(credentials, settings.address, token),
    ] {
      try exchange(line, settings, timeout)
      if parser.code != 334 { break }
      sawChallenge = true
    }
    var failure: RelayTrouble?
    if parser.code == 334 {
      status = Self.status(in: parser.text)
      // The client has to answer once more, or the exchange does not end (RFC 7628 3.2.3; Google has an empty line).
      let answer = credentials.mechanism == "OAUTHBEARER" ? Array("AQ==".utf8) : []
      do throws(RelayTrouble) { try exchange(answer, settings, timeout) } catch { failure = error }
    }
    if failure == nil, parser.code == 235 { return }
    // A reply that refuses, or the challenge that says why and no reply behind it.
    let reply = failure == nil ? redaction.reply(parser) : nil
    let incident: Incident =
      reply.map { .reply(code: $0.code, enhanced: $0.enhanced) } ?? .authenticationRefused
    let advice: String
    switch reply?.code {
    case .some(400...499): advice = "the relay cannot check logins now; it is tried again after a pause"
    case 530, 538: advice = "the relay wants TLS before AUTH; set security to starttls or implicit"
    case .some(500...599) where !sawChallenge:
      advice = "the relay does not take \(credentials.mechanism ?? "XOAUTH2"); check mechanism"
    default:
      if credentials.secret.refused(token) { transcript.noteRefusedToken() }
      advice = Self.advice(credentials, isLast: isLast)
    }
    let said = (status.map { ", status \($0)" } ?? "") + (reply.map { ": \($0)" } ?? "")
    throw RelayTrouble(
      stage: .authentication, incident: incident, reply: reply, message: "\(name): \(advice)\(said)")
  }

  private static func advice(_ credentials: RelaySettings.Credentials, isLast: Bool) -> String {
    let place = credentials.secret.path
    switch credentials.secret {
    case .file:
      return
        "the relay refused the token in \(place); check that the program that refreshes it runs, that it is for \(credentials.username), and that it allows SMTP"
    case .token:
      let again = isLast ? ", and one that was fetched anew" : ""
      return
        "the relay refused the token from \(place)\(again); check that the token is for \(credentials.username) and its scope for SMTP, and that the account may send (at Microsoft: SMTP.SendAsApp, the service principal and its mailbox, SMTP AUTH allowed there; at Google: oauth.subject is the mailbox)"
    }
  }

  /// Sends one line and reads the reply to it.
  private func exchange(_ line: [UInt8], _ settings: RelaySettings, _ timeout: Duration) throws(RelayTrouble)
  {
    var bytes = line + [0x0D, 0x0A]
    let failure = bytes.withUnsafeMutableBytes { bytes -> Failure? in
      defer { wipe(bytes) }
      return send(UnsafeBufferPointer(bytes.assumingMemoryBound(to: UInt8.self)), timeout: timeout)
    }
    if let end = failure ?? readReply(timeout: timeout) {
      let (incident, words): (Incident, String) =
        switch end {
        case .timedOut: (.timedOut, "did not answer in AUTH in time; check the relay's log")
        case .malformedReply: (.malformedReply, "answered in AUTH what is no SMTP; check the relay's log")
        case .connectionLost, .cancelled:
          (.connectionLost, "ended the connection in AUTH; check the relay's log")
        }
      throw RelayTrouble(
        stage: .authentication, incident: incident, reply: nil,
        message: "\(settings.name): the relay \(words)")
    }
    // The transcript is what a probe reads.
    Array("\(parser.code) x\r\n".utf8).withUnsafeBytes { _ = transcript.add($0) }
  }

  private static func response(
    _ credentials: RelaySettings.Credentials, _ address: RelayAddress, _ token: [UInt8]
  ) -> [UInt8] {
    let head: String
    if credentials.mechanism == "OAUTHBEARER" {
      // GS2's header escapes what separates its parts (RFC 5801 4).
      let name = credentials.username.replacing("=", with: "=3D").replacing(",", with: "=2C")
      head = "n,a=\(name),\u{1}host=\(address.host)\u{1}port=\(address.port)\u{1}auth=Bearer "
    } else {
      head = "user=\(credentials.username)\u{1}auth=Bearer "
    }
    return Array(Data(Array(head.utf8) + token + [1, 1]).base64EncodedString().utf8)
  }

  /// The status in a refusal's challenge: base64 of JSON such as {"status":"401","schemes":"Bearer"}.
  private static func status(in challenge: [UInt8]) -> String? {
    guard let data = Data(base64Encoded: Data(challenge)),
      let status = try? Document(Array(data), as: .json).root["status"]?.text,
      (1...40).contains(status.utf8.count),
      status.utf8.allSatisfy({
        $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "_")
      })
    else { return nil }
    return status
  }
}
