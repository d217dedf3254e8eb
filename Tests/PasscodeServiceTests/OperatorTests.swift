import CodeRequests
import Configuration
import Foundation
import MessageTemplates
import PasscodeService
import Records
import RecordKeys
import SMTPDelivery
import SMTPSink
import TestSupport
import Testing

/// What operators ask: keys, trail, templates, test mails, the state of health.
@Suite(.waits) struct OperatorTests {
  @Test func `keeps a retired key for as long as a record needs it`() throws {
    let rig = try ServiceRig()
    let records = try rig.records()
    let ticket = try records.admit(.random(), at: rig.now)
    try records.settle(ticket, .sent, at: rig.now)
    let first = try #require(try rig.service.keys().first { $0.key.isCurrent })
    let (made, deleted) = try rig.service.rotateKeys()
    #expect(made.version == first.key.version + 1 && deleted.isEmpty)
    rig.advance(10 * 24 * 3600)
    while try rig.records().purge(now: rig.now) > 0 {}
    #expect(try rig.service.rotateKeys().deleted.contains(first.key.version))
  }

  @Test func `tells what happened to one address, and stops where it is told to`() throws {
    let rig = try ServiceRig()
    let records = try rig.records()
    for recipient in ["anna@example.org", "bo@example.org"] {
      try records.settle(try records.admit(.random(), recipient, at: rig.now), .sent, at: rig.now)
    }
    var events: [String] = []
    try rig.service.forEachAuditRecord(since: nil, recipient: try EmailAddress("bo@example.org")) {
      events.append("\($0.event) \($0.result)")
      return true
    }
    #expect(events == ["decision send", "send sent"], "\(events)")
    var count = 0
    try rig.service.forEachAuditRecord(since: nil, recipient: nil) { _ in
      count += 1
      return count < 3
    }
    #expect(count == 3)
  }

  @Test func `a check of what is not there yet makes nothing, and is no fault`() throws {
    let rig = try ServiceRig()
    let before = try FileManager.default.subpathsOfDirectory(atPath: rig.directory.path)
    var findings: [Finding] = []
    _ = rig.service.examine { findings.append($0) }
    for subject in [Finding.Subject.state, .spool, .keys, .records] {
      let row = findings.first { $0.subject == subject }
      #expect(
        row?.grade == .doubtful && row?.text.contains("is not there yet") == true, "\(subject): \(findings)")
    }
    _ = try rig.service.templateSource().findings()
    _ = try rig.service.template(for: .init())
    #expect(try FileManager.default.subpathsOfDirectory(atPath: rig.directory.path) == before)

