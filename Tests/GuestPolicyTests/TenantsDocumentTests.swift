import CodeRequests
import Foundation
import GuestPolicy
import TestSupport
import Testing

@Suite struct TenantsDocumentTests {
  static func edited(_ text: String, _ assignments: [String], tenant: String? = "Fabrikam") throws -> String {
    let document = try TenantsDocument(json5: Array(text.utf8), file: "tenants.json5")
    let parsed = try assignments.map { try TenantAssignment(parsing: $0) }
    return String(decoding: try document.setting(parsed, ofTenant: tenant).bytes, as: UTF8.self)
  }

  @Test(arguments: ["Fabrikam", "fabrikam", Fabrikam.id, "fabrikam.example"])
  func `setting a switch changes that value and no other byte`(_ tenant: String) throws {
    let result = try Self.edited(Fabrikam.text, ["passcodes=disabled"], tenant: tenant)
    #expect(result == Fabrikam.text.replacing("passcodes: \"default\"", with: "passcodes: \"disabled\""))
    #expect(try Fabrikam.directory(result).tenants[0].passcodes == .disabled)
  }

  @Test func `setting the value that is there changes nothing`() throws {
    #expect(try Self.edited(Fabrikam.text, ["passcodes=default"]) == Fabrikam.text)
  }

  @Test func `a word that stands in comments and strings elsewhere is left alone`() throws {
    let text = """
      {
        // passcodes: "default" would be on
        tenants: [
          { id: "a", name: "passcodes", app: "passcodes: default", /* passcodes: */ passcodes /* here */ : /* or here */ 'default' /* , */, },
          { id: "b", name: "B", passcodes: 'default' },
        ],
      }
      """
    let result = try Self.edited(text, ["passcodes=enabled"], tenant: "a")
    #expect(result == text.replacing("/* or here */ 'default'", with: "/* or here */ 'enabled'"))
  }

  @Test(arguments: [
    // One line, with and without a trailing comma.
    ("{tenants:[{id:'a',name:'A'}]}", "{tenants:[{id:'a',name:'A', passcodes: 'disabled'}]}"),
    (
      "{tenants:[{ id: \"a\", name: \"A\", }]}",
      "{tenants:[{ id: \"a\", name: \"A\", passcodes: \"disabled\", }]}"
    ),
    (
      "{tenants:[{ id: \"a\", name: \"A\" /* x */ }]}",
      "{tenants:[{ id: \"a\", name: \"A\", /* x */ passcodes: \"disabled\" }]}"
    ),
    // Strict JSON stays strict JSON.
    (
      "{\"tenants\":[{\"id\":\"a\",\"name\":\"A\"}]}",
      "{\"tenants\":[{\"id\":\"a\",\"name\":\"A\", \"passcodes\": \"disabled\"}]}"
    ),
    // Many lines: the comment stays with its member, indentation and line ends are the text's own.
    (
      "{tenants:[{\n\t\tid: 'a',\n\t\tname: 'A' // the name\n\t}]}",
      "{tenants:[{\n\t\tid: 'a',\n\t\tname: 'A', // the name\n\t\tpasscodes: 'disabled'\n\t}]}"
    ),
    (
      "{tenants:[{\r\n  id: 'a',\r\n  name: 'A', // the name\r\n  // the end\r\n}]}",
      "{tenants:[{\r\n  id: 'a',\r\n  name: 'A', // the name\r\n  passcodes: 'disabled',\r\n  // the end\r\n}]}"
    ),
    (
      "{tenants:[{\n  id: 'a',\n  name: 'A' // the name\n  , // odd\n}]}",
      "{tenants:[{\n  id: 'a',\n  name: 'A' // the name\n  , // odd\n  passcodes: 'disabled',\n}]}"
    ),
    (
      "{tenants:[{\n  id: 'a',\n  name: 'A' /* a,\n b */\n}]}",
      "{tenants:[{\n  id: 'a',\n  name: 'A', /* a,\n b */\n  passcodes: 'disabled'\n}]}"
    ),
    ("{tenants:[{id:'a',name:'A',passcodes:null}]}", "{tenants:[{id:'a',name:'A',passcodes:'disabled'}]}"),
    (
      "\u{FEFF}{tenants:[{id:'a',name:'A',passcodes:'default'}]}",
      "\u{FEFF}{tenants:[{id:'a',name:'A',passcodes:'disabled'}]}"
    ),
  ])
  func `a key that was not there is added in the style of the file`(_ text: String, _ expected: String) throws
  {
    let result = try Self.edited(text, ["passcodes=disabled"], tenant: "a")
    #expect(result == expected)
    #expect(try Fabrikam.directory(result).tenants[0].passcodes == .disabled)
  }

