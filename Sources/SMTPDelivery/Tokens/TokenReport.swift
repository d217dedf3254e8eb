internal import Documents
internal import FoundationEssentials
internal import LinuxSystem

/// What fetching a token for a relay came to, for whoever looks before mail is sent. It holds nothing of the token.
package struct TokenReport: Sendable {
  /// The endpoint's host.
  package let endpoint: String
  package let grant: String
  package let took: Duration
  package let lifetime: Duration
  /// What the endpoint said that the token is for; nil where it said nothing, which means all that was asked for.
  package let scope: String?
  /// What was asked for.
  package let wantedScope: String?

  /// A token of Microsoft's for Exchange that does not carry the permission to send by SMTP, which its endpoint grants
  /// without a word and its relay refuses without a reason.
  package let lacksSendAsApp: Bool

  /// What was asked for and not granted. A scope that stands for "all that was agreed" (`…/.default`) is granted under
  /// other names.
  package var missingScopes: [String] {
    guard let scope, let wantedScope else { return [] }
    let granted = scope.split(separator: " ")
    return wantedScope.split(separator: " ").filter { !granted.contains($0) && !$0.hasSuffix("/.default") }
      .map(String.init)
  }
}

extension RelaySettings {
  /// Fetches a token, so that the connection after it finds one; nil where none is fetched for this relay.
  func tokenReport() throws(RelayTrouble) -> TokenReport? {
    guard case .token(let source) = credentials?.secret else { return nil }
    let start = monotonicTime()
    guard let cancel = try? CancelFlag() else { return nil }
    do throws(SecretFault) {
      let token = try source.token(cancel: cancel)
      return TokenReport(
        endpoint: source.endpointName, grant: source.settings.grant.rawValue,
        took: monotonicTime() - start, lifetime: token.lifetime, scope: token.scope,
        wantedScope: source.settings.scope, lacksSendAsApp: token.lacksSendAsApp)
    } catch { throw error.trouble(of: name) }
  }

  /// What is odd about the file of the secret and works all the same; nothing where it cannot be read.
  var secretRemarks: [String] {
    let file: SecretFile
    switch credentials?.secret {
    case .file(let secret): file = secret
    case .token(let source): file = source.settings.secretFile
    case nil: return []
    }
    return (try? file.inspect().remarks) ?? []
  }
}

extension BearerToken {
  /// Tokens are their issuer's business: this is a look, for advice alone, at one kind whose claims are documented.
  fileprivate var lacksSendAsApp: Bool {
    let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 3, let data = SignedAssertion.decoded(base64URL: parts[1]),
      let claims = try? Document(Array(data), as: .json).root, let audience = claims["aud"]?.text,
      audience.hasPrefix("https://outlook.office")
    else { return false }
    return claims["roles"]?.texts?.contains("SMTP.SendAsApp") != true
      && claims["scp"]?.text?.contains("SMTP.Send") != true
  }
}
