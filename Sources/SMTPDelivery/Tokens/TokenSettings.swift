package import LinuxSystem

/// How a token for a relay is asked for (OAuth 2), as the configuration says it. A value of it can be used: what
/// contradicts itself was refused. Whether the files are there shows when a token is fetched.
package struct TokenSettings: Sendable {
  package enum Grant: String, Sendable, CaseIterable {
    /// A client that speaks for itself (RFC 6749 4.4), with a secret or an assertion that its key signed (RFC 7523
    /// 2.2): Microsoft's.
    case clientCredentials = "client-credentials"
    /// An assertion that a service account's key signed (RFC 7523 2.1): Google's.
    case jwtBearer = "jwt-bearer"
  }

  /// By what the client shows who it is.
  enum Proof: Sendable {
    case secret(clientID: String, SecretFile)
    /// RS256. `thumbprint` is that of the key's certificate, SHA-1 or SHA-256.
    case key(clientID: String, SecretFile, thumbprint: [UInt8]?, keyID: String?)
    /// A key file as Google gives it: JSON with the account's address, its key and its endpoint.
    case serviceAccount(SecretFile)
  }

  package let grant: Grant
  let proof: Proof
  /// Nil: what the service account's file says.
  let url: TokenURL?
  let scope: String?
  /// On whose behalf: the mailbox.
  let subject: String?
  /// PEM; in place of the system's certificates.
  let caFile: String?
  let proxy: Proxy

  enum Proxy: Hashable, Sendable {
    case none, environment
    case url(String)
  }

  /// - Parameter clientThumbprint: in hex, as a portal shows it.
  package init(
    grant: Grant, tokenURL: String? = nil, clientID: String? = nil, clientSecretFile: String? = nil,
    clientKeyFile: String? = nil, clientThumbprint: String? = nil, keyID: String? = nil,
    keyFile: String? = nil, subject: String? = nil, scope: String? = nil, caFile: String? = nil,
    proxy: String? = nil, readers: SecretReaders = .guarded, trust: FileTrust = .current
  ) throws(RelayFault) {
    self.grant = grant
    self.caFile = caFile
    self.proxy = try Self.proxy(proxy)
    url = try tokenURL.map { text throws(RelayFault) in try TokenURL(text, key: "oauth.tokenURL") }
    try Self.check("scope", scope)
    try Self.check("clientID", clientID)
    try Self.check("subject", subject)
    try Self.check("keyID", keyID)
    self.scope = scope
    self.subject = subject
    let name = grant.rawValue
    switch grant {
    case .jwtBearer:
      for (key, value) in [
        ("clientID", clientID), ("clientSecretFile", clientSecretFile), ("clientKeyFile", clientKeyFile),
        ("clientThumbprint", clientThumbprint), ("keyID", keyID),
      ] where value != nil {
        throw RelayFault(
          "oauth.\(key)", "does not belong to grant \(name), whose key comes with keyFile; leave it out")
      }
      guard let keyFile else {
        throw RelayFault(
          "oauth.keyFile",
          "is missing; name the service account's key, a JSON file with client_email and private_key"
        )
      }
      guard scope != nil else {
        throw RelayFault(
          "oauth.scope", "is missing; name what the token is for, such as https://mail.google.com/")
      }
      proof = .serviceAccount(
        SecretFile(path: keyFile, key: "oauth.keyFile", content: .document, readers: readers, trust: trust))
    case .clientCredentials:
      if keyFile != nil {
        throw RelayFault(
          "oauth.keyFile", "does not belong to grant \(name); use clientKeyFile, or grant jwt-bearer")
      }
      if subject != nil {
        throw RelayFault("oauth.subject", "does not belong to grant \(name); leave it out")
      }
      guard tokenURL != nil else {
        throw RelayFault("oauth.tokenURL", "is missing; name the token endpoint, https://…")
      }
      guard let clientID else {
        throw RelayFault("oauth.clientID", "is missing; name the client (application) as it is registered")
      }
      proof = try Self.proof(
        clientID, clientSecretFile, clientKeyFile, clientThumbprint, keyID, readers, trust)
    }
  }

  private static func proof(
    _ clientID: String, _ secretFile: String?, _ keyFile: String?, _ thumbprint: String?, _ keyID: String?,
    _ readers: SecretReaders, _ trust: FileTrust
  ) throws(RelayFault) -> Proof {
    switch (secretFile, keyFile) {
    case (let file?, nil):
      for (key, value) in [("clientThumbprint", thumbprint), ("keyID", keyID)] where value != nil {
        throw RelayFault("oauth.\(key)", "belongs to clientKeyFile, which is missing")
      }
      return .secret(
        clientID: clientID,
        SecretFile(
          path: file, key: "oauth.clientSecretFile", content: .token, readers: readers,
          trust: trust))
    case (nil, let file?):
      guard thumbprint != nil || keyID != nil else {
        throw RelayFault(
          "oauth.clientThumbprint",
          "is missing; give the certificate's thumbprint in hex (or keyID), by which the endpoint finds the key"
        )
      }
      return .key(
        clientID: clientID,
        SecretFile(
          path: file, key: "oauth.clientKeyFile", content: .document, readers: readers,
          trust: trust),
        thumbprint: try thumbprint.map(bytes(ofThumbprint:)), keyID: keyID)
    case (nil, nil):
      throw RelayFault(
        "oauth.clientSecretFile", "is missing; name the file with the client's secret, or clientKeyFile")
    case (_?, _?):
      throw RelayFault("oauth.clientKeyFile", "is there beside clientSecretFile; leave out one of them")
    }
  }

  private static func bytes(ofThumbprint text: String) throws(RelayFault) -> [UInt8] {
    let digits = text.utf8.filter { $0 != UInt8(ascii: ":") && $0 != 0x20 }
    let values = digits.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
    guard values.count == digits.count, values.count == 40 || values.count == 64 else {
      throw RelayFault(
        "oauth.clientThumbprint",
        "is no thumbprint; expected 40 hex digits (SHA-1) or 64 (SHA-256), as openssl x509 -fingerprint shows them"
      )
    }
    return stride(from: 0, to: values.count, by: 2).map { UInt8(values[$0] << 4 | values[$0 + 1]) }
  }

  private static func proxy(_ text: String?) throws(RelayFault) -> Proxy {
    guard let text else { return .none }
    if text == "environment" { return .environment }
    let isURL = ["http://", "https://", "socks5h://", "socks5://"].contains { text.hasPrefix($0) }
    guard isURL, !text.contains("@"), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw RelayFault(
        "oauth.proxy",
        "is no proxy; expected http://HOST:PORT without a user, or \"environment\" to go by https_proxy")
    }
    return .url(text)
  }

  private static func check(_ key: String, _ value: String?) throws(RelayFault) {
    guard let value else { return }
    guard !value.isEmpty, value.utf8.count <= 1000, value.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
    else {
      throw RelayFault("oauth.\(key)", "is empty, longer than 1,000 bytes, or not plain ASCII")
    }
  }

  /// All that is read for a token.
  var files: [RelaySettings.NamedFile] {
    [.init(key: secretFile.key, path: secretFile.path, content: .secret)]
      + (caFile.map { [.init(key: "oauth.caFile", path: $0, content: .plain)] } ?? [])
  }

  var secretFile: SecretFile {
    switch proof {
    case .secret(_, let file), .key(_, let file, _, _), .serviceAccount(let file): file
    }
  }

  /// For messages: the endpoint's host, as far as it is known before the key file is read.
  var endpointName: String { url?.host ?? "the token endpoint that \(secretFile.path) names" }
}

