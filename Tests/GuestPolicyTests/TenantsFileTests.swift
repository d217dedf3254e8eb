import Branding
import CodeRequests
import Documents
import Foundation
import GuestPolicy
import TestSupport
import Testing

@Suite struct TenantsFileTests {
  @Test func `reads every key of the documented example`() throws {
    let directory = try Fabrikam.directory()
    #expect(directory.commonEndpoint == .allowed)
    #expect(directory.signInHosts == nil)
    #expect(directory.hasFile)
    #expect(directory.tenants.count == 2)
    let fabrikam = directory.tenants[0]
    #expect(
      fabrikam
        == Tenant(
          id: Fabrikam.id, name: "Fabrikam", domains: ["fabrikam.onmicrosoft.com", "fabrikam.example"],
          passcodes: .default, autoEnableAt: Fabrikam.autoEnableAt, cloud: .public,
          federatedDomains: ["gmail.com": try #require(SignInMethod("google"))],
          whenOff: Tenant.Alternative(
            method: try #require(SignInMethod("microsoft-account")), url: "https://signup.example"),
          locale: try LocaleTag("sv"), timeZone: "UTC",
          sender: Tenant.Sender(name: "Fabrikam", address: try EmailAddress("no-reply@fabrikam.example")),
          app: "Fabrikam",
          brand: Brand(accent: HexColour("#8a4b00"), logo: "FABRIKAM", footer: "Fabrikam AB\nStorgatan 1")))
  }

  @Test func `a tenant that says nothing has passcodes on and an administrator to ask`() throws {
    let contoso = try Fabrikam.directory().tenants[1]
    #expect(contoso.passcodes == .default)
    #expect(contoso.cloud == .public)
    #expect(contoso.autoEnableAt == nil)
    #expect(contoso.domains == ["xn--gre-6ka8i.example"])
    #expect(contoso.whenOff == .administrator)
    #expect(contoso.switchState(at: .distantPast) == .onByDefault)
  }

  @Test func `a tenant has colours, a text mark and a footer of its own`() throws {
    let directory = try Fabrikam.directory(
      "{tenants:[{id:'a',name:'A',accent:'#8A4B00',logo:'FABRIKAM',footer:['Fabrikam AB','Storgatan 1']},{id:'b',name:'B',footer:'B AB'}]}"
    )
    #expect(
      directory.tenants.map(\.brand) == [
        Brand(accent: HexColour("#8a4b00"), logo: "FABRIKAM", footer: "Fabrikam AB\nStorgatan 1"),
        Brand(footer: "B AB"),
      ])
  }

  @Test func `null is the same as leaving a key out`() throws {
    let directory = try Fabrikam.directory(
      "{tenants:[{id:'a',name:'A',passcodes:null,whenOff:null,locale:null,sender:null,domains:null}]}")
    #expect(directory.tenants == [Tenant(id: "a", name: "A")])
  }

  struct Fault: Sendable, CustomTestStringConvertible {
    var text: String
    var code: TenantFault.Code
    var keyPath: String
    var line: Int
    var says: String
    var testDescription: String { text }
    init(_ text: String, _ code: TenantFault.Code, _ keyPath: String, _ line: Int, _ says: String) {
      (self.text, self.code, self.keyPath, self.line, self.says) = (text, code, keyPath, line, says)
    }
    /// One tenant with these keys after its id and name.
    static func tenant(_ keys: String, _ code: TenantFault.Code, _ keyPath: String, _ says: String) -> Fault {
      Fault("{tenants:[{id:'a',name:'A',\n\(keys)}]}", code, "tenants[0].\(keyPath)", 2, says)
    }
  }

