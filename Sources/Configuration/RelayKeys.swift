internal import Documents
internal import LinuxSystem
internal import SMTPDelivery

/// The keys of one relay. What they contradict each other in is found by `RelaySettings`, and told with the key when
/// relays are wanted: who asks for a status needs none.
enum RelayKeys: SettingsGroup {
  private static let usual = RelayTiming()
  static let url = RequiredKey("url", .text, "smtp://host:port or smtps://host:port")
  static let security = OptionalKey(
    "security", SettingsForm<RelaySettings.Security>.choice(),
    else: "\"starttls\", for smtps:// \"implicit\"",
    "TLS; plaintext on this machine alone, unless allowPlaintext says otherwise.")
  static let allowPlaintext = DefaultedKey(
    "allowPlaintext", .bool, default: false,
    "Plaintext beyond this machine, where the network in between is yours; no password goes that way.")
  static let username = OptionalKey("username", .text, else: "nobody", "Who we are to the relay.")
  static let passwordFile = OptionalKey(
    "passwordFile", .secretFile,
    "The password, or a token that another program renews; read at each connect.")
  static let oauth = OptionalKey(
    "oauth", .group(TokenKeys.self),
    "A token that is fetched (OAuth 2), in place of passwordFile; for XOAUTH2 and OAUTHBEARER.")
  static let secretMode = DefaultedKey(
    "secretMode", .choice(), default: SecretReaders.guarded,
    "Who else may read the files of secrets; guarded: nobody but a group of ours where root owns it.")
  static let mechanism = OptionalKey(
    "mechanism", .choice(RelaySettings.Credentials.knownMechanisms),
    else: "the best for passwords that both know; with oauth \"XOAUTH2\"", "How we log in.")
  static let caFile = OptionalKey(
    "caFile", .path, else: "the system's authorities", "Whose certificates are good (PEM).")
  static let clientCertificate = OptionalKey(
    "clientCertificate", .path, "A certificate of ours where the relay asks for one (PEM).")
  static let clientKey = OptionalKey(
    "clientKey", .path, else: "the certificate's file", "The key of clientCertificate (PEM).")
  static let hello = OptionalKey(
    "hello", .text, else: "this machine's full name, else its address", "The name in EHLO.")
  static let lanes = DefaultedKey(
    "lanes", .integer(1...64), default: RelaySettings.usualLanes, "At most so many connections at a time.")
  static let maxPerSecond = OptionalKey(
    "maxPerSecond", .integer(1...1_000_000), else: "as many as it takes", "Mails a second.")
  static let maxPerConnection = OptionalKey(
    "maxPerConnection", .integer(1...1_000_000),
    else: "as many as it takes, which is found out and remembered", "Mails on one connection.")
  static let pipelining = DefaultedKey(
    "pipelining", .either("auto", "off"), default: true,
    "Whether commands go out in groups where the relay offers PIPELINING; one at a time once it has lost some."
  )
  static let connectTimeout = DefaultedKey(
    "connectTimeout", .duration(.milliseconds(100)...Duration.seconds(600)), default: usual.connect,
    "Look-up, TCP and TLS, each.")
  static let replyTimeout = DefaultedKey(
    "replyTimeout", .duration(.milliseconds(100)...Duration.seconds(600)), default: usual.reply,
    "The greeting and each answer.")

  static let keys: [any DescribedKey] = [
    url, security, allowPlaintext, username, passwordFile, oauth, secretMode, mechanism, caFile,
    clientCertificate, clientKey, hello, lanes, maxPerSecond, maxPerConnection, pipelining, connectTimeout,
    replyTimeout,
  ]

  /// Makes the settings, for files that are believed as the trust says.
  typealias Value = @Sendable (FileTrust) -> Result<RelaySettings, ConfigurationFault>

