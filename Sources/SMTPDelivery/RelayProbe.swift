internal import CLibcurl
internal import CodeRequests
package import FoundationEssentials
internal import LinuxSystem

/// What one look at a relay found, from the name look-up to the end of AUTH. No mail is sent.
///
/// Where the certificate is refused, a second connection without credentials reads it all the same, so that its
/// names and dates can be shown.
package struct RelayProbe: Sendable {
  /// One step and how long it took.
  package struct Step: Hashable, Sendable {
    package enum Name: String, Sendable {
      case nameLookup = "name look-up"
      case tcp = "TCP"
      case tls = "TLS"
      case greeting, ehlo = "EHLO"
      case starttls = "STARTTLS"
      case authentication = "AUTH"
    }
    package let name: Name
    package let took: Duration
  }

  package struct Certificate: Hashable, Sendable {
    package let subject: String
    package let issuer: String
    /// Host names and addresses it is for.
    package let names: [String]
    package let startsAt: Date?
    package let endsAt: Date?

    /// Whole days until it ends; negative once it has.
    package func daysLeft(now: Date) -> Int? {
      endsAt.map { Int(($0.timeIntervalSince(now) / 86_400).rounded(.down)) }
    }
  }

  /// `host:port` as configured.
  package let relay: String
  /// The address that was reached.
  package private(set) var address: String?
  package private(set) var greeting = ""
  package private(set) var steps: [Step] = []
  /// Such as TLSv1.3.
  package private(set) var tlsVersion: String?
  package private(set) var cipher: String?
  /// The relay's own first.
  package private(set) var certificates: [Certificate] = []
  package private(set) var features = RelayFeatures()
  package private(set) var isAuthenticated = false
  /// The token that was fetched first; nil where there is none to fetch.
  package private(set) var token: TokenReport?
  /// What went wrong and what to do; nil where mail can be sent.
  package private(set) var trouble: RelayTrouble?
  /// What works and should be looked at all the same.
  package private(set) var warnings: [String] = []

  /// Walks a relay. Takes as long as its time-outs allow.
  package init(_ settings: RelaySettings, now: Date = Date()) {
    relay = settings.name
    do throws(RelayTrouble) { token = try settings.tokenReport() } catch { trouble = error }
    if trouble == nil { look(settings, now: now) }
    if trouble?.incident == .certificate, certificates.isEmpty { readRefusedCertificate(settings, now: now) }
    addWarnings(settings, now: now)
  }

  private init(certificateOf settings: RelaySettings, now: Date) {
    relay = settings.name
    look(settings.forInspection(), now: now)
  }

  private mutating func readRefusedCertificate(_ settings: RelaySettings, now: Date) {
    let inspection = RelayProbe(certificateOf: settings, now: now)
    certificates = inspection.certificates
    tlsVersion = inspection.tlsVersion
    cipher = inspection.cipher
  }

  private mutating func look(_ settings: RelaySettings, now: Date) {
    let log = TLSLog()
    defer { withExtendedLifetime(log) {} }
    var last: ConnectAttempt?
    var reached: ReachedAddress?
    var connection: RelayConnection?
    do throws(RelayTrouble) {
      let cancel: CancelFlag
      do throws(SystemCallError) { cancel = try CancelFlag() } catch {
        throw RelayTrouble(
          stage: .connect, incident: .connectionLost, reply: nil, message: "\(settings.name): \(error)")
      }
      var connector = Connector(
        settings, cancel: cancel, memory: AddressMemory(), uptime: DeliveryClock.system.uptime)
      connector.renewsToken = false
      connector.reach = { reached = $0 }
      connector.prepare = { attempt in
        last = attempt
        attempt.set(CURLOPT_CERTINFO, 1)
        clibcurl_set_debug_callback(
          attempt.handle, tlsLogCallback, Unmanaged.passUnretained(log).toOpaque())
      }
      connection = try connector.connect()
    } catch { trouble = error }
    guard let reached else { return }
    address = "\(reached.address)"
    steps = [
      Step(name: .nameLookup, took: reached.lookup), Step(name: .tcp, took: reached.tcp),
    ]
    guard let attempt = last else { return }
    let transcript = attempt.transcript
    greeting = ReplyRedaction().redact(transcript.greeting)
    features = transcript.features
    isAuthenticated = transcript.isAuthenticated
    tlsVersion = log.version
    cipher = log.cipher
    readSteps(attempt, isImplicit: settings.security == .implicit)
    readCertificates(attempt.handle)
    connection?.quit(timeout: settings.timing.quit)
  }

  private mutating func readSteps(_ attempt: ConnectAttempt, isImplicit: Bool) {
    // From when libcurl began, as its own times are.
    var last = Duration.zero
    func add(_ name: Step.Name, at moment: Duration?) {
      guard let moment else { return }
      steps.append(Step(name: name, took: max(.zero, moment - last)))
      last = max(last, moment)
    }
    var microseconds: curl_off_t = 0
    clibcurl_get_offset(attempt.handle, CURLINFO_APPCONNECT_TIME_T, &microseconds)
    let handshake: Duration? = microseconds > 0 ? .microseconds(Int64(microseconds)) : nil
    if isImplicit { add(.tls, at: handshake) }
    for (index, reply) in attempt.transcript.moments.enumerated() {
      let at = reply.at - attempt.startedAt
      switch reply.code {
      case _ where index == 0: add(.greeting, at: at)
      case 220:
        add(.starttls, at: at)
        add(.tls, at: handshake)
      case 250: add(.ehlo, at: at)
      case 235: add(.authentication, at: at)
      default: break
      }
    }
  }

  private mutating func readCertificates(_ handle: UnsafeMutableRawPointer) {
    var list: UnsafeMutablePointer<curl_certinfo>?
    clibcurl_get_certificates(handle, &list)
    guard let chain = list?.pointee, chain.num_of_certs > 0 else { return }
    for index in 0..<Int(chain.num_of_certs) {
      var fields: [String: String] = [:]
      var node = chain.certinfo[index]
      while let entry = node {
        if let data = entry.pointee.data {
          let line = String(cString: data)
          if let colon = line.firstIndex(of: ":") {
            fields[String(line[..<colon])] = String(line[line.index(after: colon)...])
          }
        }
        node = entry.pointee.next
      }
      func date(_ field: String) -> Date? {
        guard let text = fields[field] else { return nil }
        let seconds = clibcurl_getdate(text)
        return seconds > 0 ? Date(timeIntervalSince1970: TimeInterval(seconds)) : nil
      }
      let names = (fields["X509v3 Subject Alternative Name"] ?? "").split(separator: ",").map {
        String($0.split(separator: ":", maxSplits: 1).last ?? "").trimmed
      }
      let redaction = ReplyRedaction()
      certificates.append(
        Certificate(
          subject: redaction.redact(fields["Subject"] ?? ""),
          issuer: redaction.redact(fields["Issuer"] ?? ""),
          names: names, startsAt: date("Start date"), endsAt: date("Expire date")))
    }
  }

  private mutating func addWarnings(_ settings: RelaySettings, now: Date) {
    if let days = certificates.first?.daysLeft(now: now), days < 14 {
      warnings.append(
        days < 0
          ? "the certificate ended \(-days) days ago; renew it"
          : "the certificate ends in \(days) days; renew it")
    }
    warnings += settings.secretRemarks
    if let missing = token?.missingScopes, !missing.isEmpty {
      warnings.append("the token is not for \(missing.joined(separator: " ")), which oauth.scope asks for")
    }
    if token?.lacksSendAsApp == true {
      warnings.append(
        "the token lacks the permission SMTP.SendAsApp; give it to the application, with admin consent")
    }
    guard trouble == nil else { return }
    if tlsVersion == nil, !settings.address.isLoopback {
      warnings.append(
        "the connection is not encrypted: everybody in between can read the codes; use starttls")
    }
    if !settings.checksCertificate, tlsVersion != nil {
      warnings.append(
        "the certificate is not checked: somebody in between can read the codes; use starttls or implicit")
    }
    if settings.credentials == nil, !features.mechanisms.isEmpty, !settings.address.isLoopback {
      warnings.append(
        "the relay offers AUTH and no username is set; it may refuse recipients that are not its own")
    }
    if settings.heloName == nil, HostName.full == nil, !settings.address.isLoopback {
      warnings.append(
        "this machine has no full name, so that EHLO says an address; many relays refuse that: set hello to its name in the DNS"
      )
    }
    if !features.hasPipelining {
      warnings.append("PIPELINING is not offered: each mail takes four round trips in place of one")
    }
  }
}

/// Version and cipher, which libcurl tells in its verbose text alone.
private final class TLSLog {
  var version: String?
  var cipher: String?

  func add(_ bytes: UnsafeRawBufferPointer) {
    let line = String(decoding: bytes, as: UTF8.self)
    guard let start = line.firstRange(of: "SSL connection using ") else { return }
    let parts = line[start.upperBound...].split(separator: "/").map(\.trimmed)
    version = parts.first
    cipher = parts.count > 1 ? parts[1] : nil
  }
}

// File scope: libcurl calls it, from whatever thread probes. Only libcurl's own words are read: the rest of the
// verbose output holds credentials.
private func tlsLogCallback(
  _: UnsafeMutableRawPointer?, _ type: curl_infotype, _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int,
  _ context: UnsafeMutableRawPointer?
) -> Int32 {
  guard type == CURLINFO_TEXT, let bytes, let context else { return 0 }
  Unmanaged<TLSLog>.fromOpaque(context).takeUnretainedValue().add(
    UnsafeRawBufferPointer(start: bytes, count: size))
  return 0
}
