import Foundation
import LinuxSystem
import TestSupport
import Testing

@testable import SMTPDelivery

/// How long a token is kept, when the next one is fetched, and that many who want one ask once.
@Suite(.waits) struct TokenSourceTests {
  @Test func `one token serves until four fifths of its life are over`() throws {
    let rig = try TokenRig(try TokenServer(.token("a", lifetime: 1000), .token("b", lifetime: 1000)))
    #expect(try rig.token() == "a")
    rig.clock.advance(.seconds(799))
    for _ in 0..<100 { #expect(try rig.token() == "a") }
    #expect(rig.server.requests.count == 1)
    #expect(rig.source.timeLeft == .seconds(201))
  }

  @Test func `renews behind those who have a good token, who never wait for it`() throws {
    let rig = try TokenRig(
      try TokenServer(.token("a", lifetime: 1000), .gate("later", .token("b", lifetime: 1000))))
    #expect(try rig.token() == "a")
    rig.clock.advance(.seconds(800))
    // The endpoint does not answer, and all get what is there.
    for _ in 0..<100 { #expect(try rig.token() == "a") }
    #expect(rig.server.wait(forRequests: 2))
    for _ in 0..<100 { #expect(try rig.token() == "a") }
    rig.server.open("later")
    #expect(try eventually { try rig.token() == "b" ? true : nil } == true)
    #expect(rig.server.requests.count == 2)
  }

  @Test func `a renewal that fails leaves the token that is there, and is tried again after a while`() throws
  {
    let rig = try TokenRig(
      try TokenServer(
        .token("a", lifetime: 1000), .error("temporarily_unavailable", status: 503),
        .token("b", lifetime: 1000)))
    #expect(try rig.token() == "a")
    rig.clock.advance(.seconds(800))
    #expect(try rig.token() == "a")
    #expect(rig.server.wait(forRequests: 2))
    // Not before a twentieth of its life.
    #expect(try eventually { rig.source.isFetching ? nil : true } == true)
    let news = try #require(rig.source.takeNews())
    #expect(news.fault.message.contains("temporarily_unavailable") && news.left == .seconds(200))
    #expect(rig.source.takeNews() == nil, "told once")
    for _ in 0..<20 { #expect(try rig.token() == "a") }
    #expect(rig.server.requests.count == 2)
    rig.clock.advance(.seconds(50))
    #expect(try rig.token() == "a")
    #expect(try eventually { try rig.token() == "b" ? true : nil } == true)
    #expect(rig.server.requests.count == 3)
  }

  @Test func `a token that has run out is not used, and who wants one waits for the next`() throws {
    let rig = try TokenRig(try TokenServer(.token("a", lifetime: 1000), .token("b", lifetime: 1000)))
    #expect(try rig.token() == "a")
    rig.clock.advance(.seconds(995))
    #expect(rig.source.timeLeft == nil, "it would run out on the way to the relay")
    #expect(try rig.token() == "b")
  }

  @Test func `however many lanes want one at once, one request is made`() throws {
    let rig = try TokenRig(try TokenServer(.gate("all there", .token("a", lifetime: 1000))))
    let got = Monitor<[String]>([])
    let threads = try (0..<16).map { index in
      try LinuxThread("lane-\(index)") {
        let token = (try? rig.token()) ?? "none"
        got.change { $0.append(token) }
      }
    }
    #expect(rig.server.wait(forRequests: 1))
    rig.server.open("all there")
    for thread in threads { thread.join() }
    #expect(got.withLock { $0 } == Array(repeating: "a", count: 16))
    #expect(rig.server.requests.count == 1)
  }

  @Test func `those who waited get the fault, and the next one asks again`() throws {
    let rig = try TokenRig(
      try TokenServer(.gate("go", .error("invalid_client")), .token("a", lifetime: 1000)))
    let got = Monitor<[SecretFault?]>([])
    let threads = try (0..<2).map { index in
      try LinuxThread("lane-\(index)") {
        let fault = try? rig.fault()
        got.change { $0.append(fault ?? nil) }
      }
    }
    #expect(rig.server.wait(forRequests: 1))
    rig.server.open("go")
    for thread in threads { thread.join() }
    // The second may have come too late to wait, and then it was served.
    #expect(got.withLock { $0.compactMap(\.self).count } >= 1)
    #expect(try rig.token() == "a")
    #expect(rig.server.requests.count == 2)
  }

  @Test func `leaves an endpoint alone for as long as it asks, and not longer than codes can wait`() throws {
    for (asked, kept) in [("30", 30), ("86400", 300)] {
      let rig = try TokenRig(
        try TokenServer(.http(429, "", headers: ["Retry-After: \(asked)"]), .token("a", lifetime: 1000)))
      let fault = try #require(try rig.fault())
      #expect(!fault.needsSomebody && fault.retryAfter != nil)
      rig.clock.advance(.seconds(kept - 1))
      #expect(try rig.fault() == fault)
      #expect(rig.server.requests.count == 1)
      rig.clock.advance(.seconds(1))
      #expect(try rig.token() == "a")
    }
  }

  @Test func `a refused token is fetched anew, once for all who were refused with it`() throws {
    let rig = try TokenRig(try TokenServer(.token("a", lifetime: 1000), .token("b", lifetime: 1000)))
    #expect(try rig.token() == "a")
    rig.source.refused(Array("a".utf8))
    #expect(try rig.token() == "b")
    // A lane that had connected with the first is slow to hear of it.
    rig.source.refused(Array("a".utf8))
    #expect(try rig.token() == "b")
    #expect(rig.server.requests.count == 2)
  }

  @Test func `the secret is read again for each request`() throws {
    let rig = try TokenRig(try TokenServer(.token("a", lifetime: 1000), .token("b", lifetime: 1000)))
    #expect(try rig.token() == "a")
    _ = try writeSecret("rotated\n", in: rig.directory.path, name: "client.secret")
    rig.source.refused(Array("a".utf8))
    #expect(try rig.token() == "b")
    #expect(rig.server.requests.map { $0.form["client_secret"] } == [TokenRig.secret, "rotated"])
  }

  @Test func `who has time lets it be fetched before it is wanted, and a fault is not asked for again`()
    throws
  {
    let rig = try TokenRig(try TokenServer(.token("a", lifetime: 1000)))
    for _ in 0..<10 { rig.source.renewIfDue() }
    #expect(try rig.token() == "a")
    #expect(rig.server.requests.count == 1)
    let bad = try TokenRig(try TokenServer(.error("invalid_client"), .token("b", lifetime: 1000)))
    bad.source.renewIfDue()
    #expect(try eventually { bad.server.requests.count == 1 && !bad.source.isFetching ? true : nil } == true)
    for _ in 0..<10 { bad.source.renewIfDue() }
    #expect(!bad.source.isFetching && bad.server.requests.count == 1)
    #expect(try bad.token() == "b", "whoever connects does ask again")
  }

  @Test func `a renewal under way ends when it is told to`() throws {
    let rig = try TokenRig(try TokenServer(.token("a", lifetime: 1000), .silence))
    #expect(try rig.token() == "a")
    rig.clock.advance(.seconds(800))
    #expect(try rig.token() == "a")
    #expect(rig.server.wait(forRequests: 2))
    rig.source.stopRenewal()
    #expect(!rig.source.isFetching)
    #expect(rig.source.takeNews() == nil, "who gave up says nothing about the endpoint")
  }

  @Test func `a token is never described`() throws {
    let token = BearerToken(bytes: Array("t0ken".utf8), lifetime: .seconds(1), scope: nil)
    #expect("\(token)" == "••••••")
  }
}

extension TokenSource {
  /// How long the token at hand is good; nil where there is none.
  var timeLeft: Duration? {
    let now = shelf.clock.uptime()
    return shelf.monitor.withLock { state in state.goodToken(now).map { _ in state.expiresAt - now } }
  }

  /// A request is under way.
  var isFetching: Bool { shelf.monitor.withLock { $0.isFetching } }
}