  static func read(_ members: DocumentObject) throws(DocumentFault) -> Value {
    let url = try members[url]
    let security = try members[security]
    let allowPlaintext = try members[allowPlaintext]
    let username = try members[username]
    let passwordFile = try members[passwordFile]
    let oauth = try members[oauth]
    let readers = try members[secretMode]
    let mechanism = try members[mechanism]
    let caFile = try members[caFile]
    let certificate = try members[clientCertificate]
    let key = try members[clientKey]
    let hello = try members[hello]
    let lanes = try members[lanes]
    let maxPerSecond = try members[maxPerSecond]
    let maxPerConnection = try members[maxPerConnection]
    let pipelines = try members[pipelining]
    var timing = RelayTiming()
    timing.connect = try members[connectTimeout]
    timing.reply = try members[replyTimeout]
    return { [timing] trust in
      Result { () throws(RelayFault) in
        try RelaySettings(
          url: url, security: security, username: username, passwordFile: passwordFile, mechanism: mechanism,
          caFile: caFile,
          clientCertificate: certificate.map { .init(certificateFile: $0, keyFile: key ?? $0) }, lanes: lanes,
          maxPerSecond: maxPerSecond.map(Double.init), maxPerConnection: maxPerConnection,
          pipelines: pipelines, allowPlaintext: allowPlaintext, heloName: hello, timing: timing,
          oauth: try oauth?(readers, trust), secretReaders: readers, trust: trust)
      }.mapError { fault in
        ConfigurationFault(
          members.fault(fault.message, of: fault.field.split(separator: ".").map(String.init)))
      }
    }
  }
}

/// The keys of `relays[].oauth`. What must be there for which grant is found by `TokenSettings`.
enum TokenKeys: SettingsGroup {
  static let grant = RequiredKey(
    "grant", SettingsForm<TokenSettings.Grant>.choice(),
    "client-credentials (Microsoft) or jwt-bearer (Google)")
  static let tokenURL = OptionalKey(
    "tokenURL", .text, else: "the token_uri of keyFile", "The token endpoint: HTTPS, or HTTP on this machine."
  )
  static let clientID = OptionalKey(
    "clientID", .text, "client-credentials: the client (application) as it is registered.")
  static let clientSecretFile = OptionalKey(
    "clientSecretFile", .secretFile, "client-credentials: the client's secret.")
  static let clientKeyFile = OptionalKey(
    "clientKeyFile", .secretFile, "client-credentials: in place of a secret the client's RSA key (PEM).")
  static let clientThumbprint = OptionalKey(
    "clientThumbprint", .text, "The thumbprint of that key's certificate, hex, SHA-1 or SHA-256.")
  static let keyID = OptionalKey("keyID", .text, "The id of that key, in place of a thumbprint.")
  static let keyFile = OptionalKey(
    "keyFile", .secretFile, "jwt-bearer: the service account's key, JSON with client_email and private_key.")
  static let subject = OptionalKey("subject", .text, "jwt-bearer: on whose behalf, the mailbox.")
  static let scope = OptionalKey("scope", .text, "What the token is for.")
  static let caFile = OptionalKey(
    "caFile", .path, else: "the system's authorities", "Whose certificates are good for the endpoint (PEM).")
  static let proxy = OptionalKey(
    "proxy", .text, else: "none, whatever is set in the environment",
    "http://HOST:PORT, or environment to go by https_proxy.")

  static let keys: [any DescribedKey] = [
    grant, tokenURL, clientID, clientSecretFile, clientKeyFile, clientThumbprint, keyID, keyFile, subject,
    scope, caFile, proxy,
  ]

  /// Makes the settings, for those who may read the relay's secrets and those whose they may be.
  typealias Value = @Sendable (SecretReaders, FileTrust) throws(RelayFault) -> TokenSettings

  static func read(_ members: DocumentObject) throws(DocumentFault) -> Value {
    let grant = try members[grant]
    let tokenURL = try members[tokenURL]
    let clientID = try members[clientID]
    let clientSecretFile = try members[clientSecretFile]
    let clientKeyFile = try members[clientKeyFile]
    let clientThumbprint = try members[clientThumbprint]
    let keyID = try members[keyID]
    let keyFile = try members[keyFile]
    let subject = try members[subject]
    let scope = try members[scope]
    let caFile = try members[caFile]
    let proxy = try members[proxy]
    return { readers, trust throws(RelayFault) in
      try TokenSettings(
        grant: grant, tokenURL: tokenURL, clientID: clientID, clientSecretFile: clientSecretFile,
        clientKeyFile: clientKeyFile, clientThumbprint: clientThumbprint, keyID: keyID, keyFile: keyFile,
        subject: subject, scope: scope, caFile: caFile, proxy: proxy, readers: readers, trust: trust)
    }
  }
}
