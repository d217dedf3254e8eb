import CodeRequests
import Foundation
import GuestPolicy
import Testing

/// The whole table: switch × date × cloud × redeemed before × accounts × federation. The expectation is written here
/// as the documented behaviour reads, without the order of the code under test.
@Suite struct DecisionTableTests {
  enum Moment: CaseIterable { case noDate, before, atDate, after }

  struct Row: Sendable, CustomTestStringConvertible {
    var passcodes: Tenant.Switch
    var moment: Moment
    var cloud: Tenant.Cloud
    var redemption: Redemption
    var accounts: [String]
    var federates: Bool

    var testDescription: String {
      "\(passcodes) \(moment) \(cloud) \(redemption) \(accounts) \(federates ? "federated" : "")"
    }

    /// Whether passcodes are on, as prose has it.
    var isOn: Bool {
      if passcodes == .enabled { return true }
      if passcodes == .disabled { return false }
      if cloud == .government { return false }
      return moment != .before
    }
  }

  static let rows: [Row] = {
    var rows: [Row] = []
    let accountLists = [
      [], ["passcode"], ["directory"], ["microsoft"], ["google"], ["password"], ["microsoft", "directory"],
      ["password", "microsoft"],
    ]
    for passcodes in Tenant.Switch.allCases {
      for moment in Moment.allCases {
        for cloud in Tenant.Cloud.allCases {
          for redemption in [Redemption.none, .passcode, .other(SignInMethod("microsoft")!)] {
            for accounts in accountLists {
              for federates in [false, true] {
                rows.append(
                  Row(
                    passcodes: passcodes, moment: moment, cloud: cloud, redemption: redemption,
                    accounts: accounts,
                    federates: federates))
              }
            }
          }
        }
      }
    }
    return rows
  }()

  @Test func `the table has every row once`() {
    #expect(Self.rows.count == 3 * 4 * 2 * 3 * 8 * 2)
    #expect(Set(Self.rows.map(\.testDescription)).count == Self.rows.count)
  }

  @Test func `every row decides as documented`() throws {
    var rules: Set<Decision.Rule> = []
    for row in Self.rows {
      let now =
        switch row.moment {
        case .before: Fabrikam.before
        case .noDate, .atDate: Fabrikam.autoEnableAt
        case .after: Fabrikam.autoEnableAt.addingTimeInterval(86400 * 365)
        }
      let tenant = Fabrikam.tenant(
        row.passcodes, autoEnableAt: row.moment == .noDate ? nil : Fabrikam.autoEnableAt, cloud: row.cloud,
        federating: row.federates ? ["gmail.com": SignInMethod("google")!] : [:])
      let decision = try tenant.decide(
        "teri@gmail.com", accounts: row.accounts, redemption: row.redemption, now: now)
      let (method, rule) = Self.expected(row)
      #expect(decision.method.rawValue == method, "\(row.testDescription)")
      #expect(decision.rule == rule, "\(row.testDescription)")
      #expect(decision.allowsPasscode == (method == "passcode"))
      #expect(decision.switchState.isOn == row.isOn, "\(row.testDescription)")
      let namesAlternative = method == "microsoft-account"
      #expect(decision.url == (namesAlternative ? "https://signup.example" : nil), "\(row.testDescription)")
      rules.insert(decision.rule)
    }
    #expect(rules == Set(Decision.Rule.allCases))
  }

  private static func expected(_ row: Row) -> (String, Decision.Rule) {
    switch row.redemption {
    case .other(let method): return (method.rawValue, .redeemedByOtherMethod)
    case .passcode:
      return row.isOn ? ("passcode", .redeemedByPasscode) : ("microsoft-account", .redeemedByPasscodeNowOff)
    case .none: break
    }
    if row.accounts.contains("directory") { return ("directory", .directoryAccount) }
    if row.federates { return ("google", .federatedDomain) }
    if row.accounts.contains("microsoft") { return ("microsoft", .microsoftAccount) }
    if row.accounts == ["google"] { return ("google", .otherMethod) }
    if row.accounts == ["password"] { return ("password", .otherMethod) }
    if row.isOn { return ("passcode", .fallback) }
    if row.passcodes == .disabled { return ("microsoft-account", .switchDisabled) }
    return ("microsoft-account", row.cloud == .government ? .governmentCloud : .beforeAutoEnable)
  }

  @Test func `each rule has a short name and one sentence of its own`() {
    for rule in Decision.Rule.allCases {
      #expect(isSlug(rule.rawValue, maximum: 40))
      #expect(rule.explanation.hasSuffix(".") && rule.explanation.count(where: { $0 == "." }) == 1)
    }
    #expect(Set(Decision.Rule.allCases.map(\.explanation)).count == Decision.Rule.allCases.count)
  }

  @Test func `the names of rules stay as records and scripts know them`() {
    #expect(
      Decision.Rule.allCases.map(\.rawValue) == [
        "redeemed-by-passcode", "redeemed-by-passcode-now-off", "redeemed-by-other-method",
        "directory-account",
        "federated-domain", "microsoft-account", "other-method", "switch-disabled", "before-auto-enable",
        "government-cloud", "fallback",
      ])
  }
}
