internal import CodeRequests
internal import FoundationEssentials

/// One value of a JSON5 document together with where it stands, so that every fault can name its key.
struct SettingsNode {
  indirect enum Value {
    case null
    case bool(Bool)
    case int(Int)
    case number(Double)
    case string(String)
    case list([Value])
    case object([String: Value])
  }

  let file: String
  /// The keys down to it.
  let place: String
  let value: Value

  func fault(_ message: String) -> ConfigurationFault {
    ConfigurationFault(file: file, key: place, message)
  }

  private func wrongType(_ expected: String) -> ConfigurationFault {
    let found =
      switch value {
      case .null: "null"
      case .bool(let value): "\(value)"
      case .int, .number: "a number"
      case .string: "a string"
      case .list: "a list"
      case .object: "an object"
      }
    return fault("is \(found); expected \(expected)")
  }

  /// The members of an object, each key known.
  func object(_ known: [String]) throws(ConfigurationFault) -> SettingsObject {
    guard case .object(let members) = value else {
      throw wrongType("an object with \(known.joined(separator: ", "))")
    }
    for key in members.keys.sorted() where !known.contains(key) {
      let place = self.place.isEmpty ? key : "\(self.place).\(key)"
      let hint = nearest(to: key, in: known).map { "; did you mean \($0)?" } ?? ""
      throw ConfigurationFault(
        file: file, key: place, "is not a key\(hint) Known here: \(known.joined(separator: ", "))")
    }
    return SettingsObject(file: file, place: place, members: members)
  }

  func list() throws(ConfigurationFault) -> [SettingsNode] {
    guard case .list(let values) = value else { throw wrongType("a list") }
    return values.enumerated().map { index, value in
      SettingsNode(file: file, place: "\(place)[\(index)]", value: value)
    }
  }

  func string() throws(ConfigurationFault) -> String {
    guard case .string(let text) = value else { throw wrongType("a string") }
    guard !text.isEmpty else { throw fault("is empty; leave it out or give a value") }
    if let control = firstControlCharacter(in: text) {
      throw fault("holds the control character \(name(of: control))")
    }
    return text
  }

  func bool() throws(ConfigurationFault) -> Bool {
    guard case .bool(let value) = value else { throw wrongType("true or false") }
    return value
  }

  func integer(in range: ClosedRange<Int>) throws(ConfigurationFault) -> Int {
    guard case .int(let number) = value else {
      throw wrongType("a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    guard range.contains(number) else {
      throw fault("is \(number); expected \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// `250ms`, `2s`, `30m`, `24h`, `30d`.
  func duration(in range: ClosedRange<Duration>) throws(ConfigurationFault) -> Duration {
    guard case .string(let text) = value else { throw wrongType("a duration such as \"30m\"") }
    guard let duration = Duration(settingsText: text) else {
      throw fault("is not a duration; expected a whole number with ms, s, m, h or d, such as \"30m\"")
    }
    guard range.contains(duration) else {
      throw fault(
        "is \(text); expected \(range.lowerBound.settingsText) to \(range.upperBound.settingsText)")
    }
    return duration
  }

  /// One of these names.
  func choice(of names: [String]) throws(ConfigurationFault) -> String {
    guard case .string(let text) = value else {
      throw wrongType("one of \(names.joined(separator: ", "))")
    }
    guard names.contains(text) else {
      let hint = nearest(to: text, in: names).map { "; did you mean \($0)?" } ?? ""
      throw fault("is not one of \(names.joined(separator: ", "))\(hint)")
    }
    return text
  }

  /// A path; a relative one is relative to the configuration.
  func path() throws(ConfigurationFault) -> String {
    let base = URL(fileURLWithPath: file).deletingLastPathComponent()
    return URL(fileURLWithPath: try string(), relativeTo: base).standardizedFileURL.path
  }

  func address() throws(ConfigurationFault) -> EmailAddress {
    let text = try string()
    do { return try EmailAddress(text, field: place) } catch { throw fault(error.message) }
  }
}

/// The members of one object.
struct SettingsObject {
  let file: String
  let place: String
  let members: [String: SettingsNode.Value]

  /// The value under `key`; nil where it is missing or null.
  subscript(key: String) -> SettingsNode? {
    guard let value = members[key] else { return nil }
    if case .null = value { return nil }
    return SettingsNode(file: file, place: place.isEmpty ? key : "\(place).\(key)", value: value)
  }

  /// A text that stands for one under a key of this object.
  func node(_ text: String) -> SettingsNode { SettingsNode(file: file, place: place, value: .string(text)) }

  func required(_ key: String, _ meaning: String) throws(ConfigurationFault) -> SettingsNode {
    if let node = self[key] { return node }
    throw ConfigurationFault(
      file: file, key: place.isEmpty ? key : "\(place).\(key)", "is missing and required: \(meaning)")
  }
}

extension SettingsNode.Value: Decodable {
  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(from decoder: any Decoder) throws {
    if let object = try? decoder.container(keyedBy: Key.self) {
      var members: [String: SettingsNode.Value] = [:]
      for key in object.allKeys {
        members[key.stringValue] = try object.decode(SettingsNode.Value.self, forKey: key)
      }
      self = .object(members)
    } else if var list = try? decoder.unkeyedContainer() {
      var values: [SettingsNode.Value] = []
      while !list.isAtEnd { values.append(try list.decode(SettingsNode.Value.self)) }
      self = .list(values)
    } else {
      let single = try decoder.singleValueContainer()
      if single.decodeNil() {
        self = .null
      } else if let value = try? single.decode(Bool.self) {
        self = .bool(value)
      } else if let value = try? single.decode(Int.self) {
        self = .int(value)
      } else if let value = try? single.decode(Double.self) {
        self = .number(value)
      } else {
        self = .string(try single.decode(String.self))
      }
    }
  }
}
