import CodeRequests
import Configuration
import Foundation
import GuestPolicy
import LinuxSystem
import MessageTemplates
import RecordKeys
import Records
import RequestSpool
import TestSupport
import Testing

@testable import MailWorker

/// From the bytes of a file to a request that can be admitted, or to what is wrong with it.
@Suite(.waits) struct RequestReaderTests {
  /// A reader with an installation of its own, and an entry for it to read.
  private final class Rig {
    let directory: TemporaryDirectoryOwner
    let settings: Settings
    let keyring: Keyring
    let templates: TemplateCopy
    let tenantsPath: String
    let log: LogLines
    let reader: RequestReader
    let entry: SpoolEntry
    private let noon = Date()
    private var seconds = 0.0

    init(tenants: String? = nil, extra: String = "") throws {
      directory = try TemporaryDirectoryOwner()
      templates = try TemplateCopy(at: "\(directory.path)/T")
      tenantsPath = "\(directory.path)/tenants.json5"
      if let tenants { try Data(tenants.utf8).write(to: URL(fileURLWithPath: tenantsPath)) }
      settings = try Settings(
        json5: Data(
          """
          {
            state: "state", templates: "T", sender: { address: "no-reply@fabrikam.example" },
            relays: [{ url: "smtp://127.0.0.1:9", security: "plaintext" }], delivery: { deadline: "600s" },
            \(tenants == nil ? "" : "tenants: \"tenants.json5\",") \(extra)
          }
          """.utf8), file: "\(directory.path)/passcode.json5")
      keyring = try Keyring(directory: settings.keysPath)
      log = try LogLines(in: directory.path)
      reader = RequestReader(
        settings: settings, keyring: keyring,
        templates: try TemplateReloader(directory: settings.templates),
        tenants: try settings.tenants.map { try TenantDirectoryReloader(path: $0) }
          ?? TenantDirectoryReloader(), log: log.log)
      let spool = try Spool(at: settings.spoolPath)
      try spool.enqueue(CodeRequest(recipient: try EmailAddress("anna@example.org")))
      entry = try SpoolIntake(spool).next(max: 1, now: { Date() }, timeout: .zero)[0]
    }

    func read(_ fields: String = "", isForeign: Bool = false) throws -> PreparedRequest {
      try reader.prepare(
        entry,
        RequestFile(
          bytes: Array(
            "{\"version\": 1, \"id\": \"abcdefghijklmnopqrstuvwx\", \"recipient\": \"anna@example.org\"\(fields)}"
              .utf8), queuedAt: entry.queuedAt, isForeign: isForeign))
    }

    /// The fault that it ends with.
    func fault(_ fields: String, isForeign: Bool = false) throws -> RequestFault {
      do { _ = try read(fields, isForeign: isForeign) } catch let fault as RequestFault { return fault }
      throw Unexpected("no fault", fields)
    }

    /// Looks at the disk until a change would have been taken.
    func refresh() {
      for _ in 0..<4 {
        seconds += 1
        reader.refresh(now: noon + seconds)
      }
    }
  }

  private static func tenant(_ sender: String = "") -> String {
    """
    { tenants: [{ id: "72f988bf-86f1-41af-91ab-2d7cd011db47", name: "Contoso",
      domains: ["contoso.example"], locale: "sv", \(sender) }] }
    """
  }

  @Test func `a request is whole: its template, its tenant's words, and a deadline from when it was queued`()
    throws
  {
    let rig = try Rig()
    let request = try rig.read(",\"locale\": \"de\"")
    #expect(request.deadline == rig.entry.queuedAt + 600)
    #expect(request.template.locale.rawValue == "de" && !request.fellBack)
    #expect(request.tenant.id == Tenant.only.id)
    #expect(request.letterhead.envelopeSender.rawValue == "no-reply@fabrikam.example")
    let asked = try rig.read(",\"deadline\": \"2030-01-01T00:00:00Z\"")
    #expect(asked.deadline == Date(timeIntervalSince1970: 1_893_456_000))
    #expect(try rig.read(",\"locale\": \"xx\"").fellBack)
    #expect(try rig.read().template.locale.rawValue == "en")
  }

