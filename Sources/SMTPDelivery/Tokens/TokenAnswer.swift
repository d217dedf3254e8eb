internal import Documents
internal import FoundationEssentials

/// What an endpoint's answer means (RFC 6749 5.1 and 5.2), and what to do about it.
///
/// On failure: what somebody has to mend (the client, its key or secret, the scope) is told apart from what passes by
/// itself, and the endpoint's own words are shown, short and clean. Nothing is guessed: an answer without what it must
/// have gives no token. What RFC 6749 5.1 leaves open has a careful reading.
struct TokenAnswer {
  /// Of one word of the endpoint.
  static let wordsLimit = 200
  /// What lives longer is asked for anew by then all the same.
  static let longestLifetime = Duration.seconds(366 * 86_400)
  /// Where an endpoint does not say how long (RFC 6749 5.1 only recommends it). Short, as nothing is lost by asking
  /// again; a relay that refuses the token before has it renewed too.
  static let untoldLifetime = Duration.seconds(300)

  let settings: TokenSettings
  let request: TokenRequest

  private func fault(
    _ words: String, needsSomebody: Bool = true, retryAfter: Duration? = nil
  ) -> SecretFault {
    SecretFault(
      "the token endpoint \(request.url.host) \(words)", needsSomebody: needsSomebody, retryAfter: retryAfter)
  }

  /// The token, or what is wrong.
  func token(_ reply: TokenReply) throws(SecretFault) -> BearerToken {
    let passes = reply.status == 429 || reply.status == 408 || (500...599).contains(reply.status)
    if (300...399).contains(reply.status) {
      throw fault(
        "redirects elsewhere (HTTP \(reply.status)), where no secret is sent; set oauth.tokenURL to the address itself"
      )
    }
    guard let body = Self.body(of: reply) else {
      let what =
        reply.body.allSatisfy { $0 <= 0x20 }
        ? "nothing" : isHTML(reply) ? "a page (HTML)" : "something that is not JSON"
      let advice =
        passes || reply.status / 100 == 2 ? "it is asked again after a pause" : "check oauth.tokenURL"
      throw fault(
        "answered \(what) (HTTP \(reply.status)) in place of a token; \(advice)",
        needsSomebody: !passes && reply.status / 100 != 2, retryAfter: reply.retryAfter)
    }
    // Some say what is wrong with status 200, and some have an empty error beside a token.
    if let error = body["error"], error.text != "" || reply.status / 100 != 2 {
      throw refusal(error.text ?? "", body["error_description"]?.text, reply, passes: passes)
    }
    guard reply.status / 100 == 2 else {
      throw fault(
        "answered HTTP \(reply.status) without saying why; \(passes ? "it is asked again after a pause" : "check oauth.tokenURL")",
        needsSomebody: !passes, retryAfter: reply.retryAfter)
    }
    return try token(body)
  }

  /// A name that is repeated, which no endpoint should do, counts the first time.
  private static func body(of reply: TokenReply) -> DocumentValue? {
    var repeated: [DocumentFault] = []
    let body = try? Document(Array(reply.body), as: .json, repeatedKeys: &repeated).root
    return body?.isObject == true ? body : nil
  }