/// The address of a token endpoint: HTTPS, or HTTP that never leaves this machine.
struct TokenURL: Hashable, Sendable {
  let text: String
  let host: String
  let isEncrypted: Bool

  /// - Parameter key: where it was found, for messages.
  init(_ text: String, key: String) throws(RelayFault) {
    let expected = "expected https://HOST/PATH"
    guard text.utf8.count <= 2000 else { throw RelayFault(key, "is longer than 2,000 bytes; \(expected)") }
    guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !"\"<>\\^`{|}".utf8.contains($0) }) else {
      throw RelayFault(
        key,
        "holds a character that no URL has; \(expected), with what stands in <…> or {…} replaced by your own")
    }
    let lower = text.lowercased()
    let scheme = lower.hasPrefix("https://") ? "https://" : lower.hasPrefix("http://") ? "http://" : nil
    guard let scheme else { throw RelayFault(key, "does not begin with https://; \(expected)") }
    let rest = text.dropFirst(scheme.count)
    let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    guard !authority.contains("@") else {
      throw RelayFault(key, "holds a user name, which does not belong into a URL; \(expected)")
    }
    guard !rest.contains("#") else { throw RelayFault(key, "has a # in it; \(expected)") }
    // Host and port by the rules of a relay's.
    let parsed: RelayAddress
    do throws(RelayFault) {
      parsed = try RelayAddress.parse("smtp://\(authority)", security: nil).address
    } catch {
      throw RelayFault(
        key, error.message.replacing("smtp://HOST:PORT or smtps://HOST:PORT", with: "https://HOST/PATH"))
    }
    isEncrypted = scheme == "https://"
    guard isEncrypted || parsed.isLoopback else {
      throw RelayFault(
        key, "is http, and \(parsed.host) is not this machine: the secret would cross the network; use https")
    }
    self.text = text
    host = parsed.host
  }
}
