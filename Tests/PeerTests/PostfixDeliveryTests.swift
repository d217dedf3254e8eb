import Foundation
import TestSupport
import Testing

/// The worker sends through a real Postfix, over STARTTLS with a certificate that it has to trust first.
@Suite(
  .enabled(
    if: PostfixRelay.isAvailable && ExternalTool.has("python3"), "\(PostfixRelay.comment), or no python3"))
struct PostfixDeliveryTests {
  private func installation(
    for relay: PostfixRelay, authority: TestCertificate? = nil, extra: String = "", relayKeys: String = ""
  ) throws -> Scratch {
    let authority = (authority ?? relay.certificate).certificateFile
    return try Scratch(
      relay: "127.0.0.1:\(relay.port)", extra: extra,
      relayKeys: "security: \"starttls\", caFile: \"\(authority)\", \(relayKeys)")
  }

  @Test func `delivers a mail of each locale over STARTTLS, and its code verifies`() throws {
    let relay = try PostfixRelay(requiresTLS: true)
    let scratch = try installation(for: relay)
    let locales = try Scratch.locales
    #expect(Set(locales).isSuperset(of: ["sv", "pl", "de", "cs", "en"]))
    var ids: [String: String] = [:]
    for locale in locales {
      ids["guest+\(locale)@example.org"] = try scratch.request(
        to: "guest+\(locale)@example.org", "--locale", locale)
    }
    let result = try scratch.run("worker", "--drain")
    #expect(result.status == 0, "\(result)\n\(relay.log)")
    let delivered = try relay.mails(count: locales.count)
    #expect(delivered.count == locales.count)
    #expect(delivered.allSatisfy { $0.field("Received")?.contains("with ESMTPS") == true })
    let mails = try ReadMail.read(delivered.map(\.original))
    #expect(Set(mails.map(\.to)) == Set(ids.keys))
    #expect(Set(mails.map(\.language)) == Set(locales))
    #expect(Set(mails.map(\.subject)).count == locales.count)
    for mail in mails {
      #expect(mail.defects.isEmpty, "\(mail.defects)")
      #expect(mail.to == "guest+\(mail.language)@example.org")
      let id = try #require(ids[mail.to])
      let code = try #require(mail.code, "\(mail.text)")
      #expect(mail.html.contains(code))
      #expect(try scratch.status(id)["outcome"] as? String == "sent")
      #expect(try scratch.verify(id, code == "000000" ? "000001" : "000000").status == 10)
      #expect(try scratch.verify(id, code).status == 0)
    }
  }

  @Test
  func `holds the relay whose certificate it does not trust, keeps the mail, and sends it once it does`()
    throws
  {
    let relay = try PostfixRelay(requiresTLS: true)
    let stranger = try TestCertificate()
    let scratch = try installation(for: relay, authority: stranger)
    let worker = try scratch.startWorker()
    let id = try scratch.request(to: "anna@example.org")
    #expect(worker.wait(for: "\"event\":\"relay-hold\""), "\(worker.text())")
    #expect(worker.text().contains("certificate"))
    #expect(try scratch.status(id)["outcome"] == nil)
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(scratch.spool)/new").count == 1)
    #expect(try relay.mails().isEmpty)

    let text = try String(contentsOfFile: scratch.config, encoding: .utf8)
    try text.replacing(stranger.certificateFile, with: relay.certificate.certificateFile)
      .write(toFile: scratch.config, atomically: true, encoding: .utf8)
    worker.signal(SIGHUP)
    #expect(try scratch.outcome(id) == "sent")
    #expect(try relay.mails(count: 1).map(\.recipient) == ["anna@example.org"])
  }

