internal import CLibcurl
internal import CodeRequests
internal import FoundationEssentials
internal import LinuxSystem

/// One HTTPS request to a token endpoint, by libcurl.
///
/// Nothing is followed, nothing is kept: no redirects, cookies, credentials of other files, proxies that were not asked
/// for, and no connection. What comes is bounded in size and time.
///
/// On failure: what libcurl could not do is a `SecretFault` that says so; an answer of any kind is returned.
struct TokenEndpoint {
  /// The most that an answer may have.
  static let sizeLimit = 64 * 1024

  var connectTimeout: Duration = .seconds(10)
  var timeout: Duration = .seconds(30)

  /// What arrives, for the callbacks.
  final class Arrival {
    var reply = TokenReply()
    var headerSize = 0
    var isTooLarge = false
    let cancel: CancelFlag
    init(_ cancel: CancelFlag) { self.cancel = cancel }
  }

  /// - Parameters:
  ///   - request: its form is wiped.
  ///   - date: the calendar's, to compare the endpoint's with.
  func post(
    _ request: inout TokenRequest, _ settings: TokenSettings, cancel: CancelFlag, date: () -> Date
  ) throws(SecretFault) -> TokenReply {
    do throws(LibcurlFault) { try LibcurlFault.check() } catch { throw SecretFault("\(error)") }
    guard let handle = clibcurl_easy_init() else {
      throw SecretFault("libcurl makes no handle; is memory short?", needsSomebody: false)
    }
    defer { clibcurl_easy_cleanup(handle) }
    var headers: UnsafeMutablePointer<curl_slist>?
    // Without "Expect:" libcurl may ask first whether the form is wanted, and wait for an answer.
    for line in ["Accept: application/json", "Expect:"] { headers = clibcurl_slist_append(headers, line) }
    defer { clibcurl_slist_free_all(headers) }
    let arrival = Arrival(cancel)
    let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    defer { errorText.deallocate() }
    let url = request.url
    let code = request.form.withUnsafeMutableBytes { form in
      defer { wipe(form) }
      return withExtendedLifetime(arrival) {
        var options = Options(handle)
        configure(&options, url, settings)
        options.note(clibcurl_set_list(handle, CURLOPT_HTTPHEADER, headers))
        // libcurl reads the form in place and keeps no copy.
        options.set(CURLOPT_POSTFIELDSIZE, form.count)
        options.note(clibcurl_set_pointer(handle, CURLOPT_POSTFIELDS, form.baseAddress))
        options.note(clibcurl_set_pointer(handle, CURLOPT_ERRORBUFFER, errorText))
        let context = Unmanaged.passUnretained(arrival).toOpaque()
        options.note(clibcurl_set_write_callback(handle, tokenBodyCallback, context))
        options.note(clibcurl_set_header_callback(handle, tokenHeaderCallback, context))
        options.note(clibcurl_set_progress_callback(handle, tokenProgressCallback, context))
        return options.failed == CURLE_OK ? clibcurl_easy_perform(handle) : options.failed
      }
    }
    if arrival.isTooLarge {
      throw SecretFault(
        "the token endpoint \(url.host) answered more than \(Self.sizeLimit / 1024) KiB; check oauth.tokenURL"
      )
    }
    guard code == CURLE_OK else {
      throw fault(code, LibcurlFault.words(in: errorText, limit: 200), url, settings)
    }
    return reply(handle, arrival, date())
  }

  private struct Options {
    let handle: UnsafeMutableRawPointer
    var failed = CURLE_OK
    init(_ handle: UnsafeMutableRawPointer) { self.handle = handle }
    mutating func note(_ code: CURLcode) { if code != CURLE_OK, failed == CURLE_OK { failed = code } }
    mutating func set(_ option: CURLoption, _ value: Int) { note(clibcurl_set_long(handle, option, value)) }
    mutating func set(_ option: CURLoption, _ value: String) {
      note(clibcurl_set_string(handle, option, value))
    }
  }

