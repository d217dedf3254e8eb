import Foundation
import TestSupport
import Testing

/// The worker sends through a real Postfix, over STARTTLS with a certificate that it has to trust first.
@Suite(
  .waitsLong,
  .enabled(
    if: PostfixRelay.isAvailable && ExternalTool.has("python3"), "\(PostfixRelay.comment), or no python3"))
struct PostfixDeliveryTests {
  private func installation(
    for relay: PostfixRelay, authority: TestCertificate? = nil, extra: String = "", relayKeys: String = ""
  ) throws -> Scratch {
    let authority = (authority ?? relay.certificate).certificateFile
    return try Scratch(
      relay: "127.0.0.1:\(relay.port)", extra: extra,
      templates: Scratch.templates,
      relayKeys: "security: \"starttls\", caFile: \"\(authority)\", \(relayKeys)")
  }

  @Test func `delivers a mail of each locale over STARTTLS, and its code verifies`() throws {
    let relay = try PostfixRelay(requiresTLS: true)
    let scratch = try installation(for: relay)
    let locales = try Scratch.locales
    #expect(Set(locales).isSuperset(of: ["sv", "pl", "de", "cs", "en"]))
    var ids: [String: String] = [:]
    for locale in locales {
      ids["guest-\(locale)@example.org"] = try scratch.request(
        to: "guest-\(locale)@example.org", "--locale", locale)
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
      #expect(mail.to == "guest-\(mail.language)@example.org")
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
    #expect(worker.wait(for: "\"event\":\"relay-needs-attention\""), "\(worker.text())")
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
    let (rounds, before, during) = (3, 80, 20)
    let count = rounds * (before + during)
    let relay = try PostfixRelay()
    let scratch = try installation(
      for: relay,
      extra:
        "limits: { perSubject: [], perMailbox: [], perClient: [] }, delivery: { retryDelays: [\"200ms\"] },",
      relayKeys: "lanes: 8, maxPerSecond: 200")
    var number = 0
    func drop(_ count: Int) throws {
      for _ in 0..<count {
        // The log shows the first eight characters.
        let id = String(format: "%08dAAAAAAAAAAAAAAAA", number)
        try scratch.drop(
          "{\"version\":1,\"id\":\"\(id)\",\"recipient\":\"guest\(number)@example.org\"}", as: "\(id).json")
        number += 1
      }
    }
    let worker = try scratch.startWorker()
    for _ in 0..<rounds {
      let sent = try Told(worker).sent.count
      let downs = try Told(worker).downs
      try drop(before)
      // Stopped with mails in all stages.
      try #require(worker.wait(for: "\"event\":\"sent\"", count: sent + 20), "\(worker.text())")
      relay.stop()
      // There is work while it is away, however fast the worker was.
      try drop(during)
      try #require(worker.wait(for: "\"event\":\"relay-down\"", count: downs + 1), "\(worker.text())")
      try relay.startAgain()
      // What was in doubt is sent once more and no third time: that once, Postfix is there.
      let isSettled = try eventually { try Told(worker).inDoubt.isEmpty ? true : nil }
      try #require(isSettled == true, "\(worker.text())")
    }
    let isDone = try eventually { try Told(worker).ended.count >= count ? true : nil }
    try #require(isDone == true, "\(worker.text())")
    worker.signal(SIGTERM)
    let result = try worker.wait()
    #expect(result.status == 0, "\(result)")
    #expect(result.text.contains("\"event\":\"relay-up\""))

    let told = try Told(worker)
    let all = Set((0..<count).map { String(format: "%08d", $0) })
    #expect(told.ended.count == count && Set(told.ended) == all)
    #expect(
      result.text.contains("\"event\":\"stopped\",\"sent\":\(told.sent.count),"), "\(result.lines.last ?? "")"
    )
    // A Postfix that is being stopped may fall silent twice on one mail. That ends it, and nothing else does.
    for id in told.failed {
      let file = "\(scratch.spool)/failed"
      let reason = try FileManager.default.contentsOfDirectory(atPath: file)
        .first { $0.contains(id) && $0.hasSuffix(".reason") }
        .map { try String(contentsOfFile: "\(file)/\($0)", encoding: .utf8) }
      #expect(
        reason?.contains("fell silent after the final dot, twice") == true, "\(id): \(reason ?? "no reason")")
      #expect(told.ambiguous[id] == 1)
    }
    #expect(told.failed.count < count / 10)

    // Postfix may deliver one that it took twice when it is stopped in between, under one name. Two names for one
    // Message-ID are two mails of ours: allowed for those alone whose fate was unknown.
    let mails = try waitForMails(relay, to: told.sent)
    let byRecipient = Dictionary(grouping: mails) { $0.recipient ?? "" }
    for id in all {
      let copies = byRecipient["guest\(Int(id) ?? -1)@example.org"] ?? []
      let doubts = told.ambiguous[id] ?? 0
      let taken = Set(copies.map { $0.queueName ?? "" }).count
      if told.sent.contains(id) ? taken < 1 || taken > 1 + doubts : taken > 2 {
        Issue.record("request \(id) was taken \(taken) times and was ambiguous \(doubts) times")
      }
      #expect(Set(copies.map { $0.field("Message-ID") ?? "" }).count <= 1)
    }
    #expect(byRecipient.count <= count)
  }

  /// What a worker told of its requests; ids by their first eight characters.
  private struct Told {
    var sent: Set<String> = []
    var failed: Set<String> = []
    /// Each `sent` and `failed`.
    var ended: [String] = []
    /// How often.
    var ambiguous: [String: Int] = [:]
    var downs = 0
    /// Ambiguous, and not ended since.
    var inDoubt: Set<String> { Set(ambiguous.keys).subtracting(ended) }

    init(_ worker: ChildProcess) throws {
      // Its last line may not be there whole.
      for line in worker.text().split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
        guard let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else {
          continue
        }
        if object["event"] as? String == "relay-down" { downs += 1 }
        guard let id = (object["id"] as? String).map({ String($0.prefix(8)) }) else { continue }
        switch object["event"] as? String {
        case "sent":
          sent.insert(id)
          ended.append(id)
        case "failed":
          failed.insert(id)
          ended.append(id)
        case "ambiguous": ambiguous[id, default: 0] += 1
        default: break
        }
      }
    }
  }

  /// Waits until a mail has come for each of these requests.
  private func waitForMails(_ relay: PostfixRelay, to ids: Set<String>) throws -> [RelayedMail] {
    let wanted = Set(ids.map { "guest\(Int($0) ?? -1)@example.org" })
    var mails: [RelayedMail] = []
    let areThere = try eventually {
      mails = try relay.mails()
      return wanted.isSubset(of: mails.compactMap(\.recipient)) ? true : nil
    }
    #expect(areThere == true, "missing: \(wanted.subtracting(mails.compactMap(\.recipient)))\n\(relay.log)")
    return mails
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
