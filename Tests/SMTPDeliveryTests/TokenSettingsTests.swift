import Foundation
import Testing

@testable import SMTPDelivery

/// What the settings of a token refuse, each with its key.
@Suite struct TokenSettingsTests {
  private static let url = "https://login.example/token"

  private func fault(_ make: () throws -> Any) -> RelayFault? {
    do {
      _ = try make()
      return nil
    } catch { return error as? RelayFault }
  }

  @Test func `takes each grant with what it needs`() throws {
    let url = Self.url
    _ = try TokenSettings(
      grant: .clientCredentials, tokenURL: url, clientID: "c", clientSecretFile: "s")
    _ = try TokenSettings(
      grant: .clientCredentials, tokenURL: url, clientID: "c", clientKeyFile: "k",
      clientThumbprint: String(repeating: "AB:", count: 19) + "ab", scope: "s")
    _ = try TokenSettings(
      grant: .clientCredentials, tokenURL: url, clientID: "c", clientKeyFile: "k", keyID: "1")
    _ = try TokenSettings(grant: .jwtBearer, keyFile: "f", scope: "s")
    _ = try TokenSettings(grant: .jwtBearer, tokenURL: url, keyFile: "f", subject: "u", scope: "s")
    let files = try TokenSettings(
      grant: .clientCredentials, tokenURL: url, clientID: "c", clientSecretFile: "/s", caFile: "/ca"
    ).files
    #expect(files.map(\.path) == ["/s", "/ca"])
    #expect(files.map(\.key) == ["oauth.clientSecretFile", "oauth.caFile"])
  }

  @Test func `names the key of what is missing or does not belong there`() {
    let url = Self.url
    let rows: [(String, String, () throws -> TokenSettings)] = [
      (
        "tokenURL", "is missing",
        { try TokenSettings(grant: .clientCredentials, clientID: "c", clientSecretFile: "s") }
      ),
      (
        "clientID", "is missing",
        { try TokenSettings(grant: .clientCredentials, tokenURL: url, clientSecretFile: "s") }
      ),
      (
        "clientSecretFile", "is missing",
        { try TokenSettings(grant: .clientCredentials, tokenURL: url, clientID: "c") }
      ),
      (
        "clientKeyFile", "beside clientSecretFile",
        {
          try TokenSettings(
            grant: .clientCredentials, tokenURL: url, clientID: "c", clientSecretFile: "s", clientKeyFile: "k"
          )
        }
      ),
      (
        "clientThumbprint", "is missing",
        { try TokenSettings(grant: .clientCredentials, tokenURL: url, clientID: "c", clientKeyFile: "k") }
      ),
      (
        "clientThumbprint", "is no thumbprint",
        {
          try TokenSettings(
            grant: .clientCredentials, tokenURL: url, clientID: "c", clientKeyFile: "k",
            clientThumbprint: "abc")
        }
      ),
      (
        "clientThumbprint", "belongs to clientKeyFile",
        {
          try TokenSettings(
            grant: .clientCredentials, tokenURL: url, clientID: "c", clientSecretFile: "s",
            clientThumbprint: "ab")
        }
      ),
      (
        "keyFile", "use clientKeyFile",
        {
          try TokenSettings(
            grant: .clientCredentials, tokenURL: url, clientID: "c", clientSecretFile: "s", keyFile: "f")
        }
      ),
      (
        "subject", "does not belong to grant client-credentials",
        {
          try TokenSettings(
            grant: .clientCredentials, tokenURL: url, clientID: "c", clientSecretFile: "s", subject: "u")
        }
      ),
      ("keyFile", "is missing", { try TokenSettings(grant: .jwtBearer, scope: "s") }),
      ("scope", "is missing", { try TokenSettings(grant: .jwtBearer, keyFile: "f") }),
      (
        "clientID", "does not belong to grant jwt-bearer",
        { try TokenSettings(grant: .jwtBearer, clientID: "c", keyFile: "f", scope: "s") }
      ),
      (
        "clientSecretFile", "does not belong to grant jwt-bearer",
        { try TokenSettings(grant: .jwtBearer, clientSecretFile: "c", keyFile: "f", scope: "s") }
      ),
      ("scope", "not plain ASCII", { try TokenSettings(grant: .jwtBearer, keyFile: "f", scope: "a\nb") }),
      (
        "proxy", "is no proxy",
        { try TokenSettings(grant: .jwtBearer, keyFile: "f", scope: "s", proxy: "proxy:3128") }
      ),
      (
        "proxy", "without a user",
        { try TokenSettings(grant: .jwtBearer, keyFile: "f", scope: "s", proxy: "http://u:p@proxy:3128") }
      ),
    ]
    for (key, says, make) in rows {
      let fault = fault(make)
      #expect(fault?.field == "oauth.\(key)")
      #expect(fault?.message.contains(says) == true, "\(fault?.message ?? "taken")")
    }
  }

  @Test(arguments: [
    "https://login.example/token", "https://login.example:8443/a/b?c=d", "HTTPS://Login.Example",
    "http://127.0.0.1:8080/token", "http://localhost/token", "http://[::1]:1/t", "https://[2001:db8::1]/t",
  ])
  func `takes this token endpoint`(_ url: String) throws {
    #expect(try TokenURL(url, key: "k").isEncrypted == url.lowercased().hasPrefix("https"))
  }

  @Test(arguments: [
    "", "login.example/token", "ftp://login.example/", "http://login.example/token",
    "http://127.0.0.1.example/", "https://user:secret@login.example/", "https://", "https:///token",
    "https://login.example/#x", "https://login.example/a b", "https://login.example:0/",
    "https://login.example:x/", "https://login.example/\r\nHost: x", "https://lögin.example/",
    "https://login.microsoftonline.com/<tenant>/oauth2/v2.0/token", "https://{host}/token",
    "https://[::1/", "file:///etc/passwd",
  ])
  func `refuses this token endpoint`(_ url: String) {
    let fault = fault { try TokenURL(url, key: "oauth.tokenURL") }
    #expect(fault?.field == "oauth.tokenURL")
    #expect(fault?.message.contains("secret@") == false)
  }

  @Test func `a relay takes a token or a password, by a mechanism that fits, and says who it is`() throws {
    let oauth = try TokenSettings(grant: .jwtBearer, keyFile: "f", scope: "s")
    func field(_ make: () throws -> RelaySettings) -> String? { fault(make)?.field }
    let url = "smtp://mail.example"
    #expect(field { try RelaySettings(url: url, oauth: oauth) } == "username")
    #expect(
      field { try RelaySettings(url: url, username: "u", passwordFile: "p", oauth: oauth) } == "oauth")
    for mechanism in ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256"] {
      #expect(
        field { try RelaySettings(url: url, username: "u", mechanism: mechanism, oauth: oauth) }
          == "mechanism")
    }
    #expect(
      try RelaySettings(url: url, username: "u", oauth: oauth).credentials?.mechanism == "XOAUTH2")
    #expect(
      try RelaySettings(url: url, username: "u", mechanism: "oauthbearer", oauth: oauth).credentials?
        .mechanism == "OAUTHBEARER")
    // A token crosses no network in the clear.
    #expect(
      field {
        try RelaySettings(
          url: url, security: .plaintext, username: "u", allowPlaintext: true, oauth: oauth)
      } == "security")
  }
}
