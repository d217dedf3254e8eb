internal import CLibcurl
internal import Glibc

// Connecting: libcurl does name look-up, TCP, TLS or STARTTLS, EHLO and AUTH. What it lets pass and we do not:
// credentials that were set and never used because EHLO offered no AUTH (it goes on with CURLE_OK).

/// A handle with the settings of a relay on it, and the buffer for libcurl's words about a failure.
final class ConnectAttempt {
  let handle: UnsafeMutableRawPointer
  let settings: RelaySettings
  let transcript: SessionTranscript
  private let errorText: UnsafeMutablePointer<CChar>
  private var isTaken = false
  private var failedOption: CURLcode = CURLE_OK

  init(_ settings: RelaySettings, cancel: CancelFlag) throws(RelayTrouble) {
    do throws(LibcurlFault) { try LibcurlFault.check() } catch { throw .withoutLibcurl(settings, error) }
    guard let handle = clibcurl_easy_init() else {
      throw RelayTrouble(
        stage: .connect, incident: .connectionLost, reply: nil,
        message: "\(settings.name): libcurl makes no handle; is memory short?")
    }
    self.handle = handle
    self.settings = settings
    transcript = SessionTranscript(isCancelled: cancel)
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
  }

  deinit {
    if !isTaken { clibcurl_easy_cleanup(handle) }
    errorText.deallocate()
  }

  /// The handle now belongs to a connection.
  func take() {
    isTaken = true
    // The buffer goes away with this object.
    clibcurl_set_pointer(handle, CURLOPT_ERRORBUFFER, nil)
  }

  /// What libcurl said about the failure, bounded.
  var problem: String {
    String(decoding: UnsafeRawBufferPointer(start: errorText, count: strnlen(errorText, 300)), as: UTF8.self)
  }

  /// The relay ended TLS with one of the alerts that are about the client's certificate (RFC 8446 6.2), which libcurl
  /// tells in OpenSSL's words alone.
  var refusedOurCertificate: Bool {
    let problem = problem
    return problem.contains(" alert ")
      && ["certificate", "unknown ca"].contains { problem.contains($0) }
  }

  func set(_ option: CURLoption, _ value: Int) { note(clibcurl_set_long(handle, option, value)) }
  func set(_ option: CURLoption, _ value: String) { note(clibcurl_set_string(handle, option, value)) }
  private func note(_ code: CURLcode) {
    if code != CURLE_OK, failedOption == CURLE_OK { failedOption = code }
  }

