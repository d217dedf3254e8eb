internal import CodeRequests
package import FoundationEssentials
package import LinuxSystem
internal import Documents

/// What a mail says of the request: when it was made, and with which browser on which system. The words stand in
/// `request.json5` of the locale:
/// `{ time: "d MMM y HH:mm", months: ["jan.", …], agent: "{{browser}} på {{system}}" }`.
/// A locale without that file gets what is understood everywhere.
package struct RequestPhrases: Sendable {
  static let fileName = "request.json5"

  /// One part of a pattern: a field of CLDR's (UTS 35, part 4, "Date Field Symbol Table"), or text.
  private enum Piece: Sendable {
    case text(String)
    case year, month, day, hour, minute
    /// In two digits.
    case wideMonth, wideDay, wideHour
    case monthName
    /// 1 to 12, and what tells the two halves of a day apart.
    case halfDayHour, dayPeriod

    var told: Part? {
      switch self {
      case .text, .dayPeriod: nil
      case .year: .year
      case .month, .wideMonth, .monthName: .month
      case .day, .wideDay: .day
      case .hour, .wideHour, .halfDayHour: .hour
      case .minute: .minute
      }
    }
  }

  private enum Part: CaseIterable { case year, month, day, hour, minute }

  private let time: [Piece]
  /// Twelve, or none.
  private(set) var months: [String] = []
  private let dayPeriods: [String]
  /// With `{{browser}}` and `{{system}}` in it.
  private let agent: String

  /// `2026-11-21 05:22`, `Firefox, Windows`.
  static let usual = RequestPhrases()

  private init() {
    time = [
      .year, .text("-"), .wideMonth, .text("-"), .wideDay, .text(" "), .wideHour, .text(":"), .minute,
    ]
    dayPeriods = []
    agent = "{{browser}}, {{system}}"
  }

  // MARK: Phrases

  /// When the request was made, by the clock of `zone`; UTC is named.
  package func time(of date: Date, in zone: ZoneRules) -> String {
    let moment = date.unixMilliseconds.dividedDown(by: 1000)
    let local = moment + Int64(zone.offset(at: moment))
    let day = CivilDay(since1970: local.dividedDown(by: 86_400))
    let minutes = Int(local.remainder(86_400)) / 60
    let (hour, minute) = (minutes / 60, minutes % 60)
    let pieces = time.map { piece in
      switch piece {
      case .text(let text): text
      case .year: "\(day.year)"
      case .month: "\(day.month)"
      case .wideMonth: Self.wide(day.month)
      case .monthName: months[day.month - 1]
      case .day: "\(day.day)"
      case .wideDay: Self.wide(day.day)
      case .hour: "\(hour)"
      case .wideHour: Self.wide(hour)
      case .halfDayHour: "\(hour % 12 == 0 ? 12 : hour % 12)"
      case .minute: Self.wide(minute)
      case .dayPeriod: dayPeriods[hour / 12]
      }
    }
    return pieces.joined() + (zone.isUTC ? " UTC" : "")
  }

  private static func wide(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  /// Browser and system; the one of them that is known where the other is not.
  func agent(_ name: AgentName) -> String {
    guard let browser = name.browser, let system = name.system else {
      return name.browser ?? name.system ?? ""
    }
    // Both out of the tables of `AgentName`: neither holds a brace.
    return agent.replacing("{{browser}}", with: browser).replacing("{{system}}", with: system)
  }

  // MARK: Reading

  init(_ source: TemplateSource) throws(TemplateFault) {
    (time, months, dayPeriods, agent) = try source.read(
      .badRequestWords,
      "{ time: \"d MMM y HH:mm\", months: [twelve], agent: \"{{browser}} on {{system}}\" }"
    ) { (file) throws(DocumentFault) in
      let fields = try file.object(["time", "months", "dayPeriods", "agent"])
      let months = try Self.names(fields["months"], 12, "January to December")
      let dayPeriods = try Self.names(fields["dayPeriods"], 2, "before noon and after it")
      let time = try fields.required("time", "date and time of day, such as \"d MMM y HH:mm\"")
      let agent = try fields.required("agent", "\"{{browser}} on {{system}}\"")
      return (
        try Self.pieces(time, hasMonths: !months.isEmpty, hasDayPeriods: !dayPeriods.isEmpty), months,
        dayPeriods, try Self.agent(agent)
      )
    }
  }

  private static func names(
    _ node: DocumentNode?, _ count: Int, _ what: String
  ) throws(DocumentFault) -> [String] {
    guard let node else { return [] }
    var names: [String] = []
    for item in try node.list() {
      let name = try item.string()
      try checkLine(name, item)
      guard !name.isEmpty else { throw item.fault("is empty") }
      names.append(name)
    }
    guard names.count == count else {
      throw node.fault("lists \(names.count); expected \(count), \(what)")
    }
    return names
  }

  /// One line of text, which no header could not carry.
  private static func checkLine(_ text: String, _ node: DocumentNode) throws(DocumentFault) {
    if let control = firstControlCharacter(in: text) {
      throw node.fault("holds the control character \(name(of: control)); expected one line of text")
    }
    guard text.utf8.count <= 200 else { throw node.fault("is longer than 200 bytes") }
  }

  private static func agent(_ node: DocumentNode) throws(DocumentFault) -> String {
    let text = try node.string()
    try checkLine(text, node)
    var rest = text
    for name in ["{{browser}}", "{{system}}"] {
      if let range = rest.firstRange(of: name) { rest.replaceSubrange(range, with: " ") }
    }
    guard rest.count == text.count - 19, !rest.contains("{") else {
      throw node.fault("is \"\(text)\"; expected {{browser}} and {{system}}, each once")
    }
    return text
  }

  private static func pieces(
    _ node: DocumentNode, hasMonths: Bool, hasDayPeriods: Bool
  ) throws(DocumentFault) -> [Piece] {
    let pattern = try node.string()
    try checkLine(pattern, node)
    var pieces: [Piece] = []
    var rest = Substring(pattern)
    while let first = rest.first {
      if first == "'" {
        // Letters that are no fields; two of the marks are one of them.
        rest.removeFirst()
        guard let close = rest.firstIndex(of: "'") else {
          throw node.fault("is \"\(pattern)\", where a ' is never closed")
        }
        pieces.append(.text(close == rest.startIndex ? "'" : String(rest[..<close])))
        rest = rest[rest.index(after: close)...]
      } else if first.isASCII, first.isLetter {
        let field = rest.prefix { $0 == first }
        rest = rest.dropFirst(field.count)
        guard let piece = Self.fields[String(field)] else {
          throw node.fault(
            "has the field '\(field)'; expected \(Self.fields.keys.sorted().joined(separator: ", ")) as CLDR has them, and other letters in '…'"
          )
        }
        pieces.append(piece)
        if case .monthName = piece, !hasMonths {
          throw node.fault("has the field MMM, so months must list their names")
        }
        if case .dayPeriod = piece, !hasDayPeriods {
          throw node.fault("has the field a, so dayPeriods must list two names")
        }
      } else {
        let text = rest.prefix { $0 != "'" && !($0.isASCII && $0.isLetter) }
        pieces.append(.text(String(text)))
        rest = rest[text.endIndex...]
      }
    }
    let told = Set(pieces.compactMap(\.told))
    for part in Part.allCases where !told.contains(part) {
      throw node.fault("is \"\(pattern)\", which does not tell the \(part)")
    }
    guard
      pieces.contains(where: { if case .halfDayHour = $0 { true } else { false } })
        == pieces.contains(where: { if case .dayPeriod = $0 { true } else { false } })
    else { throw node.fault("is \"\(pattern)\"; h and a belong together, and H stands alone") }
    return pieces
  }

  private static let fields: [String: Piece] = [
    "y": .year, "M": .month, "MM": .wideMonth, "MMM": .monthName, "d": .day, "dd": .wideDay, "H": .hour,
    "HH": .wideHour, "h": .halfDayHour, "mm": .minute, "a": .dayPeriod,
  ]
}