  private func token(_ body: DocumentValue) throws(SecretFault) -> BearerToken {
    guard let value = body["access_token"]?.text, !value.isEmpty else {
      throw fault("answered without an access_token; check oauth.tokenURL and oauth.scope")
    }
    guard value.utf8.count <= 16 * 1024 else { throw fault("gave a token of more than 16 KiB") }
    guard value.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw fault("gave a token with a blank, control or other character that no token has")
    }
    // Some leave the type out, which RFC 6749 5.1 requires: what a relay is given is Bearer or refused by it.
    if let type = body["token_type"], type.text?.lowercased() != "bearer" {
      throw fault("gave a token of type \(type.text.map(clean) ?? "that is no text"); expected Bearer")
    }
    return BearerToken(
      bytes: Array(value.utf8), lifetime: try lifetime(body["expires_in"]),
      scope: body["scope"]?.text.flatMap(scope))
  }

  /// As RFC 6749 3.3 has it; what is not, or has no end, counts as none.
  private func scope(_ text: String) -> String? {
    let isScope = text.utf8.allSatisfy { (0x20...0x7E).contains($0) } && text.utf8.count <= 4096
    return isScope && !text.isEmpty && !request.confidential.contains(text) ? text : nil
  }

  private func lifetime(_ value: DocumentValue?) throws(SecretFault) -> Duration {
    let seconds: Double
    switch value?.content {
    case nil: return Self.untoldLifetime
    case .integer(let number): seconds = Double(number)
    case .number(let number): seconds = number
    case .string(let text):
      // Microsoft's first version of its endpoint writes the number as a string.
      guard (1...30).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
        throw fault("gave \"\(clean(text))\" as expires_in; expected the token's life in seconds")
      }
      seconds = Double(text)!
    default: throw fault("gave an expires_in that is no number; expected the token's life in seconds")
    }
    guard seconds >= 1 else {
      throw fault("gave a token that has run out already (expires_in is \(shown(seconds)))")
    }
    return .seconds(Int64(min(seconds, Double(Self.longestLifetime.components.seconds))))
  }

  private func shown(_ number: Double) -> String {
    abs(number) < 1e15 && number == number.rounded() ? String(Int64(number)) : String(number)
  }

  // MARK: - What the endpoint refused

  /// Codes of RFC 6749 4.1.2.1 and 5.2, and RFC 8628's for haste, that pass by themselves.
  private static let passing = ["temporarily_unavailable", "slow_down", "server_error"]

  private static let advice = [
    "invalid_client":
      "the endpoint does not know the client or its proof; check oauth.clientID and that its secret or certificate is the right one and has not run out",
    "unauthorized_client":
      "the client may not ask in this way; at Google, delegate the scope to the service account (domain-wide delegation); at Microsoft, allow the application the permission SMTP.SendAsApp",
    "invalid_grant":
      "the endpoint does not take the assertion; check oauth.subject, the key, and this machine's clock",
    "invalid_scope": "the scope is not known or not allowed to this client; check oauth.scope",
    "access_denied": "the endpoint forbids it; ask who runs it what this client may do",
    "unsupported_grant_type": "the endpoint does not know this grant; check oauth.grant and oauth.tokenURL",
    "invalid_request": "the endpoint misses something in the request; check oauth.tokenURL and oauth.scope",
  ]

  private func refusal(
    _ code: String, _ description: String?, _ reply: TokenReply, passes: Bool
  ) -> SecretFault {
    let passes = passes || Self.passing.contains(code)
    var words = "refused: \(code.isEmpty ? "HTTP \(reply.status)" : clean(code))"
    if let description, !description.isEmpty { words += " (\(clean(description)))" }
    words += "; \(passes ? "it is asked again after a pause" : Self.advice[code] ?? "check oauth")"
    if let hint = clockHint(reply) { words += ". \(hint)" }
    return fault(words, needsSomebody: !passes, retryAfter: reply.retryAfter)
  }

  /// An assertion carries the time, so a clock that is off looks like a bad key.
  private func clockHint(_ reply: TokenReply) -> String? {
    guard request.isDated, let lead = reply.clockLead else { return nil }
    let seconds = lead.components.seconds
    guard abs(seconds) >= 60 else { return nil }
    return
      "This machine's clock is \(abs(seconds)) seconds \(seconds > 0 ? "ahead of" : "behind") the endpoint's; set it right"
  }

  private func isHTML(_ reply: TokenReply) -> Bool {
    if reply.contentType?.lowercased().contains("html") == true { return true }
    let start = String(decoding: reply.body.drop { $0 <= 0x20 }.prefix(15), as: UTF8.self).lowercased()
    return start.hasPrefix("<!doctype") || start.hasPrefix("<html")
  }

  /// The endpoint's words, fit to be shown: short, on one line, without what we sent and what it may have given.
  private func clean(_ text: String) -> String {
    // Microsoft's words have lines.
    var text = text.unicodeScalars.map { $0.value < 0x20 ? " " : String($0) }.joined()
      .split(separator: " ").joined(separator: " ")
    for secret in request.confidential where !secret.isEmpty { text = text.replacing(secret, with: "••••") }
    let redacted = ReplyRedaction().redact(Self.withoutTokens(text))
    var result = ""
    for character in redacted {
      guard result.utf8.count + String(character).utf8.count <= Self.wordsLimit else { break }
      result.append(character)
    }
    return result
  }

  /// Words that are too long to be anything that a person reads: assertions and tokens, or parts of them.
  private static func withoutTokens(_ text: String) -> String {
    var result: [UInt8] = []
    for word in text.utf8.split(separator: 0x20, omittingEmptySubsequences: false) {
      if !result.isEmpty || word.startIndex != text.utf8.startIndex { result.append(0x20) }
      let longest = word.split { !isOfToken($0) }.map(\.count).max() ?? 0
      result += longest > 60 ? Array("••••".utf8) : Array(word)
    }
    return String(decoding: result, as: UTF8.self)
  }

  private static func isOfToken(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "+"),
      UInt8(ascii: "/"):
      true
    default: false
    }
  }
}
