import Foundation
import LinuxSystem
import TestSupport
import Testing

@testable import SMTPDelivery

/// What is asked of a token endpoint, in full, for each grant.
@Suite(.waits) struct TokenRequestTests {
  private static func answer() throws -> TokenServer { try TokenServer(.token("t0ken")) }

  private func checkRequest(_ server: TokenServer) throws -> TokenServer.Request {
    #expect(server.requests.count == 1)
    let request = try #require(server.requests.first)
    #expect(request.line == "POST /token HTTP/1.1")
    #expect(request.headers["content-type"] == "application/x-www-form-urlencoded")
    #expect(request.headers["accept"] == "application/json")
    #expect(request.headers["content-length"] == "\(request.body.utf8.count)")
    for name in ["authorization", "cookie", "expect", "referer"] { #expect(request.headers[name] == nil) }
    return request
  }

  @Test func `asks with the client's secret`() throws {
    let rig = try TokenRig(try Self.answer())
    #expect(try rig.token() == "t0ken")
    let request = try checkRequest(rig.server)
    #expect(
      request.form == [
        "grant_type": "client_credentials", "client_id": "client-1", "client_secret": TokenRig.secret,
        "scope": "https://outlook.office365.com/.default",
      ])
    #expect(request.body.contains("client_secret=s3cr3t~of%2Fthe%2Bclient&"), "as the form encodes it")
  }

