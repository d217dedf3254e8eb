import CodeRequests
import GuestPolicy
import Testing

@Suite struct ResolvingTests {
  @Test(arguments: [
    Fabrikam.id, Fabrikam.id.uppercased(), "Fabrikam", "fabrikam", "FABRIKAM", "fabrikam.example",
    "Fabrikam.Example",
    "fabrikam.example.", "fabrikam.onmicrosoft.com",
    "https://apps.example/?tenantid=\(Fabrikam.id)", "https://apps.example?tenantid=\(Fabrikam.id)",
    "https://apps.example/?TenantId=\(Fabrikam.id.uppercased())",
    "https://apps.example/?login_hint=a%40b.example&tenantid=\(Fabrikam.id)&x",
    "https://apps.example/fabrikam.example", "https://apps.example/Fabrikam.EXAMPLE./",
    "https://portal.example/\(Fabrikam.id)", "HTTPS://Portal.Example:8443/\(Fabrikam.id)/",
    "http://portal.example/\(Fabrikam.id)",
    "https://apps.example/signin/Expenses/11111111-2222-3333-4444-555555555555?tenantId=\(Fabrikam.id)",
    "https://apps.example/signin/My%20App%20%C3%A9/1111?tenantId=\(Fabrikam.id)",
  ])
  func `leads to Fabrikam`(_ reference: String) throws {
    #expect(try Fabrikam.directory().resolve(reference).id == Fabrikam.id)
  }

  @Test(arguments: [
    Fabrikam.contosoID, "Contoso Größe", "CONTOSO GRÖẞE", "contoso gro\u{308}ße",
    "größe.example",
    "GRÖßE.example", "gro\u{308}ße.example", "xn--gre-6ka8i.example", "XN--GRE-6KA8I.EXAMPLE.",
    "größe。example",
    "https://apps.example/größe.example", "https://apps.example/xn--gre-6ka8i.example",
  ])
  func `leads to Contoso, whose domain is beyond ASCII`(_ reference: String) throws {
    #expect(try Fabrikam.directory().resolve(reference).id == Fabrikam.contosoID)
  }

  @Test(
    arguments: [
      "Fabrikam Inc", "fabrikam.test", "sub.fabrikam.example", " ", "72f988bf", "example",
      "https://apps.example/?tenantid=11111111-2222-3333-4444-555555555555",
      "https://apps.example/contoso.example",
      "https://apps.example/Contoso",
    ])
  func `an unknown tenant is refused`(_ reference: String) throws {
    let directory = try Fabrikam.directory()
    let fault = #expect(throws: RequestFault.self) { try directory.resolve(reference) }
    #expect(fault?.field == "tenant")
    #expect(fault?.message.contains("not known") == true)
  }

  static let hostile: [(link: String, says: String)] = [
    // Userinfo: the host is what stands after the @.
    ("https://apps.example@evil.example/?tenantid=\(Fabrikam.id)", "user name"),
    ("https://apps.example:443@evil.example/fabrikam.example", "user name"),
    ("https://evil.example\\@apps.example/fabrikam.example", "backslash"),
    ("https://apps.example%40evil.example/fabrikam.example", "encoded host"),
    // Other schemes, and none.
    ("javascript:alert(1)//apps.example/?tenantid=\(Fabrikam.id)", "not an https or http link"),
    ("ftp://apps.example/fabrikam.example", "not an https or http link"),
    ("file:///etc/passwd", "not an https or http link"),
    ("data:text/html,fabrikam.example", "not an https or http link"),
    ("//apps.example/fabrikam.example", "not an https or http link"),
    ("apps.example/fabrikam.example", "not an https or http link"),
    ("https:/apps.example/fabrikam.example", "not an https or http link"),
    // Hosts that are none.
    ("https:///fabrikam.example", "without a host"), ("https://?tenantid=x", "without a host"),
    ("https://[::1]/fabrikam.example", "port"), ("https://[1.2.3.4]/fabrikam.example", "without a host"),
    ("https://apps.example:/fabrikam.example", "port"), ("https://apps.example:0/fabrikam.example", "port"),
    ("https://apps.example:99999/fabrikam.example", "port"),
    ("https://apps.example:+80/fabrikam.example", "port"),
    ("https://apps..example/fabrikam.example", "without a host"),
    ("https://-apps.example/", "without a host"),
    // Encoded letters: another reader would see another tenant.
    ("https://apps.example/fabrikam%2Eexample", "encoded tenant"),
    ("https://apps.example/%66abrikam.example", "encoded tenant"),
    ("https://apps.example/?tenant%69d=\(Fabrikam.id)", "encoded parameter"),
    ("https://apps.example/?tenantid=%37\(Fabrikam.id.dropFirst())", "other than letters"),
    ("https://apps.example/?tenantid=\(Fabrikam.id)&tenant%49d=x", "encoded parameter"),
    ("https://apps.example/signin/a%2F..%2Fb/1?tenantId=\(Fabrikam.id)", "bad app"),
    ("https://apps.example/signin/a%00b/1?tenantId=\(Fabrikam.id)", "bad app"),
    ("https://apps.example/signin/%252e/1?tenantId=\(Fabrikam.id)", "bad app"),
    ("https://apps.example/signin/%2e%2e/1?tenantId=\(Fabrikam.id)", "bad app"),
    ("https://apps.example/signin/%FF/1?tenantId=\(Fabrikam.id)", "bad app"),
    // Two tenants in one link, or the same twice.
    ("https://apps.example/?tenantid=\(Fabrikam.id)&tenantid=\(Fabrikam.contosoID)", "more than one"),
    ("https://apps.example/?tenantid=\(Fabrikam.id)&TENANTID=\(Fabrikam.id)", "more than one"),
    ("https://apps.example/?tenantid=\(Fabrikam.id);tenantid=\(Fabrikam.contosoID)", "more than one"),
    ("https://apps.example/?tenantid&tenantid=\(Fabrikam.id)", "more than one"),
    ("https://apps.example/fabrikam.example?tenantid=\(Fabrikam.contosoID)", "twice"),
    ("https://apps.example/common?tenantid=\(Fabrikam.id)", "twice"),
    // Parameters that say nothing.
    ("https://apps.example/?tenantid=", "is empty"), ("https://apps.example/?tenantid", "is empty"),
    ("https://apps.example/?tenantid=a/b", "other than letters"),
    ("https://apps.example/?tenantid=' OR 1=1 --", "white space"),
    ("https://apps.example/signin/Expenses/1", "without ?tenantId"),
    // Paths that are none of the four.
    ("https://apps.example/a/b", "is not a sign-in link"),
    ("https://apps.example/a/b/c/d", "is not a sign-in link"),
    ("https://apps.example/signin/Expenses/1/2?tenantId=\(Fabrikam.id)", "is not a sign-in link"),
    ("https://apps.example/elsewhere/a/1?tenantId=\(Fabrikam.id)", "is not a sign-in link"),
    ("https://apps.example//fabrikam.example", "empty or dotted"),
    ("https://apps.example/../fabrikam.example", "empty or dotted"),
    ("https://apps.example/signin/../1?tenantId=\(Fabrikam.id)", "empty or dotted"),
    ("https://apps.example/fabrikam.example#@evil.example", "fragment"),
    ("https://apps.example/'OR'1'='1", "neither a verified domain"),
    // Characters that hide.
    ("https://apps.example/fabrikam.example\r\nX-Header: y", "control"),
    ("https://apps.example/\u{202E}elpmaxe.makirbaf", "invisible"),
    ("https://apps.example/fabri\u{200B}kam.example", "invisible"),
    ("https://apps.example/\u{0}", "control"),
    ("https://apps.example/?tenantid=\(String(repeating: "a", count: 1_000_000))", "at most 2048"),
    ("https://" + String(repeating: "a.", count: 900) + "example/fabrikam.example", "without a host"),
  ]

