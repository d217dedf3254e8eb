internal import Documents

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