  @Test(arguments: [
    (",\"tenant\": \"nobody\"", "tenant"), (",\"purpose\": \"nothing\"", "purpose"),
    (",\"variables\": {\"nobody\": \"x\"}", "variables.nobody"),
    (",\"sealedCode\": \"1.AAAA\"", "sealedCode"),
    (",\"colour\": 1", "colour"), (",\"deadline\": 7", "deadline"),
  ])
  func `what is wrong is a fault that names its field`(fields: String, field: String) throws {
    let rig = try Rig(tenants: Self.tenant())
    let fault = try rig.fault(fields)
    #expect(fault.field == field, "\(fault)")
    if field == "purpose" { #expect(fault.message.contains("sign-in")) }
  }

  @Test(arguments: [
    ("city", "Malm\u{F6}", ""), ("city", String(repeating: "\u{F6}", count: 64), ""),
    ("city", String(repeating: "x", count: 65), "more than 64 characters"),
    ("city", "evil.example/x", "make a link of"), ("city", "see https://evil.example", "make a link of"),
    ("city", "evil\u{FF0E}\u{200B}example", "make a link of"),
    ("page", "https://fabrikam.example/\(String(repeating: "x", count: 100))", ""),
    ("page", String(repeating: "x", count: 201), "more than 200 characters"),
    ("note", String(repeating: "x", count: 65), ""), ("note", "evil.example", "make a link of"),
  ])
  func `a variable is short and holds no link, unless it is declared so`(
    name: String, value: String, says: String
  ) throws {
    let rig = try Rig()
    try rig.templates.write(
      """
      { city: {}, page: { maxLength: 200, links: true, description: "Where it was asked for" },
        note: { maxLength: 80, example: "x" } }
      """, to: "variables.json5")
    rig.refresh()
    let fields = ",\"variables\": {\"\(name)\": \"\(value)\"}"
    if says.isEmpty {
      #expect(try rig.read(fields).request.variables == [name: value])
    } else {
      let fault = try rig.fault(fields)
      #expect(fault.field == "variables.\(name)" && fault.message.contains(says), "\(fault)")
      #expect(!"\(fault)".contains("evil"))
    }
  }

  @Test func `of an agent only browser and system reach the mail`() throws {
    let rig = try Rig()
    try rig.templates.replace(
      "{{code}}", with: "{{code}}\n\nAsked by {{clientAgentName}}.", in: "en/sign-in/body.txt")
    rig.refresh()
    let agent = "Mozilla/5.0 (Windows NT 10.0) Firefox/130.0 https://evil.example/x"
    let request = try rig.read(",\"client\": {\"agent\": \"\(agent)\"}")
    let ticket = Ticket(
      requestKey: 1, audited: AuditedRequest(idKey: 1, address: 1, recipient: "a", tenant: nil),
      passcode: try Passcode("123456"), madeAt: Date(), validity: .seconds(1800),
      queuedAt: Date(), deadline: Date(), attempt: 1, crashes: 0, mayHaveArrived: false,
      messageIDToken: "t", entityRef: "r", older: [])
    var output = ByteBuffer(capacity: 8192)
    try request.letterhead.write(request, ticket, into: &output)
    let mail = String(decoding: [UInt8](output), as: UTF8.self)
    #expect(mail.contains("Asked by Firefox on Windows."))
    #expect(!mail.contains("Mozilla") && !mail.contains("evil"))
  }

  @Test func `a sealed code is opened for its own request alone`() throws {
    let rig = try Rig()
    let id = try RequestID("abcdefghijklmnopqrstuvwx")
    let code = try Passcode("918273")
    let read = try rig.read(",\"sealedCode\": \"\(rig.keyring.seal(code, for: id))\"")
    #expect(read.request.code?.reveal() == "918273" && read.request.sealedCode == nil)
    let other = rig.keyring.seal(code, for: try RequestID("another-AAAAAAAAAAAAAAAA"))
    let fault = try rig.fault(",\"sealedCode\": \"\(other)\"")
    #expect(fault.field == "sealedCode")
    #expect(!"\(fault)".contains(other))
    let kept = String(decoding: try #require(read.bytesToKeep), as: UTF8.self)
    #expect(kept.contains("anna@example.org") && !kept.contains("918273") && !kept.contains("ode\""))
  }

  @Test func `a tenant has its own language and sender`() throws {
    let rig = try Rig(tenants: Self.tenant("sender: { address: \"hi@contoso.example\" }"))
    let request = try rig.read(",\"tenant\": \"contoso.example\"")
    #expect(request.tenant.name == "Contoso" && request.template.locale.rawValue == "sv")
    #expect(request.letterhead.envelopeSender.rawValue == "hi@contoso.example")
    #expect(try rig.read(",\"tenant\": \"Contoso\"").letterhead === request.letterhead)
  }

  @Test
  func `tenants that changed on disk are taken, told, and their words with them; faulty ones told once`()
    throws
  {
    let rig = try Rig(tenants: Self.tenant("sender: { address: \"hi@contoso.example\" }"))
    func sender() throws -> String {
      try rig.read(",\"tenant\": \"Contoso\"").letterhead.envelopeSender.rawValue
    }
    #expect(try sender() == "hi@contoso.example")
    try Data(Self.tenant("sender: { address: \"new@contoso.example\" }").utf8)
      .write(to: URL(fileURLWithPath: rig.tenantsPath))
    rig.refresh()
    #expect(try sender() == "new@contoso.example")
    try Data("{ tenants: 7 }".utf8).write(to: URL(fileURLWithPath: rig.tenantsPath))
    for _ in 0..<3 { rig.refresh() }
    #expect(try sender() == "new@contoso.example")
    #expect(try rig.log.events == ["reloaded", "reload-refused"])
    #expect(try rig.log.lines(.reloaded).first?["tenants"] == rig.settings.tenants)
  }

  @Test func `templates that changed on disk are taken and told; faulty ones are told once and not taken`()
    throws
  {
    let rig = try Rig()
    func subject() throws -> String? {
      let request = try rig.read()
      let mail = try request.letterhead.sample(
        request.template, to: request.request.recipient, variables: [:], now: Date())
      return String(decoding: mail, as: UTF8.self).components(separatedBy: "\r\n")
        .first { $0.hasPrefix("Subject: ") }
    }
    let before = try subject()
    #expect(before?.contains("sign-in code") == true)
    let file = "en/sign-in/subject.txt"
    try rig.templates.replace("sign-in code", with: "new words", in: file)
    #expect(try subject() == before)
    rig.refresh()
    let after = try subject()
    #expect(after?.contains("new words") == true)
    #expect(try rig.log.events == ["reloaded"])
    #expect(try rig.log.lines(.reloaded).first?["templates"] == rig.settings.templates)
    try rig.templates.replace("{{app}}", with: "{{nothing", in: file)
    for _ in 0..<3 { rig.refresh() }
    #expect(try rig.log.events == ["reloaded", "reload-refused"])
    #expect(try subject() == after)
    try rig.templates.replace("{{nothing", with: "{{app}}", in: file)
    rig.refresh()
    #expect(try rig.log.events.last == "reloaded")
  }

  @Test func `a folder that nothing is made of is told at the start and after each reload`() throws {
    let rig = try Rig()
    try FileManager.default.createDirectory(
      atPath: "\(rig.templates.path)/en/unfinished", withIntermediateDirectories: true)
    rig.refresh()
    #expect(try rig.log.events == ["reloaded", "template-warning"])
    let log = try LogLines(in: rig.directory.path)
    _ = RequestReader(
      settings: rig.settings, keyring: rig.keyring,
      templates: try TemplateReloader(directory: rig.settings.templates), tenants: TenantDirectoryReloader(),
      log: log.log)
    #expect(try log.events == ["template-warning"])
  }

  @Test(arguments: ["code", "sealedCode", "sealedDevice"])
  func `a file of another user brings no code, sealed or not`(field: String) throws {
    let rig = try Rig()
    let value = ", \"\(field)\": \"918273\""
    #expect(try rig.fault(value, isForeign: true).field == field)
    #expect(try rig.read(", \"device\": \"token\"", isForeign: true).request.device != nil)
    if field == "code" { #expect(try rig.read(value).request.code != nil) }
  }

  @Test func `the spool's group asks for its tenants and purposes alone`() throws {
    let tenants = "{ tenants: [{ id: \"a\", name: \"Fabrikam\" }, { id: \"b\", name: \"Contoso\" }] }"
    let rig = try Rig(
      tenants: tenants,
      extra: "spoolGroup: { name: \"frontends\", tenants: [\"fabrikam\"], purposes: [\"sign-in\"] },")
    #expect(try rig.read(", \"tenant\": \"a\"", isForeign: true).tenant.id == "a")
    #expect(try rig.fault(", \"tenant\": \"b\"", isForeign: true).field == "tenant")
    #expect(try rig.fault("", isForeign: true).field == "tenant")
    let purpose = ", \"tenant\": \"a\", \"purpose\": \"verify-email\""
    #expect(try rig.fault(purpose, isForeign: true).field == "purpose")
    // The owner's own are not limited.
    #expect(try rig.read(", \"tenant\": \"b\", \"purpose\": \"verify-email\"").tenant.id == "b")
  }
}
