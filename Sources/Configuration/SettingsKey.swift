internal import Branding
internal import CodeRequests
internal import Documents
internal import LinuxSystem
internal import FoundationEssentials

/// A key of the configuration. It is written once, with its form, its default and its meaning; the decoder reads by it,
/// messages name it, and the reference is made from it.
protocol DescribedKey: Sendable {
  var name: String { get }
  /// What may stand there.
  var accepts: String { get }
  /// What holds where it is missing; nil where it must be there.
  var absence: String? { get }
  /// What it is for.
  var meaning: String { get }
  /// The keys in it, and whether it is a list of objects that have them.
  var members: [any DescribedKey] { get }
  var isList: Bool { get }
}

/// A key whose value has a form, which says the rest.
protocol FormedKey: DescribedKey {
  associatedtype Value: Sendable
  var form: SettingsForm<Value> { get }
}

extension FormedKey {
  var accepts: String { form.accepts }
  var members: [any DescribedKey] { form.members }
  var isList: Bool { form.isList }
}

/// A key that must be there.
struct RequiredKey<Value: Sendable>: FormedKey {
  let name: String
  let form: SettingsForm<Value>
  let meaning: String

  init(_ name: String, _ form: SettingsForm<Value>, _ meaning: String) {
    self.name = name
    self.form = form
    self.meaning = meaning
  }

  var absence: String? { nil }
}

/// A key without which there is no value.
struct OptionalKey<Value: Sendable>: FormedKey {
  let name: String
  let form: SettingsForm<Value>
  let meaning: String
  /// What holds then, in words.
  let absence: String?

  init(_ name: String, _ form: SettingsForm<Value>, else absence: String = "none", _ meaning: String) {
    self.name = name
    self.form = form
    self.meaning = meaning
    self.absence = absence
  }
}

/// A key with a default.
struct DefaultedKey<Value: Sendable>: FormedKey {
  let name: String
  let form: SettingsForm<Value>
  let meaning: String
  let value: Value

  init(_ name: String, _ form: SettingsForm<Value>, default value: Value, _ meaning: String) {
    self.name = name
    self.form = form
    self.meaning = meaning
    self.value = value
  }

  var absence: String? { form.spelling(value) }
}

extension DocumentObject {
  subscript<Value>(key: RequiredKey<Value>) -> Value {
    get throws(DocumentFault) { try key.form.read(try required(key.name, key.meaning)) }
  }

  subscript<Value>(key: OptionalKey<Value>) -> Value? {
    get throws(DocumentFault) {
      guard let node = self[key.name] else { return nil }
      return try key.form.read(node)
    }
  }

  subscript<Value>(key: DefaultedKey<Value>) -> Value {
    get throws(DocumentFault) {
      guard let node = self[key.name] else { return key.value }
      return try key.form.read(node)
    }
  }
}

/// What may stand under a key: how it is read, how a value is written, and what the reference says of it.
struct SettingsForm<Value: Sendable>: Sendable {
  /// For the reference, such as `6 to 12`.
  let accepts: String
  let read: @Sendable (DocumentNode) throws(DocumentFault) -> Value
  /// A value as a configuration would have it.
  let spelling: @Sendable (Value) -> String
  /// The keys in it.
  var members: [any DescribedKey] = []
  /// It is a list, and `members` are those of each item.
  var isList = false
}

/// An object with keys of its own.
protocol SettingsGroup: SendableMetatype {
  associatedtype Value: Sendable
  /// In the order that messages and the reference name them.
  static var keys: [any DescribedKey] { get }
  static func read(_ members: DocumentObject) throws(DocumentFault) -> Value
}

extension SettingsGroup {
  static func read(_ node: DocumentNode) throws(DocumentFault) -> Value {
    try read(node.object(keys.map(\.name)))
  }
}

extension SettingsForm {
  /// - Parameter spelling: of a default; the reference tells a group's defaults by its keys.
  static func group<Group: SettingsGroup>(_ group: Group.Type) -> Self where Group.Value == Value {
    SettingsForm(
      accepts: "an object", read: { node throws(DocumentFault) in try Group.read(node) },
      spelling: { _ in "" }, members: Group.keys)
  }

  static func list<Item>(of form: SettingsForm<Item>, most: Int = .max, _ what: String = "values") -> Self
  where Value == [Item] {
    SettingsForm(
      accepts: "a list of \(form.members.isEmpty ? form.accepts : "objects")",
      read: { node throws(DocumentFault) in
        var items: [Item] = []
        for item in try node.list() { items.append(try form.read(item)) }
        guard items.count <= most else { throw node.fault("lists more than \(most) \(what)") }
        return items
      },
      spelling: { "[\($0.map(form.spelling).joined(separator: ", "))]" }, members: form.members, isList: true)
  }
}

extension SettingsForm where Value == String {
  static let text = SettingsForm(
    accepts: "a text", read: { node throws(DocumentFault) in try node.line() },
    spelling: { "\"\($0)\"" })

  /// Relative to the configuration.
  static let path = SettingsForm(
    accepts: "a path", read: { node throws(DocumentFault) in try node.path() }, spelling: { "\"\($0)\"" }
  )

  /// A name among the credentials that systemd gave the service, else a path.
  static let secretFile = SettingsForm(
    accepts: "a path, or a name in $CREDENTIALS_DIRECTORY",
    read: { node throws(DocumentFault) in
      if let file = credential(named: try node.line()) { return file }
      return try node.path()
    }, spelling: { "\"\($0)\"" })

