internal import CLibcurl
internal import LinuxSystem

/// One attempt on one address: libcurl does TLS or STARTTLS, EHLO and AUTH on a socket that is connected, up to what
/// CURLOPT_CONNECT_ONLY means for SMTP.
///
/// A handle with the settings of a relay on it, and the buffer for libcurl's words about a failure.
final class ConnectAttempt {
  let handle: UnsafeMutableRawPointer
  let settings: RelaySettings
  let transcript: SessionTranscript
  /// When libcurl began.
  private(set) var startedAt = Duration.zero
  /// The socket, until libcurl takes it and leaves -1.
  private let socket: UnsafeMutablePointer<Int32>
  private let errorText: UnsafeMutablePointer<CChar>
  /// libcurl reads it for as long as the handle connects.
  private var connectTo: UnsafeMutablePointer<curl_slist>?
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
    socket = .allocate(capacity: 1)
    socket.initialize(to: -1)
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
  }

  deinit {
    if !isTaken { clibcurl_easy_cleanup(handle) }
    clibcurl_slist_free_all(connectTo)
    if socket.pointee >= 0 { _ = FileDescriptor(owning: socket.pointee) }
    socket.deallocate()
    errorText.deallocate()
  }

  /// The handle now belongs to a connection.
  func take() {
    isTaken = true
    // What goes away with this object.
    clibcurl_set_pointer(handle, CURLOPT_ERRORBUFFER, nil)
    clibcurl_set_list(handle, CURLOPT_CONNECT_TO, nil)
  }

  /// What libcurl said about the failure, bounded.
  var problem: String {
    LibcurlFault.words(in: errorText, limit: 300)
  }

  /// The relay ended TLS with one of the alerts that are about the client's certificate (RFC 8446 6.2), which libcurl
  /// tells in OpenSSL's words alone.
  var refusedOurCertificate: Bool {
    let problem = problem
    return problem.contains(" alert ")
      && ["certificate", "unknown ca"].contains { problem.contains($0) }
  }

  private func set(connectTo entry: String) {
    connectTo = clibcurl_slist_append(nil, entry)
    note(connectTo == nil ? CURLE_OUT_OF_MEMORY : clibcurl_set_list(handle, CURLOPT_CONNECT_TO, connectTo))
  }

  func set(_ option: CURLoption, _ value: Int) { note(clibcurl_set_long(handle, option, value)) }
  func set(_ option: CURLoption, _ value: String) { note(clibcurl_set_string(handle, option, value)) }
  private func note(_ code: CURLcode) {
    if code != CURLE_OK, failedOption == CURLE_OK { failedOption = code }
  }

  /// Sets everything but the credentials.
  ///
  /// - Parameter winner: the connection that is used. Its address stands in for the name, which is not looked up again;
  ///   the certificate is held against the name all the same.
  func configure(on winner: consuming AddressRace.Winner) {
    let timing = settings.timing
    let scheme = settings.security == .implicit ? "smtps" : "smtp"
    let hello =
      settings.heloName ?? HostName.greeting(ourEnd: SocketAddress(ofSocket: winner.socket.rawValue))
    set(CURLOPT_URL, "\(scheme)://\(settings.address)/\(HostName.inURL(hello))")
    let address = winner.address
    set(
      connectTo: address.isIPv6
        ? "::[\(address)]:\(settings.address.port)" : "::\(address):\(settings.address.port)")
    socket.pointee = winner.socket.release()
    note(clibcurl_set_connected_socket(handle, socket))
    set(CURLOPT_CONNECT_ONLY, 1)
    set(CURLOPT_NOSIGNAL, 1)
    set(CURLOPT_PROTOCOLS_STR, "smtp,smtps")
    // An empty proxy keeps libcurl from taking one out of the environment.
    set(CURLOPT_PROXY, "")
    set(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
    // libcurl counts greeting, EHLO and AUTH as connecting. The limits of each step are the transcript's to keep; these
    // are the last resort.
    let whole = timing.connect.wholeMilliseconds + 16 * timing.reply.wholeMilliseconds
    set(CURLOPT_CONNECTTIMEOUT_MS, whole)
    set(CURLOPT_TIMEOUT_MS, whole)
    set(CURLOPT_SERVER_RESPONSE_TIMEOUT, (timing.reply.wholeMilliseconds + 999) / 1000)
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

  func authenticate(_ credentials: RelaySettings.Credentials, _ secret: [UInt8]) {
    var secret = secret + [0]
    set(CURLOPT_USERNAME, credentials.username)
    set(CURLOPT_LOGIN_OPTIONS, credentials.loginOptions)
    secret.withUnsafeMutableBytes { bytes in
      // libcurl keeps a copy until the handle goes.
      note(
        clibcurl_set_string(handle, CURLOPT_PASSWORD, bytes.baseAddress!.assumingMemoryBound(to: CChar.self)))
      wipe(bytes)
    }
  }

  /// The TLS handshake was finished.
  var hasTLS: Bool {
    var moment: curl_off_t = 0
    clibcurl_get_offset(handle, CURLINFO_APPCONNECT_TIME_T, &moment)
    return moment > 0
  }

  func perform() -> CURLcode {
    startedAt = monotonicTime()
    transcript.begin(
      handle, isImplicit: settings.security == .implicit, timing: settings.timing, at: startedAt)
    defer { transcript.end() }
    return failedOption == CURLE_OK ? clibcurl_easy_perform(handle) : failedOption
  }
}