  @Test(arguments: [
    Fault("", .syntax, "", 1, "the text ends"),
    .tenant("accent:'blue'", .badValue, "accent", "is not a colour; expected #rrggbb or #rgb"),
    .tenant("accent:'#eee'", .badValue, "accent", "has a contrast of 1.0 with the mail's page"),
    .tenant("accent:7", .wrongType, "accent", "expected a string"),
    .tenant(
      "timeZone:'Europe/Stockhome'", .badValue, "timeZone", "expected a time zone of the IANA database"),
    .tenant("timeZone:'../../etc/passwd'", .badValue, "timeZone", "is no name of a time zone"),
    .tenant("timeZone:1", .wrongType, "timeZone", "expected a string"),
    .tenant("logo:'a\u{200B}b'", .badValue, "logo", "holds the invisible character U+200B"),
    .tenant("logo:'\(String(repeating: "W", count: 41))'", .badValue, "logo", "at most 40"),
    .tenant("footer:[]", .badValue, "footer", "lists no line"),
    .tenant("footer:['a',['b']]", .wrongType, "footer[1]", "expected a string"),
    Fault("{\n tenants: [\n", .syntax, "", 2, "no ]"),
    Fault("{\n tenants: [{id:'a' name:'A'}]}", .syntax, "", 2, "expected , or }"),
    Fault("{tenants:[]}", .missing, "tenants", 1, "at least one"),
    Fault("{}", .missing, "tenants", 1, "is missing"),
    Fault("[]", .wrongType, "", 1, "expected an object"),
    Fault("{tenants:{}}", .wrongType, "tenants", 1, "expected a list"),
    Fault("{tenants:[\n{id:1,name:'A'}]}", .wrongType, "tenants[0].id", 2, "expected a string"),
    Fault("{tenants:[{id:'a',\nname:null}]}", .missing, "tenants[0].name", 2, "is missing"),
    Fault("{tenants:[\nnull]}", .wrongType, "tenants[0]", 2, "expected an object"),
    Fault("{tenants:[\n{name:'A'}]}", .missing, "tenants[0].id", 2, "is missing"),
    Fault(
      "{\ncommonEndpoint:'allow',tenants:[{id:'a',name:'A'}]}", .badValue, "commonEndpoint", 2,
      "allowed, refused; did you mean allowed?"),
    Fault(
      "{\ncomonEndpoint:'allowed',tenants:[{id:'a',name:'A'}]}", .unknownKey, "comonEndpoint", 2,
      "did you mean commonEndpoint?"),
    Fault(
      "{\nsignInHosts:['a b'],tenants:[{id:'a',name:'A'}]}", .badValue, "signInHosts[0]", 2,
      "full domain name"),
    Fault("{\nsignInHosts:[],tenants:[{id:'a',name:'A'}]}", .badValue, "signInHosts", 2, "lists no host"),
    .tenant("passcode:'default'", .unknownKey, "passcode", "did you mean passcodes?"),
    .tenant("PASSCODES:'default'", .unknownKey, "PASSCODES", "did you mean passcodes?"),
    .tenant("autoEnabelAt:'2021-10-01T00:00:00Z'", .unknownKey, "autoEnabelAt", "did you mean autoEnableAt?"),
    .tenant("zebra:1", .unknownKey, "zebra", "is not a key here. Known are id, name, domains"),
    .tenant("locale:'sv', locale:'pl'", .repeatedKey, "locale", "stands twice"),
    .tenant("passcodes:'on'", .badValue, "passcodes", "expected default, enabled, disabled"),
    .tenant("passcodes:'Enabled'", .badValue, "passcodes", "did you mean enabled?"),
    .tenant("passcodes:true", .wrongType, "passcodes", "expected a string"),
    .tenant("cloud:'goverment'", .badValue, "cloud", "did you mean government?"),
    .tenant("autoEnableAt:'2021-10-01'", .badValue, "autoEnableAt", "RFC 3339"),
    .tenant("autoEnableAt:'2021-02-30T00:00:00Z'", .badValue, "autoEnableAt", "RFC 3339"),
    .tenant("autoEnableAt:1633046400", .wrongType, "autoEnableAt", "expected a string"),
    .tenant("domains:'a.example'", .wrongType, "domains", "expected a list"),
    .tenant("domains:['a.example', 5]", .wrongType, "domains[1]", "expected a string"),
    .tenant("domains:['localhost']", .badValue, "domains[0]", "full domain name"),
    .tenant("domains:['a..example']", .badValue, "domains[0]", "full domain name"),
    .tenant("domains:['https://a.example']", .badValue, "domains[0]", "full domain name"),
    .tenant(
      "domains:['a.example','A.EXAMPLE.']", .duplicate, "domains[1]", "tenants[0].domains[0] is the same"),
    .tenant("federatedDomains:{'gmail':'google'}", .badValue, "federatedDomains.gmail", "full domain name"),
    .tenant("federatedDomains:{'gmail.com':'Google'}", .badValue, "federatedDomains.gmail.com", "lower-case"),
    .tenant(
      "federatedDomains:{'gmail.com':'passcode'}", .badValue, "federatedDomains.gmail.com", "another method"),
    .tenant(
      "federatedDomains:{'gmail.com':'google','Gmail.com.':'google'}", .duplicate,
      "federatedDomains.Gmail.com.", "second spelling"),
    .tenant(
      "federatedDomains:{'gmail.com':7}", .wrongType, "federatedDomains.gmail.com", "expected a string"),
    .tenant("whenOff:{url:'https://a.example'}", .missing, "whenOff.method", "is missing"),
    .tenant("whenOff:{method:'passcode'}", .badValue, "whenOff.method", "another method"),
    .tenant("whenOff:{method:'x',uri:'https://a.example'}", .unknownKey, "whenOff.uri", "did you mean url?"),
    .tenant("whenOff:{method:'x',url:'/here'}", .badValue, "whenOff.url", "absolute URL"),
    .tenant(
      "whenOff:{method:'x',url:'javascript:alert(1)'}", .badValue, "whenOff.url", "neither https nor http"),
    .tenant("whenOff:{method:'x',url:'https://'}", .badValue, "whenOff.url", "host name"),
    .tenant("whenOff:{method:'x',url:'https://a@b.example'}", .badValue, "whenOff.url", "user name"),
    .tenant(
      "whenOff:{method:'x',url:'https://a.example\\\\@b.example'}", .badValue, "whenOff.url", "backslash"),
    .tenant(
      "whenOff:{method:'x',url:'https://a.example/\\r\\nX: y'}", .badValue, "whenOff.url", "control character"
    ),
    .tenant("locale:'svenska språket'", .badValue, "locale", "language tag"),
    .tenant("sender:{name:'A'}", .missing, "sender.address", "is missing"),
    .tenant("sender:{address:'no-reply'}", .badValue, "sender.address", "no @"),
    .tenant(
      "sender:{name:'A\\r\\nBcc: x',address:'a@b.example'}", .badValue, "sender.name",
      "control character U+000D"),
    .tenant("sender:{adress:'a@b.example'}", .unknownKey, "sender.adress", "did you mean address?"),
    .tenant("app:''", .badValue, "app", "is empty"),
    .tenant("app:'\(String(repeating: "x", count: 129))'", .badValue, "app", "at most 128"),
    Fault("{tenants:[{id:'a b',name:'A'}]}", .badValue, "tenants[0].id", 1, "letters, digits"),
    Fault("{tenants:[{id:'',name:'A'}]}", .badValue, "tenants[0].id", 1, "letters, digits"),
    Fault("{tenants:[{id:'Common',name:'A'}]}", .badValue, "tenants[0].id", 1, "common endpoint"),
    Fault("{tenants:[{id:'*',name:'A'}]}", .badValue, "tenants[0].id", 1, "letters, digits"),
    Fault("{tenants:[{id:'a',name:'..'}]}", .badValue, "tenants[0].name", 1, "begin with a dot"),
    Fault("{tenants:[{id:'a',name:' A'}]}", .badValue, "tenants[0].name", 1, "white space"),
    Fault("{tenants:[{id:'a',name:'https://a'}]}", .badValue, "tenants[0].name", 1, "does not hold :"),
    Fault("{tenants:[{id:'a',name:'A\\u2028'}]}", .badValue, "tenants[0].name", 1, "U+2028"),
    Fault(
      "{tenants:[{id:'a',name:'A'},\n{id:'A',name:'B'}]}", .duplicate, "tenants[1].id", 2,
      "tenants[0].id is the same"),
    Fault(
      "{tenants:[{id:'a',name:'Café'},\n{id:'b',name:'CAFE\\u0301'}]}", .duplicate, "tenants[1].name", 2,
      "tenants[0].name is the same"),
    Fault(
      "{tenants:[{id:'a',name:'A',domains:['x.example']},\n{id:'b',name:'X.example'}]}", .duplicate,
      "tenants[1].name", 2, "domains[0] is the same"),
    Fault(
      "{tenants:[{id:'a',name:'A',domains:['größe.example']},\n{id:'b',name:'B',domains:['XN--GRE-6KA8I.example.']}]}",
      .duplicate, "tenants[1].domains[0]", 2, "is the same"),
  ])
  func `a fault names the key path, the line and what is expected`(_ row: Fault) throws {
    let faults = Fabrikam.faults(row.text)
    let fault = try #require(faults.first { $0.code == row.code }, "\(faults)")
    #expect(fault.keyPath == row.keyPath)
    #expect(fault.line == row.line)
    #expect(fault.message.contains(row.says), "\(fault.message)")
    #expect(faults.allSatisfy { $0.file == "tenants.json5" && $0.description.hasPrefix("tenants.json5:") })
  }