  @Test func `loses nothing while Postfix is stopped and started again and again`() throws {
    let count = 300
    let relay = try PostfixRelay()
    let scratch = try installation(
      for: relay, extra: "limits: { perSubject: [], perClient: [] }, delivery: { retryDelays: [\"200ms\"] },",
      relayKeys: "lanes: 8, maxPerSecond: 200")
    var ids: [String] = []
    try scratch.makeSpool()
    for index in 0..<count {
      let id = String(format: "request%04dAAAAAAAAAAAAAAAA", index)
      try scratch.drop(
        "{\"version\":1,\"id\":\"\(id)\",\"recipient\":\"guest\(index)@example.org\"}", as: "\(id).json")
      ids.append(id)
    }
    let worker = try ChildProcess(scratch.command, ["worker", "--drain", "--config", scratch.config])
    // Three times, so that it hits mails in all stages.
    for (stop, sent) in [40, 100, 160].enumerated() {
      try #require(worker.wait(for: "\"event\":\"sent\"", count: sent), "\(worker.text())")
      relay.stop()
      // It cannot connect: Postfix was away while there was work.
      try #require(worker.wait(for: "\"event\":\"relay-down\"", count: stop + 1), "\(worker.text())")
      try relay.startAgain()
    }
    let result = try worker.wait(timeout: .seconds(60))
    #expect(result.status == 0, "\(result)")
    let lines = result.lines
    #expect(lines.filter { $0.contains("\"event\":\"sent\"") }.count == count)
    for id in [ids[0], ids[count / 2], ids[count - 1]] { #expect(try scratch.outcome(id) == "sent") }
    #expect(result.text.contains("\"event\":\"relay-up\""))
    #expect(result.text.contains("\"event\":\"stopped\",\"sent\":\(count),"), "\(lines.last ?? "")")

    // Postfix may deliver one that it took twice when it is stopped in between, under one name. Two names for one
    // Message-ID are two mails of ours: allowed for those alone whose fate was unknown.
    let mails = try waitForMails(relay, recipients: count)
    let recipients = Set(mails.compactMap(\.recipient))
    #expect(recipients.count == count)
    let taken = Set(mails.map { "\($0.field("Message-ID") ?? "") \($0.queueName ?? "")" })
    let messages = Set(mails.map { $0.field("Message-ID") ?? "" })
    #expect(messages.count == count)
    let ambiguous = lines.filter { $0.contains("\"event\":\"ambiguous\"") }.count
    #expect(taken.count <= count + ambiguous, "\(ambiguous) were ambiguous, \(taken.count) mails were taken")
  }

  /// Waits until a mail has come for so many recipients.
  private func waitForMails(_ relay: PostfixRelay, recipients: Int) throws -> [RelayedMail] {
    let deadline = ContinuousClock.now + .seconds(40)
    while true {
      let before = relay.deliveries
      let mails = try relay.mails()
      if Set(mails.compactMap(\.recipient)).count >= recipients || ContinuousClock.now >= deadline {
        return mails
      }
      // One more delivery, and look again.
      _ = relay.wait(forDeliveries: before + 1, timeout: .seconds(1))
    }
  }

  @Test func `is sent through a Postfix that passes on to our sink`() throws {
    let directory = try TemporaryDirectoryOwner()
    let sink = try Sink("--store", "\(directory.path)/mail")
    let port = try #require(sink.address.split(separator: ":").last.flatMap { UInt16($0) })
    let relay = try PostfixRelay(requiresTLS: true, delivery: .onward(port))
    let scratch = try Scratch(
      in: directory, relay: "127.0.0.1:\(relay.port)",
      relayKeys: "security: \"starttls\", caFile: \"\(relay.certificate.certificateFile)\"")
    let id = try scratch.request(to: "anna@example.org", "--locale", "pl")
    let result = try scratch.run("worker", "--drain")
    #expect(result.status == 0, "\(result)")
    #expect(try scratch.status(id)["outcome"] as? String == "sent")
    let code = try scratch.code(for: "anna@example.org")
    #expect(relay.wait(forLog: "status=sent (250"), "\(relay.log)")
    #expect(try scratch.verify(id, code).status == 0)
  }

  @Test(.enabled(if: PostfixSink.isAvailable, "Postfix's smtp-sink is missing"))
  func `is sent through a Postfix that passes on to smtp-sink`() throws {
    let sink = try PostfixSink()
    let relay = try PostfixRelay(delivery: .onward(sink.port))
    let scratch = try installation(for: relay)
    let id = try scratch.request(to: "anna@example.org")
    #expect(try scratch.run("worker", "--drain").status == 0)
    let status = try scratch.status(id)
    #expect(status["outcome"] as? String == "sent")
    #expect((status["reply"] as? String)?.contains("queued as") == true, "\(status)")
    #expect(relay.wait(forLog: "status=sent (250"), "\(relay.log)")
  }
}
