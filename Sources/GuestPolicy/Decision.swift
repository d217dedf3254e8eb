package import CodeRequests
package import FoundationEssentials

/// Who gets a passcode, and who is told to sign in another way. Pure: the same inputs give the same answer, at
/// admission and for the person who asks why.
///
/// Rules are tried in this order, and the first that holds decides:
/// 1. how the guest redeemed before, which sticks until it is reset;
/// 2. another way to sign in that the guest has: a directory account, a provider the tenant federates with, a
///    Microsoft account, anything else;
/// 3. the tenant's switch. A passcode is the fallback.
package struct Decision: Hashable, Sendable {
  /// `passcode`, or what to do instead.
  package let method: SignInMethod
  /// Where the guest goes for `method`, where the tenant says so.
  package let url: String?
  /// The rule that decided.
  package let rule: Rule
  /// What the tenant's switch came to, whether it decided or not.
  package let switchState: Tenant.SwitchState

  /// True where a passcode may be sent, and where a typed one may be checked.
  package var allowsPasscode: Bool { method == .passcode }
}

extension Decision {
  /// Names are part of the output of `method` and of the audit table: they stay as they are.
  package enum Rule: String, CaseIterable, Hashable, Sendable {
    case redeemedByPasscode = "redeemed-by-passcode"
    case redeemedByPasscodeNowOff = "redeemed-by-passcode-now-off"
    case redeemedByOtherMethod = "redeemed-by-other-method"
    case directoryAccount = "directory-account"
    case federatedDomain = "federated-domain"
    case microsoftAccount = "microsoft-account"
    case otherMethod = "other-method"
    case switchDisabled = "switch-disabled"
    case beforeAutoEnable = "before-auto-enable"
    case governmentCloud = "government-cloud"
    case fallback = "fallback"

    /// One sentence for the person who asks why.
    package var explanation: String {
      switch self {
      case .redeemedByPasscode:
        "The guest redeemed by passcode and goes on with passcodes, whatever accounts appeared since."
      case .redeemedByPasscodeNowOff:
        "The guest redeemed by passcode and the tenant has turned passcodes off; resetting the redemption lets the guest redeem with another method."
      case .redeemedByOtherMethod: "The guest redeemed with another method and keeps it until it is reset."
      case .directoryAccount: "The guest has a directory account and signs in with it."
      case .federatedDomain: "The tenant federates with the provider of the guest's address."
      case .microsoftAccount: "The guest has a Microsoft account and signs in with it."
      case .otherMethod: "The guest has another way to sign in; a passcode is only the fallback."
      case .switchDisabled: "The tenant has turned passcodes off."
      case .beforeAutoEnable:
        "The tenant has not said whether it wants passcodes, and they turn on by themselves only at a later date."
      case .governmentCloud:
        "The tenant has not said whether it wants passcodes, which in the government cloud means off."
      case .fallback: "No other way to sign in is known and the tenant's passcodes are on."
      }
    }
  }
}

extension Tenant {
  /// Decides for a guest of this tenant.
  ///
  /// - Parameters:
  ///   - address: the guest's; its domain is looked up in `federatedDomains`.
  ///   - accounts: other ways this guest can sign in, as the request lists them: `directory`, `microsoft`,
  ///     `google`, `password`, … The method is named as the request named it. `passcode` is no other way.
  ///   - redemption: how the guest redeemed before.
  package func decide(
    for address: EmailAddress, accounts: [String], redemption: Redemption, now: Date
  ) -> Decision {
    decide(forDomain: address.domain, accounts: accounts, redemption: redemption, now: now)
  }

  /// The same for who has the address's domain alone, as records have it.
  package func decide(
    forDomain domain: String, accounts: [String], redemption: Redemption, now: Date
  ) -> Decision {
    let state = switchState(at: now)
    func decision(_ method: SignInMethod, _ rule: Decision.Rule, url: String? = nil) -> Decision {
      Decision(method: method, url: url, rule: rule, switchState: state)
    }
    func off(_ rule: Decision.Rule) -> Decision { decision(whenOff.method, rule, url: whenOff.url) }

    switch redemption {
    case .other(let method): return decision(method, .redeemedByOtherMethod)
    case .passcode:
      return state.isOn ? decision(.passcode, .redeemedByPasscode) : off(.redeemedByPasscodeNowOff)
    case .none: break
    }

    let known = accounts.compactMap { SignInMethod($0.lowercased()) }
    if let account = known.first(where: { $0.rawValue == "directory" }) {
      return decision(account, .directoryAccount)
    }
    if let provider = federatedDomains[domain] { return decision(provider, .federatedDomain) }
    if let account = known.first(where: { ["microsoft", "microsoft-account"].contains($0.rawValue) }) {
      return decision(account, .microsoftAccount)
    }
    if let account = known.first(where: { $0 != .passcode }) { return decision(account, .otherMethod) }

    return switch state {
    case .onByDefault, .onByTenant: decision(.passcode, .fallback)
    case .offByTenant: off(.switchDisabled)
    case .offUntilDate: off(.beforeAutoEnable)
    case .offInGovernmentCloud: off(.governmentCloud)
    }
  }
}