  private func configure(_ options: inout Options, _ url: TokenURL, _ settings: TokenSettings) {
    options.set(CURLOPT_URL, url.text)
    options.set(CURLOPT_PROTOCOLS_STR, url.isEncrypted ? "https" : "http")
    options.set(CURLOPT_FOLLOWLOCATION, 0)
    options.set(CURLOPT_POST, 1)
    options.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
    options.set(CURLOPT_USERAGENT, "passcode-mailer")
    // Some compress without being asked. Empty means all that libcurl can undo; the limit counts what comes out.
    options.set(CURLOPT_ACCEPT_ENCODING, "")
    options.set(CURLOPT_NOSIGNAL, 1)
    // As for relays: a look-up that cannot be interrupted is left to end by itself.
    options.set(CURLOPT_QUICK_EXIT, 1)
    options.set(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
    options.set(CURLOPT_FORBID_REUSE, 1)
    options.set(CURLOPT_CONNECTTIMEOUT_MS, connectTimeout.wholeMilliseconds)
    options.set(CURLOPT_TIMEOUT_MS, timeout.wholeMilliseconds)
    options.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    options.set(CURLOPT_SSL_VERIFYPEER, 1)
    options.set(CURLOPT_SSL_VERIFYHOST, 2)
    switch settings.proxy {
    // What is not encrypted never leaves this machine, through no proxy either.
    case _ where !url.isEncrypted: options.set(CURLOPT_PROXY, "")
    // An empty proxy keeps libcurl from taking one out of the environment.
    case .none: options.set(CURLOPT_PROXY, "")
    case .environment: break
    case .url(let proxy): options.set(CURLOPT_PROXY, proxy)
    }
    if let caFile = settings.caFile {
      options.set(CURLOPT_CAINFO, caFile)
      options.note(clibcurl_set_pointer(options.handle, CURLOPT_CAPATH, nil))
    }
  }

  private func reply(_ handle: UnsafeMutableRawPointer, _ arrival: Arrival, _ date: Date) -> TokenReply {
    var reply = arrival.reply
    clibcurl_get_long(handle, CURLINFO_RESPONSE_CODE, &reply.status)
    var seconds: curl_off_t = 0
    if clibcurl_get_offset(handle, CURLINFO_RETRY_AFTER, &seconds) == CURLE_OK, seconds > 0 {
      reply.retryAfter = .seconds(min(Int64(seconds), 86_400))
    }
    var type: UnsafePointer<CChar>?
    if clibcurl_get_string(handle, CURLINFO_CONTENT_TYPE, &type) == CURLE_OK, let type {
      reply.contentType = String(cString: type)
    }
    if let theirs = arrival.reply.date {
      reply.clockLead = .seconds(Int64((date.timeIntervalSince1970 - Double(theirs)).rounded()))
    }
    return reply
  }

  private func fault(
    _ code: CURLcode, _ words: String, _ url: TokenURL, _ settings: TokenSettings
  ) -> SecretFault {
    let detail = words.isEmpty ? "" : " (\(ReplyRedaction().redact(words)))"
    func fault(_ message: String, needsSomebody: Bool = false) -> SecretFault {
      SecretFault("the token endpoint \(url.host) \(message)\(detail)", needsSomebody: needsSomebody)
    }
    return switch code {
    case _ where words.contains("HTTP/0.9"): fault("gave no answer that can be read: it is no HTTP")
    case _ where words.contains("CONNECT tunnel failed") || words.contains("from proxy"):
      fault("is not reached: the proxy refuses; check oauth.proxy")
    case CURLE_COULDNT_RESOLVE_HOST:
      fault("was not found; check oauth.tokenURL and this machine's DNS")
    case CURLE_COULDNT_RESOLVE_PROXY: fault("is not reached: its proxy was not found; check oauth.proxy")
    case CURLE_COULDNT_CONNECT: fault("takes no connection; check oauth.tokenURL, oauth.proxy and firewalls")
    case CURLE_OPERATION_TIMEDOUT: fault("did not answer in time; check firewalls and oauth.proxy")
    case CURLE_PEER_FAILED_VERIFICATION:
      fault(
        "has a certificate that is not good for it; check its names, dates and issuer, or set oauth.caFile",
        needsSomebody: true)
    case CURLE_SSL_CACERT_BADFILE:
      fault(
        "is not asked: \(settings.caFile ?? "the system's file of authorities") cannot be read; set oauth.caFile",
        needsSomebody: true)
    case CURLE_SSL_CONNECT_ERROR: fault("does not do TLS 1.2 or later on that port")
    case CURLE_ABORTED_BY_CALLBACK: fault("is not asked any more: this ends")
    case CURLE_UNSUPPORTED_PROTOCOL, CURLE_NOT_BUILT_IN, CURLE_UNKNOWN_OPTION, CURLE_URL_MALFORMAT:
      fault("cannot be asked by this libcurl; check oauth.tokenURL", needsSomebody: true)
    default: fault("gave no answer that can be read")
    }
  }
}

extension TokenEndpoint.Arrival {
  func addHeader(_ bytes: UnsafeRawBufferPointer) -> Bool {
    headerSize += bytes.count
    guard headerSize <= TokenEndpoint.sizeLimit else {
      isTooLarge = true
      return false
    }
    let name: StaticString = "date:"
    if bytes.count > name.utf8CodeUnitCount, bytes.count < 100, bytes.beginsASCII(with: name) {
      let text = String(decoding: bytes[name.utf8CodeUnitCount...], as: UTF8.self)
      let seconds = clibcurl_getdate(text.trimmed)
      reply.date = seconds > 0 ? seconds : nil
    }
    return true
  }

  func addBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard reply.body.count + bytes.count <= TokenEndpoint.sizeLimit else {
      isTooLarge = true
      return false
    }
    reply.body += bytes
    return true
  }
}

// File scope: libcurl calls them on lane threads, where a closure that inherited an actor would trap.

private func tokenBodyCallback(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let bytes, let context else { return 0 }
  let arrival = Unmanaged<TokenEndpoint.Arrival>.fromOpaque(context).takeUnretainedValue()
  return arrival.addBody(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
}

private func tokenHeaderCallback(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let bytes, let context else { return 0 }
  let arrival = Unmanaged<TokenEndpoint.Arrival>.fromOpaque(context).takeUnretainedValue()
  return arrival.addHeader(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
}

private func tokenProgressCallback(
  _ context: UnsafeMutableRawPointer?, _: curl_off_t, _: curl_off_t, _: curl_off_t, _: curl_off_t
) -> Int32 {
  guard let context else { return 0 }
  return Unmanaged<TokenEndpoint.Arrival>.fromOpaque(context).takeUnretainedValue().cancel.isSet ? 1 : 0
}
