package import FoundationEssentials

extension Tenant {
  /// What a tenant's switch comes to at a moment, and why.
  package enum SwitchState: String, CaseIterable, Hashable, Sendable {
    case onByDefault = "default-on"
    case onByTenant = "enabled"
    case offByTenant = "disabled"
    case offUntilDate = "default-before-auto-enable"
    case offInGovernmentCloud = "default-off-in-government-cloud"

    package var isOn: Bool {
      switch self {
      case .onByDefault, .onByTenant: true
      case .offByTenant, .offUntilDate, .offInGovernmentCloud: false
      }
    }
  }

  /// The switch at `now`. What a tenant said outright counts first; then the cloud; then the date.
  package func switchState(at now: Date) -> SwitchState {
    switch passcodes {
    case .enabled: return .onByTenant
    case .disabled: return .offByTenant
    case .default:
      if cloud == .government { return .offInGovernmentCloud }
      if let autoEnableAt, now < autoEnableAt { return .offUntilDate }
      return .onByDefault
    }
  }
}