  @Test func `every key can be set and comes back through the loader`() throws {
    let result = try Self.edited(
      "{tenants:[{id:'a',name:'A'}]}",
      [
        "name=Café Söder", "domains=[\"a.example\", 'b.example'] // gone", "passcodes=enabled",
        "autoEnableAt=2030-01-01T00:00:00Z", "cloud=government", "federatedDomains={'gmail.com': 'google'}",
        "federatedDomains.outlook.com=microsoft", "whenOff.url=https://signup.example/?a=b&c=d",
        "whenOff.method=directory", "locale=de-AT", "sender.name=Anna", "sender.address=a@b.example",
        "app=App \\ \"x\" 'y'",
      ], tenant: "a")
    #expect(
      try Fabrikam.directory(result).tenants == [
        Tenant(
          id: "a", name: "Café Söder",
          domains: ["a.example", "b.example"],
          passcodes: .enabled, autoEnableAt: Date(rfc3339: "2030-01-01T00:00:00Z"), cloud: .government,
          federatedDomains: [
            "gmail.com": try #require(SignInMethod("google")),
            "outlook.com": try #require(SignInMethod("microsoft")),
          ],
          whenOff: Tenant.Alternative(
            method: try #require(SignInMethod("directory")), url: "https://signup.example/?a=b&c=d"),
          locale: try LocaleTag("de-AT"),
          sender: Tenant.Sender(name: "Anna", address: try EmailAddress("a@b.example")),
          app: "App \\ \"x\" 'y'")
      ])
  }

  @Test func `null forgets a key and keeps its comment`() throws {
    let result = try Self.edited(Fabrikam.text, ["autoEnableAt=null", "whenOff=null"])
    let tenant = try Fabrikam.directory(result).tenants[0]
    #expect(tenant.autoEnableAt == nil)
    #expect(tenant.whenOff == .administrator)
    let again = try Self.edited(result, ["whenOff.method=directory"])
    #expect(again.contains("whenOff: { method: \"directory\" }"))
  }

  @Test(arguments: [
    ("passcodes=on", TenantFault.Code.badValue, "expected default, enabled, disabled"),
    ("passcodes=", .badValue, "expected default, enabled, disabled"),
    ("autoEnableAt=tomorrow", .badValue, "RFC 3339"), ("name=Contoso Größe", .duplicate, "is the same"),
    ("domains=[\"größe.example\"]", .duplicate, "is the same"), ("whenOff={}", .missing, "is missing"),
    ("whenOff.url=javascript:alert(1)", .badValue, "neither https nor http"),
    ("name=null", .missing, "is missing"),
    ("app=a\r\nBcc: b", .badValue, "control character"),
    ("passcodes=disabled\", evil: \"1", .badValue, "expected default"),
  ])
  func `a value the loader does not take is refused as in a file`(
    _ assignment: String, _ code: TenantFault.Code, _ says: String
  ) throws {
    let error = #expect(throws: TenantFaults.self) { try Self.edited(Fabrikam.text, [assignment]) }
    #expect(error?.faults.first?.code == code)
    #expect(error?.description.contains(says) == true, "\(error?.description ?? "")")
  }