  @Test func `a file that is wrong in many places says all of them, in order`() throws {
    let faults = Fabrikam.faults(
      """
      {
        tenants: [
          { id: "a", name: "A", passcodes: "maybe", colour: "red" },
          { id: "a", cloud: "private" },
        ],
      }
      """)
    #expect(
      faults.map(\.keyPath) == [
        "tenants[0].passcodes", "tenants[0].colour", "tenants[1].name", "tenants[1].id", "tenants[1].cloud",
      ])
    #expect(faults.map(\.line) == [3, 3, 4, 4, 4])
  }

  @Test func `the place is the one an editor shows`() throws {
    let fault = try #require(
      Fabrikam.faults("\u{FEFF}{ // å\r\n tenants:[{id:'ö',\r  x: 1, name:'N'}]}").last)
    #expect(fault.keyPath == "tenants[0].x")
    #expect(fault.description.hasPrefix("tenants.json5:3:3: tenants[0].x is not a key here"))
  }

  @Test func `a name may be the tenant's own id or domain`() throws {
    let directory = try Fabrikam.directory(
      "{tenants:[{id:'a',name:'A'},{id:'b',name:'b.example',domains:['b.example']}]}")
    #expect(directory.tenants.count == 2)
  }

  @Test func `a hostile file ends in a fault`() {
    let deep = String(repeating: "[", count: 100_000)
    #expect(Fabrikam.faults(deep).first?.message.contains("levels of nesting") == true)
    #expect(Fabrikam.faults("{tenants:[{id:'a\u{0}',name:'A'}]}").first?.code == .syntax)
    var invalid = Array("{tenants:[{id:'a',name:'".utf8)
    invalid += [0xFF, 0xFE] + Array("'}]}".utf8)
    #expect(throws: TenantFaults.self) { try TenantDirectory(json5: invalid, file: "t") }
  }

  @Test func `a file is read from its path, and a missing one says what to do`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/tenants.json5"
    let error = #expect(throws: TenantFaults.self) { try TenantDirectory(path: path) }
    #expect(error?.faults.first?.code == .unreadable)
    #expect(error?.faults.first?.message.contains("does not exist") == true)
    try Data(Fabrikam.text.utf8).write(to: URL(fileURLWithPath: path))
    #expect(try TenantDirectory(path: path).tenants.count == 2)
    #expect(throws: TenantFaults.self) { try TenantDirectory(path: directory.path) }
  }

  @Test func `ten thousand tenants load`() throws {
    let entries = (0..<10_000).map { "{id:'t\($0)',name:'Tenant \($0)',domains:['d\($0).example']}," }
    let directory = try Fabrikam.directory("{tenants:[\(entries.joined())]}")
    #expect(try directory.resolve("D9999.example").id == "t9999")
  }

  @Test(arguments: [
    ("passcods", "passcodes"), ("pascsodes", "passcodes"), ("DOMAIN", "domains"), ("whenof", "whenOff"),
    ("id ", "id"), ("xyzzy", nil), ("", nil), (String(repeating: "a", count: 10_000), nil),
  ])
  func `the nearest name is suggested, and none where none is near`(_ text: String, _ name: String?) {
    #expect(nearest(to: text, in: ["id", "passcodes", "domains", "whenOff"]) == name)
  }
}
