internal import FoundationEssentials

/// One request for a token: where it goes and the form that is posted. It holds secrets: it is made right before it is
/// sent, and who sends it wipes the form.
struct TokenRequest {
  let url: TokenURL
  /// `application/x-www-form-urlencoded` (RFC 6749 appendix B).
  var form: [UInt8]
  /// What must not be shown, should the endpoint repeat it.
  let confidential: [String]
  /// The time of this machine counts: the form holds an assertion with a time in it.
  let isDated: Bool

  /// Reads the secret's file and makes the form.
  ///
  /// - Parameter date: the calendar's; it goes into assertions alone.
  init(_ settings: TokenSettings, date: Date) throws(SecretFault) {
    var fields: [(name: String, value: String)] = []
    let now = Int(date.timeIntervalSince1970)
    switch settings.proof {
    case .secret(let clientID, let file):
      let secret = String(decoding: try Self.read(file), as: UTF8.self)
      url = settings.url!
      fields = [
        ("grant_type", "client_credentials"), ("client_id", clientID), ("client_secret", secret),
      ]
      confidential = [secret, Self.encoded(secret)]
      isDated = false
    case .key(let clientID, let file, let thumbprint, let keyID):
      url = settings.url!
      var header: SignedAssertion.Members = []
      if let thumbprint {
        header.append(
          (thumbprint.count == 20 ? "x5t" : "x5t#S256", .text(SignedAssertion.base64URL(thumbprint))))
      }
      if let keyID { header.append(("kid", .text(keyID))) }
      let assertion = try SignedAssertion.make(
        header: header,
        claims: [
          ("iss", .text(clientID)), ("sub", .text(clientID)), ("aud", .text(url.text)),
          ("jti", .text(UUID().uuidString.lowercased())), ("nbf", .number(now)), ("iat", .number(now)),
          ("exp", .number(now + 300)),
        ], key: try Self.read(file), path: file.path)
      fields = [
        ("grant_type", "client_credentials"), ("client_id", clientID),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", assertion),
      ]
      confidential = [assertion]
      isDated = true
    case .serviceAccount(let file):
      let account = try ServiceAccount(json: try Self.read(file), path: file.path)
      url = try Self.endpoint(of: account, settings, file)
      var claims: SignedAssertion.Members = [
        ("iss", .text(account.address)), ("scope", .text(settings.scope ?? "")), ("aud", .text(url.text)),
      ]
      if let subject = settings.subject { claims.append(("sub", .text(subject))) }
      claims += [
        ("jti", .text(UUID().uuidString.lowercased())), ("iat", .number(now)), ("exp", .number(now + 3600)),
      ]
      let assertion = try SignedAssertion.make(
        header: account.keyID.map { [("kid", .text($0))] } ?? [], claims: claims, key: account.privateKey,
        path: file.path)
      fields = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), ("assertion", assertion),
      ]
      confidential = [assertion]
      isDated = true
    }
    // A service account's scope stands in its assertion.
    if settings.grant == .clientCredentials, let scope = settings.scope { fields.append(("scope", scope)) }
    form = Array(
      fields.map { "\(Self.encoded($0.name))=\(Self.encoded($0.value))" }.joined(separator: "&").utf8)
  }

  private static func endpoint(
    of account: ServiceAccount, _ settings: TokenSettings, _ file: SecretFile
  ) throws(SecretFault) -> TokenURL {
    if let url = settings.url { return url }
    guard let text = account.tokenURL else {
      throw SecretFault("\(file.path) has no token_uri; add it, or set oauth.tokenURL")
    }
    do throws(RelayFault) { return try TokenURL(text, key: "token_uri") } catch {
      throw SecretFault("\(file.path): \(error)")
    }
  }

  private static func read(_ file: SecretFile) throws(SecretFault) -> [UInt8] {
    do throws(SecretFile.Fault) { return try file.read() } catch { throw SecretFault(error.message) }
  }

  private static func encoded(_ text: String) -> String {
    var result: [UInt8] = []
    let digits = Array("0123456789ABCDEF".utf8)
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        result.append(byte)
      default: result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