  @Test(arguments: [
    ("passcodes", TenantFault.Code.badValue, "KEY=VALUE"),
    ("passcode=default", .unknownKey, "did you mean passcodes?"),
    ("id=b", .badValue, "cannot be changed"), ("=x", .unknownKey, "not a key"),
    ("whenOff.uri=x", .unknownKey, "did you mean whenOff.url?"),
    ("federatedDomains.=x", .unknownKey, "not a key"),
    ("domains=a.example", .syntax, "list or an object"), ("domains=[],evil:1", .syntax, "after the end"),
    ("domains=[", .syntax, "no ]"),
  ])
  func `an assignment that is none says what is expected`(
    _ text: String, _ code: TenantFault.Code, _ says: String
  ) {
    let fault = #expect(throws: TenantFault.self) { try TenantAssignment(parsing: text) }
    #expect(fault?.code == code)
    #expect(fault?.description.contains(says) == true, "\(fault?.description ?? "")")
  }

  @Test func `an unknown tenant suggests the nearest`() {
    let error = #expect(throws: TenantFaults.self) {
      try Self.edited(Fabrikam.text, ["passcodes=enabled"], tenant: "Fabrikan")
    }
    #expect(error?.faults.first?.code == .unknownTenant)
    #expect(error?.faults.first?.message.contains("; did you mean Fabrikam?") == true)
    #expect(throws: TenantFaults.self) { try Self.edited(Fabrikam.text, ["passcodes=enabled"], tenant: nil) }
    #expect(throws: Never.self) {
      try Self.edited("{tenants:[{id:'a',name:'A'}]}", ["passcodes=enabled"], tenant: nil)
    }
  }

  @Test
  func
    `in five hundred layouts an edit changes its key, keeps every comment and leaves the other tenant alone`()
    throws
  {
    var generator = SplitMix(state: 2021)
    var comments = 0
    /// Blanks, line ends and comments as people leave them, each comment with a number of its own.
    func blanks() -> String {
      (0..<Int.random(in: 0...2, using: &generator)).map { _ in
        comments += 1
        return [
          " ", "\t", "\n", "\r\n", "\n    ", " /* }],:'\" \(comments)# */ ",
          "// passcodes: 'default', } \(comments)#\n",
        ].randomElement(using: &generator)!
      }.joined()
    }
    func token(_ text: String) -> String { blanks() + text + blanks() }
    func word(_ text: String) -> String {
      ["'\(text)'", "\"\(text)\""].randomElement(using: &generator)!
    }
    func member(_ key: String, _ value: String) -> String {
      token([key, word(key)].randomElement(using: &generator)!) + ":" + token(value)
    }
    func tenant(_ id: String, hasSwitch: Bool) -> String {
      var members = [member("id", word(id)), member("name", word("Tenant \(id)"))]
      if hasSwitch { members.append(member("passcodes", word("default"))) }
      if Bool.random(using: &generator) {
        members.append(member("whenOff", token("{\(member("method", word("directory")))}")))
      }
      members.shuffle(using: &generator)
      return token(
        "{" + members.joined(separator: ",") + (Bool.random(using: &generator) ? "," + blanks() : "") + "}")
    }
    for _ in 0..<500 {
      comments = 0
      let hasSwitch = Bool.random(using: &generator)
      let text = token(
        "{"
          + member(
            "tenants", "[" + tenant("a", hasSwitch: hasSwitch) + "," + tenant("b", hasSwitch: true) + "]")
          + "}")
      let before = try Fabrikam.directory(text).tenants
      let result = try Self.edited(text, ["passcodes=disabled", "whenOff.method=google"], tenant: "a")
      var expected = before[0]
      expected.passcodes = .disabled
      expected.whenOff.method = try #require(SignInMethod("google"))
      #expect(try Fabrikam.directory(result).tenants == [expected, before[1]], "\(text)\n→\n\(result)")
      let numbers = { (text: String) in text.matches(of: /\d+#/).map { String($0.output) } }
      #expect(numbers(result) == numbers(text))
    }
  }

  @Test func `a broken file is not edited`() {
    #expect(throws: TenantFaults.self) { try Self.edited("{tenants:[{id:'a',}]}", ["name=A"], tenant: "a") }
  }
}

@Suite struct EmailMethodConfigurationTests {
  static func parse(_ text: String) throws(TenantFaults) -> EmailMethodConfiguration {
    try EmailMethodConfiguration(json: Array(text.utf8), file: "graph.json")
  }

  @Test(arguments: Tenant.Switch.allCases, Tenant.Switch.allCases)
  func `applies to the tenants file and prints back the same`(_ before: Tenant.Switch, _ after: Tenant.Switch)
    throws
  {
    let text = Fabrikam.text.replacing("passcodes: \"default\"", with: "passcodes: \"\(before.rawValue)\"")
    let document = try TenantsDocument(json5: Array(text.utf8), file: "tenants.json5")
    let resource = """
      {
        "@odata.context": "https://graph.example/v1.0/$metadata#authenticationMethodConfigurations/$entity",
        "@odata.type": "#microsoft.graph.emailAuthenticationMethodConfiguration",
        "id": "Email", "state": "enabled", "allowExternalIdToUseEmailOtp": "\(after.rawValue)",
        "excludeTargets": [],
        "includeTargets@odata.context": "x", "includeTargets": [{"targetType": "group", "id": "all_users"}]
      }
      """
    let result = try document.applying(try Self.parse(resource), toTenant: "Fabrikam")
    #expect(
      String(decoding: result.bytes, as: UTF8.self)
        == Fabrikam.text.replacing("passcodes: \"default\"", with: "passcodes: \"\(after.rawValue)\""))
    let printed = EmailMethodConfiguration(of: result.directory.tenants[0])
    #expect(printed == EmailMethodConfiguration(of: Fabrikam.tenant(after)))
    #expect(try Self.parse(printed.json) == printed)
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(printed.json.utf8)) as? [String: String])
    #expect(object["id"] == "Email" && object["state"] == "enabled")
    #expect(object["allowExternalIdToUseEmailOtp"] == after.rawValue)
  }

  @Test func `a method whose state is disabled turns passcodes off`() throws {
    #expect(try Self.parse("{\"state\":\"disabled\"}").passcodes == .disabled)
    let both = try Self.parse("{\"state\":\"disabled\",\"allowExternalIdToUseEmailOtp\":\"enabled\"}")
    #expect(both.passcodes == .disabled)
    #expect(try Self.parse("{\"allowExternalIdToUseEmailOtp\":\"enabled\"}").passcodes == .enabled)
  }

  @Test(arguments: [
    ("{\"state\":\"enabled\"}", TenantFault.Code.missing, "allowExternalIdToUseEmailOtp"),
    ("{}", .missing, "allowExternalIdToUseEmailOtp"),
    ("{\"allowExternalIdToUseEmailOtp\":\"unknownFutureValue\"}", .badValue, "allowExternalIdToUseEmailOtp"),
    ("{\"allowExternalIdToUseEmailOTP\":\"enabled\"}", .unknownKey, "allowExternalIdToUseEmailOTP"),
    ("{\"allowExternalIdToUseEmailOtp\":true}", .wrongType, "allowExternalIdToUseEmailOtp"),
    ("{\"state\":\"disabled\",\"state\":\"enabled\"}", .repeatedKey, "state"),
    ("{\"id\":\"Sms\",\"state\":\"disabled\"}", .badValue, "id"),
    (
      "{\"@odata.type\":\"#microsoft.graph.smsAuthenticationMethodConfiguration\",\"state\":\"disabled\"}",
      .badValue, "@odata.type"
    ),
    ("[]", .wrongType, ""), ("{", .syntax, ""),
  ])
  func `another resource or a damaged one is refused`(
    _ text: String, _ code: TenantFault.Code, _ keyPath: String
  ) {
    let error = #expect(throws: TenantFaults.self) { try Self.parse(text) }
    #expect(
      error?.faults.contains { $0.code == code && $0.keyPath == keyPath && $0.line == 1 } == true,
      "\(String(describing: error))")
  }
}