  /// Sets everything but the credentials.
  func configure() {
    let timing = settings.timing
    let scheme = settings.security == .implicit ? "smtps" : "smtp"
    set(CURLOPT_URL, "\(scheme)://\(settings.address)/\(settings.heloName ?? "")")
    set(CURLOPT_CONNECT_ONLY, 1)
    set(CURLOPT_NOSIGNAL, 1)
    // getaddrinfo cannot be interrupted: without this, a time-out or a stop would wait for libcurl's resolver thread
    // for as long as DNS takes. With it, the thread is left to end by itself.
    set(CURLOPT_QUICK_EXIT, 1)
    set(CURLOPT_PROTOCOLS_STR, "smtp,smtps")
    // An empty proxy keeps libcurl from taking one out of the environment.
    set(CURLOPT_PROXY, "")
    set(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
    set(CURLOPT_CONNECTTIMEOUT_MS, timing.connect.wholeMilliseconds)
    set(CURLOPT_SERVER_RESPONSE_TIMEOUT, (timing.reply.wholeMilliseconds + 999) / 1000)
    // The whole of it, against a relay that sends a byte a second.
    set(CURLOPT_TIMEOUT_MS, timing.connect.wholeMilliseconds + timing.reply.wholeMilliseconds)
    set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    set(CURLOPT_SSL_VERIFYPEER, settings.checksCertificate ? 1 : 0)
    set(CURLOPT_SSL_VERIFYHOST, settings.checksCertificate ? 2 : 0)
    let level =
      settings.security == .plaintext
      ? CURLUSESSL_NONE : settings.requiresTLS ? CURLUSESSL_ALL : CURLUSESSL_TRY
    set(CURLOPT_USE_SSL, Int(level.rawValue))
    if let caFile = settings.caFile {
      set(CURLOPT_CAINFO, caFile)
      // Else the system's directory of authorities would still count beside the file.
      note(clibcurl_set_pointer(handle, CURLOPT_CAPATH, nil))
    }
    if let certificate = settings.clientCertificate {
      set(CURLOPT_SSLCERT, certificate.certificateFile)
      set(CURLOPT_SSLKEY, certificate.keyFile)
    }
    clibcurl_set_pointer(handle, CURLOPT_ERRORBUFFER, errorText)
    let context = Unmanaged.passUnretained(transcript).toOpaque()
    note(clibcurl_set_header_callback(handle, transcriptHeaderCallback, context))
    note(clibcurl_set_progress_callback(handle, transcriptProgressCallback, context))
  }

  func authenticate(with credentials: RelaySettings.Credentials) throws(SecretFault) {
    var secret = try credentials.secret.read(cancel: transcript.isCancelled) + [0]
    set(CURLOPT_USERNAME, credentials.username)
    set(CURLOPT_LOGIN_OPTIONS, "AUTH=\(credentials.mechanism)")
    secret.withUnsafeMutableBytes { bytes in
      // libcurl keeps a copy until the handle goes.
      note(
        clibcurl_set_string(handle, CURLOPT_PASSWORD, bytes.baseAddress!.assumingMemoryBound(to: CChar.self)))
      explicit_bzero(bytes.baseAddress!, bytes.count)
    }
  }

  func perform() -> CURLcode { failedOption == CURLE_OK ? clibcurl_easy_perform(handle) : failedOption }
}

extension RelayConnection {
  /// Connects, to the end of AUTH.
  static func connect(
    _ settings: RelaySettings, cancel: CancelFlag, uptime: @Sendable () -> Duration
  ) throws(RelayTrouble) -> RelayConnection {
    let start = monotonicTime()
    return try renewingRefusedToken { isLast, refusedToken throws(RelayTrouble) in
      let attempt = try ConnectAttempt(settings, cancel: cancel)
      defer { refusedToken = attempt.transcript.refusedToken }
      return try connect(attempt, cancel: cancel, uptime: uptime, start: start, isLast: isLast)
    }
  }

  /// - Parameter isLast: false where a refused token is followed by a try with another.
  static func connect(
    _ attempt: ConnectAttempt, cancel: CancelFlag, uptime: @Sendable () -> Duration, start: Duration,
    isLast: Bool = true
  ) throws(RelayTrouble) -> RelayConnection {
    let settings = attempt.settings
    // Before the connection, which would not wait for a token endpoint.
    let token = try settings.bearerToken(cancel: cancel)
    attempt.configure()
    if token == nil, let credentials = settings.credentials {
      if credentials.usesSCRAM, !libcurlHasSCRAM { throw .unsupportedMechanism(settings, credentials) }
      do throws(SecretFault) { try attempt.authenticate(with: credentials) } catch {
        throw error.trouble(of: settings.name)
      }
    }
    let code = attempt.perform()
    guard code == CURLE_OK else { throw RelayTrouble.connecting(attempt, code) }
    let transcript = attempt.transcript
    if let credentials = settings.credentials,
      token == nil
        ? !transcript.isAuthenticated : !transcript.features.mechanisms.contains(credentials.mechanism)
    {
      throw RelayTrouble.authenticationNotOffered(settings, credentials, transcript.features)
    }
    var socket: curl_socket_t = -1
    clibcurl_get_socket(attempt.handle, &socket)
    let isEncrypted = settings.security == .implicit || transcript.startedTLS
    guard socket >= 0, isEncrypted || !settings.requiresTLS else {
      throw RelayTrouble(
        stage: .tls, incident: .startTLSMissing, reply: nil,
        message: "\(settings.name): the connection is not encrypted; nothing was sent on it")
    }
    let connection = RelayConnection(
      handle: attempt.handle, socket: socket, transcript: transcript, isEncrypted: isEncrypted,
      cancel: cancel, connectedAt: uptime(), took: monotonicTime() - start)
    if let token { try connection.logIn(with: token, settings, isLast: isLast, start: start) }
    attempt.take()
    return connection
  }
}
