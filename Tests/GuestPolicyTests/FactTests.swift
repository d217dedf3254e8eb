import CodeRequests
import Foundation
import GuestPolicy
import Testing

/// Each documented fact of the feature, one test or more named after it. The module's documentation maps them.
@Suite struct FactTests {
  static let microsoft = SignInMethod("microsoft")!
  static let google = SignInMethod("google")!
  let nicole = "nicole@firstupconsultants.com"

  @Test func `fact 1: a guest who asks gets a passcode, and is signed in by it from then on`() throws {
    let tenant = Fabrikam.tenant(.enabled)
    #expect(try tenant.decide(nicole).method == .passcode)
    let redeemed = Redemption.none.afterSignIn(by: .passcode)
    #expect(redeemed == .passcode)
    #expect(try tenant.decide(nicole, redemption: redeemed).method == .passcode)
  }

  // Fact 2, that a passcode is valid 30 minutes, and how long a session lasts are held by the tests of the verifier.

  @Test func `fact 3: once a session is over, the guest gets a new passcode`() throws {
    let later = Fabrikam.after.addingTimeInterval(86400)
    #expect(try Fabrikam.tenant().decide(nicole, redemption: .passcode, now: later).method == .passcode)
  }

  @Test(arguments: [
    // switch, date, cloud, before the date, from the date on
    (Tenant.Switch.default, false, Tenant.Cloud.public, true, true), (.default, true, .public, false, true),
    (.default, false, .government, false, false), (.default, true, .government, false, false),
    (.enabled, false, .public, true, true), (.enabled, true, .public, true, true),
    (.enabled, false, .government, true, true), (.enabled, true, .government, true, true),
    (.disabled, false, .public, false, false), (.disabled, true, .public, false, false),
    (.disabled, false, .government, false, false), (.disabled, true, .government, false, false),
  ])
  func `fact 4: the switch with its date and its cloud`(
    _ passcodes: Tenant.Switch, _ hasDate: Bool, _ cloud: Tenant.Cloud, _ before: Bool, _ after: Bool
  ) throws {
    let tenant = Fabrikam.tenant(passcodes, autoEnableAt: hasDate ? Fabrikam.autoEnableAt : nil, cloud: cloud)
    #expect(tenant.switchState(at: Fabrikam.before).isOn == before)
    #expect(tenant.switchState(at: Fabrikam.after).isOn == after)
    #expect(try tenant.decide(nicole, now: Fabrikam.before).allowsPasscode == before)
    #expect(try tenant.decide(nicole, now: Fabrikam.after).allowsPasscode == after)
  }

  @Test func `fact 5: off means no passcode, and the answer names what to do instead`() throws {
    let decision = try Fabrikam.tenant(.disabled).decide(nicole)
    #expect(decision.method.rawValue == "microsoft-account")
    #expect(decision.url == "https://signup.example")
    #expect(decision.rule == .switchDisabled)
  }

  @Test func `fact 5: who redeemed by passcode cannot sign in once it is off, until the redemption is reset`()
    throws
  {
    let tenant = Fabrikam.tenant(.disabled)
    let stuck = try tenant.decide(nicole, accounts: ["directory"], redemption: .passcode)
    #expect(stuck.rule == .redeemedByPasscodeNowOff)
    #expect(!stuck.allowsPasscode)
    #expect(stuck.method.rawValue == "microsoft-account")
    let reset = try tenant.decide(nicole, accounts: ["directory"], redemption: .none)
    #expect(reset.method.rawValue == "directory")
  }

  @Test(arguments: [
    (["directory"], "directory", Decision.Rule.directoryAccount),
    (["microsoft"], "microsoft", .microsoftAccount), (["google"], "google", .otherMethod),
    (["password"], "password", .otherMethod), (["facebook", "password"], "facebook", .otherMethod),
    ([], "passcode", .fallback),
  ])
  func `fact 6: a passcode is the fallback when there is no other way`(
    _ accounts: [String], _ method: String, _ rule: Decision.Rule
  ) throws {
    let decision = try Fabrikam.tenant(.enabled).decide(nicole, accounts: accounts)
    #expect(decision.method.rawValue == method)
    #expect(decision.rule == rule)
  }

  @Test(arguments: ["teri@gmail.com", "teri@GMAIL.com", "Teri+tag@gmail.com."])
  func `fact 6: a federated domain counts in every spelling`(_ address: String) throws {
    let text = "{tenants:[{id:'a',name:'A',federatedDomains:{'Gmail.COM.':'google','größe.example':'saml'}}]}"
    let tenant = try Fabrikam.directory(text).tenants[0]
    #expect(try tenant.decide(address).method == Self.google)
    #expect(try tenant.decide("a@XN--GRE-6KA8I.example").rule == .federatedDomain)
    // Neither a part of the domain nor one below it.
    #expect(try tenant.decide("teri@mail.gmail.com").method == .passcode)
    #expect(try tenant.decide("teri@notgmail.com").method == .passcode)
  }

