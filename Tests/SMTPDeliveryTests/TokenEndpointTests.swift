import Foundation
import Glibc
import LinuxSystem
import TestSupport
import Testing

@testable import SMTPDelivery

/// How an endpoint is reached: over TLS alone, nowhere else, and for no longer than allowed.
@Suite(.waits) struct TokenEndpointTests {
  @Test func `asks over TLS, with the authorities of caFile`() throws {
    let certificate = try TestCertificate()
    let server = try TokenServer(.token("t"), certificate: certificate)
    let rig = try TokenRig(server) { url, directory in
      try TokenRig.withSecret(url, directory, caFile: certificate.certificateFile)
    }
    #expect(try rig.token() == "t")
    #expect(server.requests.first?.form["client_secret"] == TokenRig.secret)
  }

  @Test(arguments: [
    ("DNS:other.example", 86_400, true), ("DNS:localhost,IP:127.0.0.1", -3600, true),
    ("DNS:localhost,IP:127.0.0.1", 86_400, false),
  ])
  func `sends no secret where the certificate is not good`(
    _ names: String, _ seconds: Int, _ isTrusted: Bool
  ) throws {
    let certificate = try TestCertificate(names: names, validFor: seconds)
    let server = try TokenServer(.token("t"), certificate: certificate)
    let rig = try TokenRig(server) { url, directory in
      try TokenRig.withSecret(url, directory, caFile: isTrusted ? certificate.certificateFile : nil)
    }
    let fault = try #require(try rig.fault())
    #expect(fault.needsSomebody && fault.message.contains("a certificate that is not good"), "\(fault)")
    #expect(server.requests.isEmpty)
  }

  @Test(arguments: [ScriptedRelay.TLS.Version.tls1, .tls1_1])
  func `speaks no TLS before 1.2`(_ version: ScriptedRelay.TLS.Version) throws {
    let certificate = try TestCertificate()
    let server = try TokenServer(certificate: certificate, highest: version) { _, _ in .token("t") }
    let rig = try TokenRig(server) { url, directory in
      try TokenRig.withSecret(url, directory, caFile: certificate.certificateFile)
    }
    let fault = try #require(try rig.fault())
    #expect(fault.message.contains("does not do TLS 1.2 or later"), "\(fault)")
    #expect(server.requests.isEmpty)
  }

  @Test func `says where caFile cannot be read, and where TLS is not spoken`() throws {
    let certificate = try TestCertificate()
    let server = try TokenServer(.token("t"), certificate: certificate)
    let rig = try TokenRig(server) { url, directory in
      try TokenRig.withSecret(url, directory, caFile: "/nowhere/ca.pem")
    }
    let fault = try #require(try rig.fault())
    #expect(fault.needsSomebody && fault.message.contains("/nowhere/ca.pem cannot be read"), "\(fault)")
    let plain = try ScriptedRelay([], afterwards: [.say("HTTP/1.1 400 Bad Request\r\n"), .close])
    defer { plain.stop() }
    let other = try TokenRig(server) { _, directory in
      try TokenRig.withSecret("https://127.0.0.1:\(plain.port)/token", directory)
    }
    let second = try #require(try other.fault())
    #expect(!second.needsSomebody && second.message.contains("does not do TLS"), "\(second)")
    #expect(plain.sessions.allSatisfy { !$0.receivedText.contains("s3cr3t") })
  }

  @Test(arguments: [TokenServer.Answer.silence, .drip])
  func `gives up on an endpoint that is slow`(_ answer: TokenServer.Answer) throws {
    let rig = try TokenRig(try TokenServer(answer), timeout: .milliseconds(200))
    let fault = try #require(try rig.fault())
    #expect(!fault.needsSomebody && fault.message.contains("did not answer in time"), "\(fault)")
  }

