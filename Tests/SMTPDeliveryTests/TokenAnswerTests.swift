import Foundation
import LinuxSystem
import TestSupport
import Testing

@testable import SMTPDelivery

/// What endpoints answer, over real sockets: a token, or why not and whose turn it is.
@Suite(.waits) struct TokenAnswerTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let name: String
    let answer: TokenServer.Answer
    /// Somebody has to mend something; false where it passes by itself.
    let isHold: Bool
    let says: [String]
    var testDescription: String { name }
  }

  private static func body(_ text: String, _ status: Int = 200) -> TokenServer.Answer { .http(status, text) }

  private static func good(without member: String, _ more: String = "") -> TokenServer.Answer {
    let members = [
      "access_token": #""access_token":"t0ken""#, "token_type": #""token_type":"Bearer""#,
      "expires_in": #""expires_in":3600"#,
    ]
    let rest = members.filter { $0.key != member }.map(\.value) + (more.isEmpty ? [] : [more])
    return body("{\(rest.joined(separator: ","))}")
  }

  static let rows: [Row] = [
    // RFC 6749 5.2, and what providers say besides.
    Row(
      name: "invalid_client",
      answer: .error("invalid_client", "AADSTS7000215: Invalid client secret provided.", status: 401),
      isHold: true,
      says: ["refused: invalid_client", "AADSTS7000215: Invalid client secret", "oauth.clientID"]),
    Row(
      name: "invalid_grant", answer: .error("invalid_grant", "Invalid JWT Signature."), isHold: true,
      says: ["invalid_grant (Invalid JWT Signature.)", "oauth.subject"]),
    Row(
      name: "unauthorized_client", answer: .error("unauthorized_client", status: 401), isHold: true,
      says: ["unauthorized_client;", "domain-wide delegation", "SMTP.SendAsApp"]),
    Row(name: "invalid_scope", answer: .error("invalid_scope"), isHold: true, says: ["check oauth.scope"]),
    Row(name: "access_denied", answer: .error("access_denied"), isHold: true, says: ["access_denied"]),
    Row(
      name: "unsupported_grant_type", answer: .error("unsupported_grant_type"), isHold: true,
      says: ["oauth.grant"]),
    Row(name: "invalid_request", answer: .error("invalid_request"), isHold: true, says: ["invalid_request"]),
    Row(name: "an unknown code", answer: .error("interaction_required"), isHold: true, says: ["check oauth"]),
    Row(
      name: "an error with status 200", answer: .error("invalid_client", status: 200), isHold: true,
      says: ["refused: invalid_client"]),
    Row(
      name: "an error that is no text", answer: body(#"{"error":{"code":1}}"#, 400), isHold: true,
      says: ["400"]),
    // What passes.
    Row(
      name: "temporarily_unavailable", answer: .error("temporarily_unavailable"), isHold: false,
      says: ["temporarily_unavailable", "after a pause"]),
    Row(name: "slow_down", answer: .error("slow_down"), isHold: false, says: ["slow_down"]),
    Row(
      name: "500 with a known error", answer: .error("invalid_client", status: 500), isHold: false,
      says: ["invalid_client; it is asked again"]),
    Row(
      name: "500", answer: .http(500, "oops", type: "text/plain"), isHold: false,
      says: ["not JSON (HTTP 500)"]),
    Row(
      name: "502, a page", answer: .http(502, "<html>", type: "text/html"), isHold: false,
      says: ["a page (HTML)", "HTTP 502"]),
    Row(name: "503, empty", answer: .http(503, ""), isHold: false, says: ["nothing (HTTP 503)"]),
    Row(name: "429", answer: .http(429, "{}"), isHold: false, says: ["HTTP 429"]),
    Row(
      name: "a captive portal", answer: .http(200, "<!DOCTYPE html><p>", type: "text/plain"), isHold: false,
      says: ["a page (HTML)"]),
    Row(name: "empty", answer: .http(200, " \r\n"), isHold: false, says: ["nothing (HTTP 200)"]),
    Row(
      name: "half of an answer", answer: .bytes("HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{\"acc"),
      isHold: false, says: ["no answer that can be read"]),
    Row(
      name: "no HTTP", answer: .bytes("220 mail.example ESMTP\r\n"), isHold: false,
      says: ["no answer that can be read"]),
    Row(name: "nothing at all", answer: .bytes(""), isHold: false, says: ["no answer that can be read"]),
    // Wrong places.
    Row(
      name: "404, a page", answer: .http(404, "<html>", type: "text/html"), isHold: true,
      says: ["a page", "HTTP 404", "check oauth.tokenURL"]),
    Row(name: "405, JSON", answer: .http(405, "{}"), isHold: true, says: ["HTTP 405 without saying why"]),
    Row(
      name: "302", answer: .http(302, "", headers: ["Location: http://127.0.0.1:9/steal"]), isHold: true,
      says: ["redirects elsewhere (HTTP 302)"]),
    Row(
      name: "307", answer: .http(307, "", headers: ["Location: /token2"]), isHold: true,
      says: ["redirects elsewhere (HTTP 307)"]),
    Row(
      name: "308", answer: .http(308, "", headers: ["Location: https://127.0.0.1/"]), isHold: true,
      says: ["HTTP 308"]),
    // Tokens that are none.
    Row(name: "a list", answer: body("[]"), isHold: false, says: ["not JSON"]),
    Row(
      name: "no token", answer: good(without: "access_token"), isHold: true, says: ["without an access_token"]
    ),
    Row(
      name: "an empty token", answer: good(without: "access_token", #""access_token":"""#), isHold: true,
      says: ["without an access_token"]),
    Row(
      name: "a token that is a number", answer: good(without: "access_token", #""access_token":7"#),
      isHold: true, says: ["without an access_token"]),
    Row(
      name: "a token with a line end", answer: good(without: "access_token", #""access_token":"a\r\nb""#),
      isHold: true, says: ["control"]),
    Row(
      name: "a token with ^A", answer: good(without: "access_token", #""access_token":"a\u0001b""#),
      isHold: true, says: ["control"]),
    Row(
      name: "a token with a blank", answer: good(without: "access_token", #""access_token":"a b""#),
      isHold: true, says: ["a blank"]),
    Row(
      name: "a long token",
      answer: good(without: "access_token", #""access_token":"\#(String(repeating: "x", count: 17_000))""#),
      isHold: true, says: ["16 KiB"]),
    Row(
      name: "a type that is no text", answer: good(without: "token_type", #""token_type":1"#), isHold: true,
      says: ["expected Bearer"]),
    Row(
      name: "another type", answer: good(without: "token_type", #""token_type":"mac""#), isHold: true,
      says: ["of type mac; expected Bearer"]),
    Row(
      name: "life 0", answer: good(without: "expires_in", #""expires_in":0"#), isHold: true,
      says: ["run out already (expires_in is 0)"]),
    Row(
      name: "life below 0", answer: good(without: "expires_in", #""expires_in":-5"#), isHold: true,
      says: ["expires_in is -5"]),
    Row(
      name: "life of words", answer: good(without: "expires_in", #""expires_in":"an hour""#), isHold: true,
      says: ["\"an hour\" as expires_in"]),
    Row(
      name: "life of null", answer: good(without: "expires_in", #""expires_in":[1]"#), isHold: true,
      says: ["no number"]),
    Row(
      name: "an empty error and no token", answer: body(#"{"error":""}"#), isHold: true,
      says: ["without an access_token"]),
    Row(
      name: "an empty error with status 400", answer: body(#"{"error":""}"#, 400), isHold: true,
      says: ["refused: HTTP 400"]),
    Row(
      name: "words in lines",
      answer: .error("invalid_client", #"AADSTS7000215: Invalid secret.\r\nTrace ID:\tx\r\n"#, status: 401),
      isHold: true, says: ["(AADSTS7000215: Invalid secret. Trace ID: x)"]),
    // Too much.
    Row(name: "huge", answer: .flood(8 << 20), isHold: true, says: ["more than 64 KiB"]),
    Row(
      name: "huge headers",
      answer: .bytes(
        "HTTP/1.1 200 OK\r\n" + String(repeating: "X: \(String(repeating: "y", count: 900))\r\n", count: 100)),
      isHold: true, says: ["more than 64 KiB"]),
    Row(
      name: "nested", answer: body(String(repeating: "[", count: 60_000)), isHold: false, says: ["not JSON"]),
  ]

  @Test(arguments: rows) func `says what came in place of a token`(_ row: Row) throws {
    let rig = try TokenRig(try TokenServer(row.answer))
    let fault = try #require(try rig.fault())
    #expect(fault.needsSomebody == row.isHold, "\(fault)")
    #expect(fault.message.hasPrefix("the token endpoint 127.0.0.1 "), "\(fault)")
    for part in row.says { #expect(fault.message.contains(part), "\(fault)") }
    #expect(!fault.message.contains(TokenRig.secret) && !fault.message.contains("t0ken"), "\(fault)")
    #expect(fault.message.utf8.count < 700)
    #expect(rig.server.requests.count <= 1, "nothing is followed, nothing asked twice")
    #expect(rig.source.timeLeft == nil)
  }

  @Test func `takes a token in each spelling that servers have`() throws {
    for (index, text) in [
      #"{"access_token":"t","token_type":"bearer","expires_in":"3599","ext_expires_in":"3599"}"#,
      #"{"token_type":"BEARER","scope":null,"expires_in":3599.5,"access_token":"t","refresh_token":"x"}"#,
      "\u{FEFF}" + #"{"access_token":"t","token_type":"Bearer","expires_in":1}"#,
    ].enumerated() {
      let rig = try TokenRig(try TokenServer(.http(index == 1 ? 201 : 200, text)))
      #expect(try rig.fault() == nil, "\(text)")
    }
  }

  /// What an endpoint leaves out or says oddly, and the token's life then.
  @Test(arguments: [
    (#""token_type":"Bearer""#, 300), (#""token_type":"Bearer","expires_in":null"#, 300),
    (#""expires_in":3600"#, 3600), (#""expires_in":3600,"token_type":null"#, 3600), ("", 300),
    (#""expires_in":3600,"error":"","error_description":"""#, 3600),
    (#""expires_in":3600,"error":null"#, 3600), (#""expires_in":31622401"#, 31_622_400),
    (#""expires_in":1e30"#, 31_622_400), (#""expires_in":1000000000000000000000000000000"#, 31_622_400),
    (#""expires_in":"99999999999""#, 31_622_400),
  ])
  func `reads what RFC 6749 leaves open with care`(_ members: String, _ seconds: Int) throws {
    let more = members.isEmpty ? "" : ",\(members)"
    let rig = try TokenRig(try TokenServer(.http(200, #"{"access_token":"t0ken"\#(more)}"#)))
    let token = try rig.source.token(cancel: CancelFlag())
    #expect(token.bytes == Array("t0ken".utf8))
    #expect(token.lifetime == .seconds(seconds))
  }

  @Test func `shows the endpoint's words short, on one line, without secrets and addresses`() throws {
    let assertionLike = "eyJhbGciOiJSUzI1NiJ9." + String(repeating: "QUJD", count: 40) + ".c2ln"
    let said =
      #"for codes@fabrikam.example\r\nsecret \#(TokenRig.secret), \#(assertionLike) \u0007 "#
      + String(repeating: "word ", count: 400)
    let rig = try TokenRig(
      try TokenServer(.http(400, #"{"error":"invalid_client\n","error_description":"\#(said)"}"#)))
    let fault = try #require(try rig.fault())
    for secret in [TokenRig.secret, "codes@", "eyJ", "QUJD", "\r", "\n", "\u{7}"] {
      #expect(!fault.message.unicodeScalars.elementsEqual(secret.unicodeScalars))
      #expect(!Data(fault.message.utf8).contains(Data(secret.utf8)), "\(fault)")
    }
    let words = try #require(fault.message.range(of: "("))
    let end = try #require(fault.message.range(of: "; "))
    #expect(fault.message[words.upperBound..<end.lowerBound].utf8.count <= 201)
  }

  @Test func `tells of a clock that is off where an assertion was refused`() throws {
    let key = try TestKey()
    for (date, says) in [
      ("Sun, 06 Nov 1994 08:49:37 GMT", "seconds ahead of the endpoint's"),
      ("Fri, 01 Jan 2100 00:00:00 GMT", "seconds behind the endpoint's"),
    ] {
      let server = try TokenServer(
        .http(400, #"{"error":"invalid_grant"}"#, headers: ["Date: \(date)"]))
      let rig = try TokenRig(server) { url, directory in
        try TokenSettings(
          grant: .clientCredentials, tokenURL: url, clientID: "c", clientKeyFile: key.privateFile,
          keyID: "k")
      }
      #expect(try rig.fault()?.message.contains(says) == true)
    }
  }
}

extension Data {
  fileprivate func contains(_ other: Data) -> Bool { range(of: other) != nil }
}