  @Test func `fact 7: redemption by passcode sticks whatever accounts appear later`() throws {
    for federates in [[:], ["gmail.com": Self.google]] {
      let tenant = Fabrikam.tenant(.enabled, federating: federates)
      for accounts in [["directory"], ["microsoft"], ["google"], ["directory", "microsoft", "password"]] {
        let decision = try tenant.decide("teri@gmail.com", accounts: accounts, redemption: .passcode)
        #expect(decision.method == .passcode)
        #expect(decision.rule == .redeemedByPasscode)
      }
    }
  }

  @Test(arguments: Tenant.Switch.allCases)
  func `fact 7: redemption by another method sticks, and turning the switch on touches nobody who redeemed`(
    _ passcodes: Tenant.Switch
  ) throws {
    let redeemed = Redemption.other(Self.microsoft)
    let decision = try Fabrikam.tenant(passcodes).decide(nicole, redemption: redeemed)
    #expect(decision.method == Self.microsoft)
    #expect(decision.rule == .redeemedByOtherMethod)
    // A later sign-in in another way does not change it either.
    #expect(redeemed.afterSignIn(by: .passcode) == redeemed)
    #expect(Redemption.passcode.afterSignIn(by: Self.microsoft) == .passcode)
  }

  @Test func `fact 7: after a reset the next sign-in decides anew`() throws {
    let tenant = Fabrikam.tenant(.enabled)
    #expect(try tenant.decide(nicole, accounts: ["microsoft"], redemption: .passcode).method == .passcode)
    #expect(try tenant.decide(nicole, accounts: ["microsoft"], redemption: .none).method == Self.microsoft)
    #expect(Redemption.none.afterSignIn(by: Self.microsoft) == .other(Self.microsoft))
  }

  @Test(arguments: [Redemption.none, .passcode, .other(SignInMethod("microsoft-account")!)])
  func `fact 7: a redemption survives being stored`(_ redemption: Redemption) {
    #expect(Redemption(stored: redemption.stored) == redemption)
    #expect(Redemption(stored: "Not A Method") == nil)
  }

  @Test(arguments: [
    "https://apps.example/?tenantid=\(Fabrikam.id)", "https://apps.example/fabrikam.example",
    "https://portal.example/\(Fabrikam.id)",
    "https://apps.example/signin/Expenses/1234?tenantId=\(Fabrikam.id)",
  ])
  func `fact 8: a sign-in link with a tenant in it names the tenant`(_ link: String) throws {
    for endpoint in TenantDirectory.CommonEndpoint.allCases {
      let text = Fabrikam.text.replacing(
        "commonEndpoint: \"allowed\"", with: "commonEndpoint: \"\(endpoint.rawValue)\"")
      #expect(try Fabrikam.directory(text).resolve(link).id == Fabrikam.id)
    }
  }

  @Test func `fact 8: at the common endpoint the guest types the organisation's name`() throws {
    let directory = try Fabrikam.directory()
    #expect(try directory.resolve("https://login.example/common") == .common)
    #expect(try directory.resolve("fabrikam").id == Fabrikam.id)
    #expect(try Tenant.common.decide(nicole).method == .passcode)
  }

  @Test func `fact 8: a refused common endpoint says so`() throws {
    let directory = try Fabrikam.directory("{commonEndpoint:'refused',tenants:[{id:'a',name:'A'}]}")
    let fault = #expect(throws: RequestFault.self) { try directory.resolve(nil) }
    #expect(fault?.description.contains("the common endpoint is refused here; name the tenant") == true)
  }

  @Test(arguments: [
    ("nicole@firstupconsultants.com", false, "passcode"), ("teri@gmail.com", false, "passcode"),
    ("teri@gmail.com", true, "google"),
  ])
  func `fact 9: the examples come out`(_ guest: String, _ federates: Bool, _ method: String) throws {
    let fabrikam = Fabrikam.tenant(federating: federates ? ["gmail.com": Self.google] : [:])
    #expect(try fabrikam.decide(guest).method.rawValue == method)
  }

  @Test func `the documentation maps every fact to tests that exist`() throws {
    let here = URL(fileURLWithPath: #filePath)
    let root = here.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let article = try String(
      contentsOf: root.appendingPathComponent("Sources/GuestPolicy/GuestPolicy.docc/GuestPolicy.md"),
      encoding: .utf8)
    let tests = try FileManager.default.contentsOfDirectory(
      at: here.deletingLastPathComponent(), includingPropertiesForKeys: nil
    ).map { try String(contentsOf: $0, encoding: .utf8) }.joined()
    let section = try #require(
      article.components(separatedBy: "\n## ").first { $0.hasPrefix("The documented facts") })
    let names = section.split(separator: "`", omittingEmptySubsequences: false).enumerated()
      .filter { !$0.offset.isMultiple(of: 2) }.map(\.element)
    #expect(names.count >= 15)
    for name in names {
      let exists = tests.contains("func `\(name)`(")
      #expect(exists, "\(name)")
    }
    for match in tests.matches(of: /func `(fact \d: [^`]+)`/) {
      #expect(names.contains(match.1), "\(match.1) is missing in the documentation")
    }
    for number in 1...9 where number != 2 { #expect(names.contains { $0.hasPrefix("fact \(number): ") }) }
  }
}
