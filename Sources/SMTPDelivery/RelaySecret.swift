internal import LinuxSystem

/// What proves to a relay who we are: a password or token out of a file, or a token that we fetch ourselves (OAuth 2).
///
/// Read at each connect, so that what another program renews is used with the next connection.
enum RelaySecret: Sendable {
  case file(SecretFile)
  case token(TokenSource)

  /// The secret's bytes. A token that is there and good is returned at once; else this waits for the token endpoint.
  func read(cancel: CancelFlag) throws(SecretFault) -> [UInt8] {
    switch self {
    case .file(let file):
      do throws(SecretFile.Fault) { return try file.read() } catch { throw SecretFault(error.message) }
    case .token(let source): return try source.token(cancel: cancel).bytes
    }
  }

  /// The relay refused it: a token that we fetched is used no more.
  ///
  /// - Returns: true where the next `read` may bring another.
  func refused(_ secret: [UInt8]) -> Bool {
    guard case .token(let source) = self else { return false }
    source.refused(secret)
    return true
  }

  /// Where it comes from, for messages: a file, or a token endpoint.
  var path: String {
    switch self {
    case .file(let file): file.path
    case .token(let source): source.endpointName
    }
  }
}

/// Why a secret is not to be had, and what to do. It never holds any of the secret.
package struct SecretFault: Error, Hashable, Sendable, CustomStringConvertible {
  package let message: String
  /// False where it may pass by itself: the endpoint does not answer, or asks for patience.
  package let needsSomebody: Bool
  /// How long the endpoint asked to be left alone.
  package let retryAfter: Duration?

  init(_ message: String, needsSomebody: Bool = true, retryAfter: Duration? = nil) {
    self.message = message
    self.needsSomebody = needsSomebody
    self.retryAfter = retryAfter
  }

  package var description: String { message }

  /// As the pause of a relay: a hold where somebody has to act, else a back-off.
  func trouble(of relay: String) -> RelayTrouble {
    RelayTrouble(
      stage: .authentication, incident: needsSomebody ? .secretUnreadable : .tokenUnavailable, reply: nil,
      message: "\(relay): \(message)")
  }
}

/// The settings of a relay that say what its secret is, before they are checked.
struct GivenSecret {
  private let passwordFile: String?
  private let oauth: TokenSettings?
  private let readers: SecretReaders
  private let timing: RelayTiming
  private let trust: FileTrust

  init(
    _ passwordFile: String?, _ oauth: TokenSettings?, _ readers: SecretReaders, _ timing: RelayTiming,
    _ trust: FileTrust
  ) {
    self.passwordFile = passwordFile
    self.oauth = oauth
    self.readers = readers
    self.timing = timing
    self.trust = trust
  }

  /// The key that is there; nil where none is.
  var key: String? { passwordFile != nil ? "passwordFile" : oauth != nil ? "oauth" : nil }

  /// Where the settings name none; nil for the best one of those for passwords.
  var usualMechanism: String? { oauth == nil ? nil : "XOAUTH2" }

  func secret(for mechanism: String?) throws(RelayFault) -> RelaySecret {
    let takesToken = mechanism == "XOAUTH2" || mechanism == "OAUTHBEARER"
    switch (passwordFile, oauth) {
    case (_?, _?):
      throw RelayFault("oauth", "is there beside passwordFile; leave out one of them")
    case (nil, nil):
      throw RelayFault(
        "passwordFile",
        "is missing; name a file of mode 0600 with the password or token of the username, or set oauth")
    case (let path?, nil):
      return .file(
        SecretFile(
          path: path, key: "passwordFile", content: takesToken ? .token : .password, readers: readers,
          trust: trust))
    case (nil, let oauth?):
      guard takesToken else {
        throw RelayFault(
          "mechanism", "is \(mechanism ?? "for passwords"), which takes no token; set XOAUTH2 or OAUTHBEARER")
      }
      return .token(
        TokenSource(
          oauth,
          endpoint: TokenEndpoint(connectTimeout: timing.connect, timeout: timing.connect + timing.reply)))
    }
  }
}
