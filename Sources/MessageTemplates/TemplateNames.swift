internal import CodeRequests
internal import Documents

/// The names that templates may use, each with the slot that its value stands in when a mail is rendered.
package struct TemplateNames: Sendable {
  /// What every template knows.
  package enum Known: String, CaseIterable, Sendable {
    case app, code, validity, validityMinutes, email, tenant, clientIP, clientAgentName, requestedAt,
      requestedAtLocal
    /// Where answers go, and the domain that codes are bound to: what the configuration says, or nothing.
    case replyTo, signInDomain
    /// What stands below every mail, such as the company's details: text of one line or several, or nothing.
    case footer
    /// A text mark: what the configuration says, or nothing.
    case logo
    /// Colours of the configuration's accent. `#rrggbb` and nothing else, so these alone may stand in a style.
    case accent, accentText, accentTint, accentDark, accentTextDark, accentTintDark
    /// Of the template itself, so known when it loads: its locale, and `ltr` or `rtl`.
    case locale, direction

    var slot: Int {
      switch self {
      case .app: 0
      case .code: 1
      case .validity: 2
      case .validityMinutes: 3
      case .email: 4
      case .tenant: 5
      case .clientIP: 6
      case .clientAgentName: 7
      case .requestedAt: 8
      case .requestedAtLocal: 9
      case .replyTo: 10
      case .signInDomain: 11
      case .footer: 12
      case .logo: 13
      case .accent: 14
      case .accentText: 15
      case .accentTint: 16
      case .accentDark: 17
      case .accentTextDark: 18
      case .accentTintDark: 19
      case .locale: 20
      case .direction: 21
      }
    }
  }

  /// Slots whose values are colours.
  static let colours = Set(
    [.accent, .accentText, .accentTint, .accentDark, .accentTextDark, .accentTintDark].map(\Known.slot))

  /// Built-in names, then declared variables; the index is the slot.
  package let all: [String]
  /// The variables that `variables.json5` declares, in the order of their slots.
  package let variables: [TemplateVariable]
  private let slots: [String: Int]

  package static var firstVariable: Int { Known.allCases.count }

  init(variables: [TemplateVariable] = []) {
    self.variables = variables
    all = Known.allCases.map(\.rawValue) + variables.map(\.name)
    var slots: [String: Int] = [:]
    for (slot, name) in all.enumerated() { slots[name] = slot }
    self.slots = slots
  }

  /// The slots that hold something in every mail.
  var filled: Set<Int> {
    let known: [Known] = [
      .app, .code, .validity, .validityMinutes, .email, .requestedAt, .requestedAtLocal, .locale, .direction,
    ]
    let required = variables.indices.filter { variables[$0].isRequired }
    return Self.colours.union(known.map(\.slot) + required.map { Self.firstVariable + $0 })
  }

  func slot(of name: String) -> Int? { slots[name] }

  /// The known name that a slip of the fingers turns into `name`; nil where none is near.
  func nearest(to name: String) -> String? { Documents.nearest(to: name, in: all) }
}
