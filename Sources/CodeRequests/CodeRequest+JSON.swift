public import Foundation

// The request file: one JSON object, every field checked, nothing unknown let through.
// A fault names the field and never repeats what stood in it.

extension CodeRequest {
  /// The version that request files carry.
  public static let version = 1
  /// The most that a request file may hold, in bytes.
  public static let maximumSize = 65536

  /// Reads a request file.
  ///
  /// - Throws: a fault that names the field.
  public init(json: Data) throws(RequestFault) { try self.init(json: Array(json)) }

  /// Reads a request file.
  ///
  /// - Throws: a fault that names the field.
  public init(json bytes: [UInt8]) throws(RequestFault) {
    guard bytes.count <= Self.maximumSize else {
      throw RequestFault(field: "", "the file has \(bytes.count) bytes; at most \(Self.maximumSize) are read")
    }
    let fields = try bytes.withUnsafeBufferPointer { buffer throws(RequestFault) in
      try RequestFields(JSONReader(buffer))
    }
    try self.init(checking: fields)
  }

  /// The request file, in UTF-8.
  ///
  /// - Throws: a fault where it is larger than a request may be.
  public func json() throws(RequestFault) -> Data {
    var writer = JSONWriter()
    writer.add("version", Self.version)
    writer.add("id", id.rawValue)
    writer.add("recipient", recipient.rawValue)
    if !locale.isEmpty { writer.add("locale", locale.acceptLanguage) }
    writer.add("tenant", tenant)
    if purpose != .signIn { writer.add("purpose", purpose.rawValue) }
    writer.add("challenge", challenge?.rawValue)
    writer.add("code", code?.reveal())
    writer.add("sealedCode", sealedCode)
    writer.add("deadline", deadline?.rfc3339)
    writer.add("client", [("ip", client?.ip), ("agent", client?.agent)])
    writer.add("accounts", accounts)
    writer.add("variables", variables.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    let bytes = writer.finish()
    guard bytes.count <= Self.maximumSize else {
      throw RequestFault(
        field: "", "the request has \(bytes.count) bytes; at most \(Self.maximumSize) are read")
    }
    return Data(bytes)
  }

  private init(checking fields: RequestFields) throws(RequestFault) {
    guard let version = fields.version else {
      throw RequestFault(field: "version", "is missing and required; expected 1")
    }
    guard version == CodeRequest.version else {
      throw RequestFault(field: "version", "is \(version); this program reads version 1")
    }
    func required(_ field: RequestFields.Name) throws(RequestFault) -> String {
      guard let text = fields.texts[field.rawValue] else {
        throw RequestFault(field: "\(field)", "is missing and required")
      }
      return text
    }
    func text(_ field: RequestFields.Name, maximum: Int) throws(RequestFault) -> String? {
      guard let text = fields.texts[field.rawValue] else { return nil }
      try Self.check(text, "\(field)", maximum: maximum)
      return text
    }
    self.init(id: try RequestID(required(.id)), recipient: try EmailAddress(required(.recipient)))
    if let list = fields.localeList {
      var tags: [LocaleTag] = []
      for tag in list { tags.append(try LocaleTag(tag)) }
      locale = LocalePreference(tags: tags)
    } else if let text = fields.texts[RequestFields.Name.locale.rawValue] {
      locale = try LocalePreference(acceptLanguage: text)
    }
    tenant = try text(.tenant, maximum: 2048)
    if let purpose = try text(.purpose, maximum: 64) { self.purpose = try Purpose(purpose) }
    if let challenge = try text(.challenge, maximum: 64) {
      self.challenge = try RequestID(challenge, field: "challenge")
    }
    if let code = try text(.code, maximum: 64) { self.code = try Passcode(code) }
    sealedCode = try text(.sealedCode, maximum: 1024)
    if code != nil, sealedCode != nil {
      throw RequestFault(field: "sealedCode", "stands beside code; give one of them")
    }
    if let deadline = try text(.deadline, maximum: 64) {
      guard let date = Date(rfc3339: deadline) else {
        throw RequestFault(field: "deadline", "is not RFC 3339; expected such as 2026-11-21T05:22:47Z")
      }
      self.deadline = date
    }
    if let client = fields.client {
      if let ip = client.ip { try Client.check(ip: ip) }
      if let agent = client.agent { try Self.check(agent, "client.agent", maximum: 1024) }
      self.client = client
    }
    guard fields.accounts.allSatisfy({ isSlug($0, maximum: 64) }) else {
      throw RequestFault(
        field: "accounts", "holds something other than names such as directory, microsoft or google")
    }
    accounts = fields.accounts
    for (name, value) in fields.variables { try Self.check(value, variable: name) }
    variables = fields.variables
  }

  private static func check(_ text: String, _ field: String, maximum: Int) throws(RequestFault) {
    guard !text.isEmpty else { throw RequestFault(field: field, "is empty; leave it out or give a value") }
    guard text.utf8.count <= maximum else {
      throw RequestFault(field: field, "has \(text.utf8.count) bytes; at most \(maximum) are allowed")
    }
    if let control = firstControlCharacter(in: text) {
      throw RequestFault(field: field, "holds the control character \(name(of: control))")
    }
  }

  private static func check(_ value: String, variable name: String) throws(RequestFault) {
    guard value.utf8.count <= 4096 else {
      throw RequestFault(field: "variables.\(name)", "has more than 4096 bytes")
    }
    if let control = firstControlCharacter(in: value) {
      throw RequestFault(
        field: "variables.\(name)", "holds the control character \(CodeRequests.name(of: control))")
    }
  }

  /// A letter, then letters, digits or `_`; at most 64 characters.
  package static func isVariableName(_ name: String) -> Bool {
    guard name.utf8.count <= 64, let first = name.utf8.first else { return false }
    func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) }
    return isLetter(first)
      && name.utf8.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
  }
}