  /// The file of this name among the credentials of the service (LoadCredential=, systemd.exec(5)).
  private static func credential(named name: String) -> String? {
    guard !name.contains("/"), name != "..",
      let directory = ProcessInfo.processInfo.environment["CREDENTIALS_DIRECTORY"], directory.hasPrefix("/")
    else { return nil }
    let file = "\(directory)/\(name)"
    return FileManager.default.fileExists(atPath: file) ? file : nil
  }

  static let domain = SettingsForm(
    accepts: "a domain",
    read: { node throws(DocumentFault) in
      let text = try node.line()
      do throws(RequestFault) {
        return try EmailAddress.canonical(domain: text) { RequestFault(field: "", $0) }
      } catch { throw node.fault(error.message) }
    }, spelling: { "\"\($0)\"" })

  static func choice(_ names: [String]) -> Self {
    SettingsForm(
      accepts: alternatives(names), read: { node throws(DocumentFault) in try node.choice(of: names) },
      spelling: { "\"\($0)\"" })
  }
}

private func alternatives(_ names: [String]) -> String {
  names.map { "\"\($0)\"" }.joined(separator: ", ")
}

extension SettingsForm where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
  /// One of the names of an enum.
  static func choice() -> Self {
    let names = Value.allCases.map(\.rawValue)
    return SettingsForm(
      accepts: alternatives(names),
      // The name is one of these, so there is a case for it.
      read: { node throws(DocumentFault) in Value(rawValue: try node.choice(of: names))! },
      spelling: { "\"\($0.rawValue)\"" })
  }
}

extension SettingsForm where Value == Bool {
  static let bool = SettingsForm(
    accepts: "true or false", read: { node throws(DocumentFault) in try node.boolean() },
    spelling: { "\($0)" })

  /// One of two words.
  static func either(_ on: String, _ off: String) -> Self {
    SettingsForm(
      accepts: alternatives([on, off]),
      read: { node throws(DocumentFault) in try node.choice(of: [on, off]) == on },
      spelling: { "\"\($0 ? on : off)\"" })
  }
}

extension SettingsForm where Value == Int {
  static func integer(_ range: ClosedRange<Int>) -> Self {
    SettingsForm(
      accepts: "\(range.lowerBound) to \(range.upperBound)",
      read: { node throws(DocumentFault) in try node.integer(in: range) }, spelling: { "\($0)" })
  }
}

extension SettingsForm where Value == Duration {
  static func duration(_ range: ClosedRange<Duration>) -> Self {
    SettingsForm(
      accepts: "\(range.lowerBound.settingsText) to \(range.upperBound.settingsText)",
      read: { node throws(DocumentFault) in try node.duration(in: range) },
      spelling: { "\"\($0.settingsText)\"" })
  }
}

extension SettingsForm where Value == EmailAddress {
  static let address = SettingsForm(
    accepts: "an address", read: { node throws(DocumentFault) in try node.address() },
    spelling: { "\"\($0.rawValue)\"" })
}

extension SettingsForm where Value == HexColour {
  static let accent = SettingsForm(
    accepts: "a colour, #rrggbb or #rgb",
    read: { node throws(DocumentFault) in
      let text = try node.line()
      if let problem = AccentPalette.problem(of: text) { throw node.fault(of: text, problem) }
      guard let colour = HexColour(text) else { throw node.wrongType("a colour such as \"#2d5fd7\"") }
      return colour
    }, spelling: { "\"\($0)\"" })
}

extension SettingsForm where Value == String {
  /// The name of a time zone that the system knows.
  static let timeZone = SettingsForm(
    accepts: "a time zone of the IANA database, such as Europe/Stockholm",
    read: { node throws(DocumentFault) in
      let name = try node.line()
      do throws(ZoneRules.Problem) { _ = try ZoneRules(named: name) } catch {
        throw node.fault(error.message)
      }
      return name
    }, spelling: { "\"\($0)\"" })

  /// The text mark at the head of a mail.
  static let logo = SettingsForm(
    accepts: "a text of at most \(Brand.longestLogo) characters",
    read: { node throws(DocumentFault) in
      let text = try node.shownLine()
      if let problem = Brand.problem(ofLogo: text) { throw node.fault(problem) }
      return text
    }, spelling: { "\"\($0)\"" })

  /// One line, or a list of lines.
  static let footer = SettingsForm(
    accepts: "a text, or a list of at most \(Brand.mostFooterLines) lines",
    read: { node throws(DocumentFault) in
      var lines: [String] = []
      if node.value.text != nil {
        lines = [try node.shownLine()]
      } else {
        for line in try node.list("a text, or a list of lines") { lines.append(try line.shownLine()) }
      }
      if let problem = Brand.problem(ofFooter: lines) { throw node.fault(problem) }
      return lines.joined(separator: "\n")
    }, spelling: { "\"\($0)\"" })
}

extension SettingsForm where Value == LocaleTag {
  static let locale = SettingsForm(
    accepts: "a language tag",
    read: { node throws(DocumentFault) in
      let text = try node.line()
      do throws(RequestFault) { return try LocaleTag(text) } catch { throw node.fault(error.message) }
    }, spelling: { "\"\($0.rawValue)\"" })
}

extension SettingsForm where Value == Purpose {
  static let purpose = SettingsForm(
    accepts: "a purpose",
    read: { node throws(DocumentFault) in
      let text = try node.line()
      do throws(RequestFault) { return try Purpose(text) } catch { throw node.fault(error.message) }
    }, spelling: { "\"\($0.rawValue)\"" })
}