  @Test func `says where nobody listens and where the name is not there`() throws {
    let server = try TokenServer(.silence)
    server.stop()
    let closed = try TokenRig(server)
    let fault = try #require(try closed.fault())
    #expect(!fault.needsSomebody && fault.message.contains("takes no connection"), "\(fault)")
    let nowhere = try TokenRig(server, timeout: .seconds(2)) { _, directory in
      try TokenRig.withSecret("https://no-such-host.invalid/token", directory)
    }
    // Without DNS the look-up itself runs out of time.
    let second = try #require(try nowhere.fault())
    #expect(
      second.message.contains("was not found") || second.message.contains("did not answer in time"),
      "\(second)")
    #expect(second.message.hasPrefix("the token endpoint no-such-host.invalid "))
  }

  private static let gzipped = Data(
    base64Encoded:
      "H4sIAAAAAAACA6tWSkxOTi0uji/Jz07NU7JSKjEA0rrpVUo6SmCh+JLKglSguFNqYlFqEVA0taIgsyi1OD4TqNrYzMCgFgCY"
      + "bgjwQwAAAA==")!
  private static let deflated = Data(
    base64Encoded:
      "eNqrVkpMTk4tLo4vyc9OzVOyUioxANK66VVKOkpgofiSyoJUoLhTamJRahFQNLWiILMotTg+E6ja2MzAoBYAHFoWxw==")!
  /// 256 KiB of blanks.
  private static let bomb = Data(
    base64Encoded:
      "H4sIAAAAAAACA+3BMQEAAADCoCrrn9LbDkABAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
      + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
      + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
      + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAALwBNKAvkgAA"
      + "BAA=")!

  @Test(arguments: [("gzip", gzipped), ("deflate", deflated), ("identity", nil)])
  func `takes an answer in any encoding that libcurl can undo`(_ encoding: String, _ body: Data?) throws {
    let plain = #"{"access_token":"t0ken-gz","token_type":"Bearer","expires_in":3600}"#
    let rig = try TokenRig(try TokenServer(.encoded(encoding, Array(body ?? Data(plain.utf8)))))
    #expect(try rig.token() == "t0ken-gz")
    #expect(rig.server.requests.first?.headers["accept-encoding"]?.contains("gzip") == true)
  }

  @Test func `the limit counts what comes out of an encoding`() throws {
    let rig = try TokenRig(try TokenServer(.encoded("gzip", Array(Self.bomb))))
    let fault = try #require(try rig.fault())
    #expect(fault.needsSomebody && fault.message.contains("more than 64 KiB"), "\(fault)")
  }

  @Test func `an encoding that nobody knows passes by itself`() throws {
    let rig = try TokenRig(try TokenServer(.encoded("x-rot13", Array("n".utf8))))
    let fault = try #require(try rig.fault())
    #expect(!fault.needsSomebody && fault.message.contains("no answer that can be read"), "\(fault)")
  }

  @Test func `a redirect is never followed`() throws {
    let elsewhere = try TokenServer(.token("stolen"))
    defer { elsewhere.stop() }
    for status in [301, 302, 303, 307, 308] {
      let rig = try TokenRig(try TokenServer(.http(status, "", headers: ["Location: \(elsewhere.url)"])))
      #expect(try rig.fault()?.needsSomebody == true)
    }
    #expect(elsewhere.requests.isEmpty)
  }

  @Test func `goes through the proxy that is set, in a tunnel`() throws {
    let proxy = try TokenServer(.bytes("HTTP/1.1 403 Forbidden\r\n\r\n"))
    let rig = try TokenRig(proxy) { _, directory in
      try TokenSettings(
        grant: .clientCredentials, tokenURL: "https://login.invalid/token", clientID: "c",
        clientSecretFile: try writeSecret(TokenRig.secret, in: directory),
        proxy: "http://127.0.0.1:\(proxy.port)")
    }
    let fault = try #require(try rig.fault())
    #expect(!fault.needsSomebody && fault.message.contains("the proxy refuses"), "\(fault)")
    #expect(proxy.requests.map(\.line) == ["CONNECT login.invalid:443 HTTP/1.1"])
    #expect(proxy.requests.first?.body == "")
  }

  @Test func `what is not encrypted goes through no proxy`() throws {
    let proxy = try TokenServer(.token("stolen"))
    defer { proxy.stop() }
    let rig = try TokenRig(try TokenServer(.token("direct"))) { url, directory in
      try TokenSettings(
        grant: .clientCredentials, tokenURL: url, clientID: "c",
        clientSecretFile: try writeSecret(TokenRig.secret, in: directory),
        proxy: "http://127.0.0.1:\(proxy.port)")
    }
    #expect(try rig.token() == "direct")
    #expect(proxy.requests.isEmpty)
  }

  @Test func `stops asking when it is told to end`() throws {
    let rig = try TokenRig(try TokenServer(.silence))
    let cancel = try CancelFlag()
    let thread = try LinuxThread("cancel") {
      rig.server.wait(forRequests: 1)
      cancel.set()
    }
    defer { thread.join() }
    #expect(throws: SecretFault.self) { try rig.source.token(cancel: cancel) }
  }
}