  @Test(arguments: hostile.indices)
  func `a hostile link is refused with what is wrong, and not repeated`(_ index: Int) throws {
    let (link, says) = Self.hostile[index]
    for directory in [try Fabrikam.directory(), .single] {
      let fault = #expect(throws: RequestFault.self, "\(link)") { try directory.resolve(link) }
      #expect(fault?.field == "tenant")
      #expect(fault?.message.contains(says) == true, "\(link.prefix(200)): \(fault?.message ?? "")")
      #expect(fault?.message.contains("evil") == false)
    }
  }

  @Test func `only the hosts of signInHosts are accepted where they are listed`() throws {
    let directory = try Fabrikam.directory(
      "{signInHosts:['Apps.Example','portal.größe.example'],tenants:[{id:'a',name:'A'}]}")
    for link in [
      "https://apps.example/?tenantid=a", "https://APPS.example.:443/a", "https://portal.größe.example/a",
      "https://portal.xn--gre-6ka8i.example/a",
    ] {
      #expect(try directory.resolve(link).id == "a", "\(link)")
    }
    for link in [
      "https://evil.example/a", "https://apps.example.evil.example/a", "https://xapps.example/a",
      "https://sub.apps.example/a", "https://apps.example-evil.example/", "https://аpps.example/a",
    ] {
      let fault = #expect(throws: RequestFault.self, "\(link)") { try directory.resolve(link) }
      #expect(fault?.message.contains("another host") == true, "\(link)")
    }
  }

  @Test(arguments: [
    nil, "", "https://apps.example/", "https://apps.example", "https://apps.example/?x=y",
    "https://login.example/common", "https://login.example/organizations/",
  ])
  func `the common endpoint is open or says that it is refused`(_ reference: String?) throws {
    #expect(try Fabrikam.directory().resolve(reference) == .common)
    let refusing = try Fabrikam.directory(
      Fabrikam.text.replacing("commonEndpoint: \"allowed\"", with: "commonEndpoint: \"refused\""))
    let fault = #expect(throws: RequestFault.self) { try refusing.resolve(reference) }
    #expect(fault?.field == "tenant")
    #expect(fault?.message.contains("common endpoint is refused") == true)
    // With a tenant in it the same directory answers.
    #expect(try refusing.resolve("fabrikam").id == Fabrikam.id)
  }

  @Test func `the one tenant of a file is meant where none is named, so that its switch counts`() throws {
    let directory = try Fabrikam.directory("{tenants:[{id:'a',name:'A',passcodes:'disabled'}]}")
    let decision = try directory.resolve(nil).decide("nicole@firstupconsultants.com")
    #expect(decision.rule == .switchDisabled)
  }

  @Test(arguments: [nil, "", "Fabrikam", "https://apps.example/?tenantid=x"])
  func `without a tenants file there is one tenant with passcodes on`(_ reference: String?) throws {
    let tenant = try TenantDirectory.single.resolve(reference)
    #expect(tenant == .only)
    #expect(try tenant.decide("nicole@firstupconsultants.com").allowsPasscode)
  }
}
