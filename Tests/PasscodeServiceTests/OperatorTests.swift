import CodeRequests
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

  @Test func `explains which template a mail is made from`() throws {
    let rig = try ServiceRig()
    let choice = try rig.service.template(for: .init(locale: try LocalePreference(acceptLanguage: "de-AT")))
    #expect(choice.locale.rawValue == "de" && !choice.fellBack)
    #expect(throws: RequestFault.self) {
      try rig.service.template(for: .init(purpose: try Purpose("unheard-of")))
    }
    // Another directory, for who tries words before they are installed.
    let copy = try TemplateCopy(at: "\(rig.directory.path)/T", locales: ["en", "sv"])
    let other = Service.MailKind(locale: try LocalePreference(acceptLanguage: "de"), templates: copy.path)
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
      good.map(\.subject).prefix(9) == [
        .configuration, .limits, .spool, .keys, .records, .state, .templates, .tenants,
        .relay("\(sink.address)"),
      ])
    sink.stop()
    let (isStillHealthy, bad) = findings()
    #expect(!isStillHealthy && bad.filter { $0.grade == .bad }.map(\.subject) == [.relay("\(sink.address)")])
  }
}
