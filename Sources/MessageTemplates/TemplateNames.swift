/// The names that templates may use, each with the slot that its value stands in when a mail is rendered.
package struct TemplateNames: Sendable {
  /// What every template knows.
  package enum Known: String, CaseIterable, Sendable {
    case app, code, validity, validityMinutes, email, tenant, clientIP, clientAgent, requestedAt
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
      case .clientAgent: 7
      case .requestedAt: 8
      case .locale: 9
      case .direction: 10
      }
    }
  }

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

  func slot(of name: String) -> Int? { slots[name] }

  /// The known name that a slip of the fingers turns into `name`; nil where none is near.
  func nearest(to name: String) -> String? { Self.nearest(to: name, among: all) }

  static func nearest(to name: String, among candidates: [String]) -> String? {
    let best = candidates.map { (distance(name.lowercased(), $0.lowercased()), $0) }.min { $0 < $1 }
    guard let best, best.0 <= max(1, min(3, best.1.count / 2)) else { return nil }
    return best.1
  }

  /// Edits from one name to the other: insert, delete, replace, or swap two neighbours.
  private static func distance(_ left: String, _ right: String) -> Int {
    let left = Array(left.utf8)
    let right = Array(right.utf8)
    var rows = [[Int]](repeating: [Int](repeating: 0, count: right.count + 1), count: left.count + 1)
    for row in 0...left.count { rows[row][0] = row }
    for column in 0...right.count { rows[0][column] = column }
    guard !left.isEmpty, !right.isEmpty else { return max(left.count, right.count) }
    for row in 1...left.count {
      for column in 1...right.count {
        let replaced = rows[row - 1][column - 1] + (left[row - 1] == right[column - 1] ? 0 : 1)
        var cost = min(rows[row - 1][column] + 1, rows[row][column - 1] + 1, replaced)
        if row > 1, column > 1, left[row - 1] == right[column - 2], left[row - 2] == right[column - 1] {
          cost = min(cost, rows[row - 2][column - 2] + 1)
        }
        rows[row][column] = cost
      }
    }
    return rows[left.count][right.count]
  }
}