    // And of what is there, it leaves all as it was.
    _ = try rig.records()
    func state() throws -> [String] {
      try FileManager.default.subpathsOfDirectory(atPath: rig.directory.path).sorted()
    }
    let made = try state()
    findings = []
    _ = rig.service.examine { findings.append($0) }
    #expect(findings.contains { $0.subject == .keys && $0.grade == .good }, "\(findings)")
    #expect(try state() == made)
  }

  @Test func `keys that are lost are a fault of the check, which makes no others`() throws {
    let rig = try ServiceRig()
    try rig.records().settle(try rig.records().admit(.random(), at: rig.now), .sent, at: rig.now)
    let keys = rig.service.installation.settings.keysPath
    try FileManager.default.removeItem(atPath: keys)
    var findings: [Finding] = []
    #expect(!rig.service.examine { findings.append($0) })
    let row = findings.first { $0.subject == .keys }
    #expect(row?.grade == .bad && row?.text.contains("1.key") == true, "\(findings)")
    #expect(!FileManager.default.fileExists(atPath: keys))
  }

  @Test func `explains which template a mail is made from`() throws {
    let rig = try ServiceRig()
    let choice = try rig.service.template(for: .init(locale: LocalePreference(acceptLanguage: "de-AT")))
    #expect(choice.locale.rawValue == "de" && !choice.fellBack)
    #expect(throws: RequestFault.self) {
      try rig.service.template(for: .init(purpose: try Purpose("unheard-of")))
    }
    // Another directory, for who tries words before they are installed.
    let copy = try TemplateCopy(at: "\(rig.directory.path)/T", locales: ["en", "sv"])
    let other = Service.MailKind(locale: LocalePreference(acceptLanguage: "de"), templates: copy.path)
    let chosen = try rig.service.template(for: other)
    #expect(chosen.locale.rawValue == "en" && chosen.fellBack)
    #expect(try TemplateSource(directory: copy.path).template(for: other).locale.rawValue == "en")
    let source = try rig.service.templateSource()
    #expect(source.directory == Scratch.templates && source.findings().isEmpty)
    #expect(try source.catalogue().all.count > 5)
  }

  @Test func `sends a test mail, and tells what a relay says against one`() throws {
    let sink = try SinkServer(settings: SinkSettings())
    try sink.start()
    defer { sink.stop() }
    let rig = try ServiceRig(relay: "\(sink.address)")
    func send(_ recipient: String) throws -> Service.TestMail {
      try rig.service.sendTestMail(to: try EmailAddress(recipient), .init(), variables: [:])
    }
    guard case .sent(let locale, let relay, let reply) = try send("anna@example.org") else {
      Issue.record("it was not sent")
      return
    }
    #expect(locale.rawValue == "en" && relay == "\(sink.address)" && reply?.code == 250)
    guard case .refused(let report, _) = try send("rcpt-550@example.org") else {
      Issue.record("it was not refused")
      return
    }
    #expect(report.reply?.code == 550)
  }

  @Test func `tells why no relay could be asked`() throws {
    let sink = try SinkServer(settings: SinkSettings())
    try sink.start()
    let address = "\(sink.address)"
    sink.stop()
    let rig = try ServiceRig(relay: address)
    let mail = try rig.service.sendTestMail(to: try EmailAddress("a@example.org"), .init(), variables: [:])
    guard case .undelivered(let troubles) = mail else {
      Issue.record("it was \(mail)")
      return
    }
    #expect(troubles.count == 1 && troubles[0].contains(address), "\(troubles)")
  }

  @Test func `what a worker says of itself is believed while it holds the lock, and nobody needs it`() throws
  {
    let rig = try ServiceRig()
    #expect(try !rig.service.worker().isRunning)
    #expect(!FileManager.default.fileExists(atPath: rig.service.installation.settings.state))
    let id = try rig.ask()
    #expect(try rig.service.status(of: id)?.waiting == .worker)
    let file = URL(fileURLWithPath: "\(rig.service.installation.settings.state)/worker.json")
    try Data(#"{"pid":7,"startedAt":"2026-11-21T05:22:47Z"}"#.utf8).write(to: file)
    // Of one that died.
    #expect(try rig.service.worker().process == nil)
    let report = try rig.withWorker { try rig.service.worker() }
    #expect(
      report.isRunning && report.process == 7 && report.startedAt?.rfc3339 == "2026-11-21T05:22:47.000Z")
    #expect(report.turnedAt != nil && report.standbyCount == 0)
    try Data("{".utf8).write(to: file)
    let silent = try rig.withWorker { try rig.service.worker() }
    #expect(silent.isRunning && silent.process == nil)
  }

  @Test func `a row tells of the worker: which, since when, its last turn; or that there is none`() throws {
    let rig = try ServiceRig()
    func row() -> Finding? {
      var found: Finding?
      _ = rig.service.examine { if $0.subject == .worker { found = $0 } }
      return found
    }
    #expect(row()?.grade == .doubtful && row()?.text.contains("start passcode worker") == true)
    _ = try rig.ask()
    let file = URL(fileURLWithPath: "\(rig.service.installation.settings.state)/worker.json")
    try Data(#"{"pid":7,"startedAt":"2026-11-21T05:22:47Z"}"#.utf8).write(to: file)
    try FileManager.default.setAttributes([.modificationDate: rig.now - 3], ofItemAtPath: file.path)
    let good = try rig.withWorker { row() }
    #expect(good?.grade == .good)
    #expect(good?.text == "running, process 7, since 2026-11-21T05:22:47.000Z, last turn 3 s ago")
    rig.advance(100)
    let stuck = try rig.withWorker { row() }
    #expect(stuck?.grade == .doubtful && stuck?.text.contains("103 s ago; it turns every") == true)
  }

  @Test func `finds everything good beside a relay that answers, and says what is bad where none does`()
    throws
  {
    let sink = try SinkServer(settings: SinkSettings())
    try sink.start()
    let rig = try ServiceRig(relay: "\(sink.address)")
    func findings() -> (Bool, [Finding]) {
      var findings: [Finding] = []
      let isHealthy = rig.service.examine { findings.append($0) }
      return (isHealthy, findings)
    }
    let (isHealthy, good) = findings()
    #expect(isHealthy && good.allSatisfy { $0.grade != .bad })
    #expect(
      good.map(\.subject).prefix(10) == [
        .configuration, .limits, .spool, .worker, .keys, .records, .state, .templates, .tenants,
        .relay("\(sink.address)"),
      ])
    sink.stop()
    let (isStillHealthy, bad) = findings()
    #expect(!isStillHealthy && bad.filter { $0.grade == .bad }.map(\.subject) == [.relay("\(sink.address)")])
  }
}