  @Test(.enabled(if: TestKey.isAvailable, "openssl is missing"), arguments: [20, 32])
  func `asks with an assertion that the client's key signed`(_ size: Int) throws {
    let key = try TestKey()
    let print = (0..<size).map { UInt8($0 * 7 + 3) }
    let hex = print.map { String(format: "%02X", $0) }.joined(separator: size == 20 ? ":" : "")
    let rig = try TokenRig(try Self.answer()) { url, _ in
      try TokenSettings(
        grant: .clientCredentials, tokenURL: url, clientID: "client-1", clientKeyFile: key.privateFile,
        clientThumbprint: hex, scope: "s")
    }
    let before = Int(Date().timeIntervalSince1970)
    #expect(try rig.token() == "t0ken")
    var form = try checkRequest(rig.server).form
    let removed = form.removeValue(forKey: "client_assertion")
    let assertion = try #require(removed)
    #expect(
      form == [
        "grant_type": "client_credentials", "client_id": "client-1", "scope": "s",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      ])
    #expect(try key.signed(assertion))
    let header = TestKey.part(0, of: assertion)
    #expect(header["alg"] as? String == "RS256" && header["typ"] as? String == "JWT")
    let name = size == 20 ? "x5t" : "x5t#S256"
    #expect(header[name] as? String == SignedAssertion.base64URL(print))
    #expect(header.count == 3)
    let claims = TestKey.part(1, of: assertion)
    #expect(claims["iss"] as? String == "client-1" && claims["sub"] as? String == "client-1")
    #expect(claims["aud"] as? String == rig.server.url)
    #expect((claims["jti"] as? String)?.count == 36)
    let issued = try #require(claims["iat"] as? Int)
    #expect(issued >= before && issued <= Int(Date().timeIntervalSince1970))
    #expect(claims["nbf"] as? Int == issued && claims["exp"] as? Int == issued + 300)
  }

  @Test(.enabled(if: TestKey.isAvailable, "openssl is missing"), arguments: [nil, "codes@fabrikam.example"])
  func `asks with a service account's assertion`(_ subject: String?) throws {
    let key = try TestKey()
    let rig = try TokenRig(try Self.answer()) { url, directory in
      let file = try writeSecret(key.serviceAccount(tokenURL: url), in: directory)
      return try TokenSettings(
        grant: .jwtBearer, keyFile: file, subject: subject, scope: "https://mail.google.com/")
    }
    #expect(try rig.token() == "t0ken")
    var form = try checkRequest(rig.server).form
    let removed = form.removeValue(forKey: "assertion")
    let assertion = try #require(removed)
    #expect(form == ["grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer"])
    #expect(try key.signed(assertion))
    let header = TestKey.part(0, of: assertion)
    #expect(header as? [String: String] == ["alg": "RS256", "typ": "JWT", "kid": "k1"])
    let claims = TestKey.part(1, of: assertion)
    #expect(claims["iss"] as? String == "mailer@fabrikam.iam.example")
    #expect(claims["scope"] as? String == "https://mail.google.com/")
    #expect(claims["aud"] as? String == rig.server.url)
    #expect(claims["sub"] as? String == subject)
    let issued = try #require(claims["iat"] as? Int)
    #expect(claims["exp"] as? Int == issued + 3600)
  }

  @Test(.enabled(if: TestKey.isAvailable, "openssl is missing"))
  func `two assertions are never the same, and tokenURL goes before token_uri`() throws {
    let key = try TestKey()
    let server = try TokenServer(.token("a", lifetime: 1000), .token("b", lifetime: 1000))
    let rig = try TokenRig(server) { url, directory in
      let file = try writeSecret(
        key.serviceAccount(tokenURL: "https://127.0.0.1:1/elsewhere", keyID: nil), in: directory)
      return try TokenSettings(grant: .jwtBearer, tokenURL: url, keyFile: file, scope: "s")
    }
    #expect(try rig.token() == "a")
    rig.source.refused(Array("a".utf8))
    #expect(try rig.token() == "b")
    let assertions = server.requests.compactMap { $0.form["assertion"] }
    #expect(Set(assertions).count == 2)
    #expect(TestKey.part(1, of: assertions[0])["aud"] as? String == server.url)
    #expect(TestKey.part(0, of: assertions[0])["kid"] == nil)
  }

  @Test(.enabled(if: TestKey.isAvailable, "openssl is missing"))
  func `says which key file cannot be used and why, and asks nobody`() throws {
    let short = try TestKey("-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024")
    let curve = try TestKey("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
    let locked = try TestKey("-algorithm", "RSA", "-aes128", "-pass", "pass:x")
    let server = try TokenServer(.token("t"))
    for (file, says) in [
      (short.privateFile, "RSA of at least 2,048 bits"), (curve.privateFile, "another key than RSA"),
      (locked.privateFile, "without a passphrase"), (short.publicFile, "no private key"),
      ("/nowhere/key.pem", "name its file in oauth.clientKeyFile"),
    ] {
      if file == short.publicFile {
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
      }
      let rig = try TokenRig(server) { url, _ in
        try TokenSettings(
          grant: .clientCredentials, tokenURL: url, clientID: "c", clientKeyFile: file, keyID: "k")
      }
      let fault = try #require(try rig.fault())
      #expect(fault.needsSomebody && fault.message.contains(says) && fault.message.contains(file), "\(fault)")
    }
    for (text, says) in [
      ("{}", "has no client_email"), (#"{"client_email":"a"}"#, "has no private_key"),
      (#"{"type":"authorized_user","client_email":"a"}"#, "of type authorized_user"),
      ("not json", "not a service account's key"), ("", "is empty"),
      (#"{"client_email":"a","private_key":"x"}"#, "has no token_uri"),
      (#"{"client_email":"a","private_key":"x","token_uri":"http://mail.example/t"}"#, "token_uri: is http"),
      (#"{"client_email":"a","private_key":"x","token_uri":"\#(server.url)"}"#, "no private key"),
    ] {
      let rig = try TokenRig(server) { _, directory in
        try TokenSettings(
          grant: .jwtBearer, keyFile: try writeSecret(text, in: directory, name: "account.json"), scope: "s")
      }
      let fault = try #require(try rig.fault())
      #expect(fault.needsSomebody && fault.message.contains(says), "\(fault)")
      #expect(fault.message.contains("account.json"))
    }
    #expect(server.requests.isEmpty)
  }
}
