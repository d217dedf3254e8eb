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
  /// - Parameter decoder: may be shared between calls on one thread, which saves making one.
  /// - Throws: a fault that names the field.
  public init(json: Data, using decoder: JSONDecoder = JSONDecoder()) throws(RequestFault) {
    guard json.count <= Self.maximumSize else {
      throw RequestFault(field: "", "the file has \(json.count) bytes; at most \(Self.maximumSize) are read")
    }
    do {
      self = try decoder.decode(RequestFile.self, from: json).request
    } catch {
      throw Self.fault(of: error)
    }
  }

  private static func fault(of error: any Error) -> RequestFault {
    if let fault = error as? RequestFault { return fault }
    guard let error = error as? DecodingError else {
      return RequestFault(field: "", "is not a JSON object in UTF-8")
    }
    func path(_ keys: [any CodingKey]) -> String {
      keys.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
    }
    switch error {
    case .typeMismatch(let type, let context):
      let expected =
        switch type {
        case is String.Type: "a string"
        case is Int.Type: "a whole number"
        case is [String: Any].Type: "an object"
        default: "\(type)".hasPrefix("Array") ? "a list" : "another type"
        }
      return RequestFault(
        field: path(context.codingPath),
        context.codingPath.isEmpty
          ? "the file is not a JSON object" : "has the wrong type; expected \(expected)")
    case .keyNotFound(let key, let context):
      return RequestFault(field: path(context.codingPath + [key]), "is missing and required")
    case .valueNotFound(_, let context):
      return RequestFault(field: path(context.codingPath), "is null; leave it out or give a value")
    case .dataCorrupted(let context):
      let place = (context.underlyingError as NSError?)?.userInfo["NSDebugDescription"] as? String
      // Foundation's text tells line and column; a text that quotes the input is not passed on.
      let position = place.flatMap(Self.position(in:))
      return RequestFault(
        field: path(context.codingPath), "is not valid JSON in UTF-8" + (position.map { " (\($0))" } ?? ""))
    @unknown default:
      return RequestFault(field: "", "is not a request")
    }
  }

  /// `line 2, column 5` where the text says so.
  private static func position(in text: String) -> String? {
    guard let range = text.range(of: #"line \d+, column \d+"#, options: .regularExpression) else {
      return nil
    }
    return String(text[range])
  }

  /// The request file, in UTF-8 with sorted keys.
  public func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(RequestFile(request: self))
  }
}

/// The wire form of a `CodeRequest`.
private struct RequestFile: Codable {
  var request: CodeRequest

  enum Field: String, CodingKey, CaseIterable {
    case version, id, recipient, locale, tenant, purpose, challenge, code, sealedCode, deadline, client,
      accounts, variables
  }

  enum ClientField: String, CodingKey, CaseIterable { case ip, agent }

  struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(request: CodeRequest) { self.request = request }

  init(from decoder: any Decoder) throws {
    let all = try decoder.container(keyedBy: AnyKey.self)
    let fields = try decoder.container(keyedBy: Field.self)
    if all.allKeys.count != fields.allKeys.count {
      for key in all.allKeys where Field(rawValue: key.stringValue) == nil {
        throw Self.unknown(key.stringValue, in: "", known: Field.allCases.map(\.rawValue))
      }
    }
    let version = try fields.decode(Int.self, forKey: .version)
    guard version == CodeRequest.version else {
      throw RequestFault(field: "version", "is \(version); this program reads version 1")
    }
    let id = try RequestID(fields.decode(String.self, forKey: .id))
    let recipient = try EmailAddress(fields.decode(String.self, forKey: .recipient))
    request = CodeRequest(id: id, recipient: recipient)
    if fields.contains(.locale) { request.locale = try Self.locale(fields) }
    request.tenant = try Self.text(fields, .tenant, maximum: 2048)
    if let purpose = try Self.text(fields, .purpose, maximum: 64) { request.purpose = try Purpose(purpose) }
    if let challenge = try Self.text(fields, .challenge, maximum: 64) {
      do { request.challenge = try RequestID(challenge) } catch {
        throw RequestFault(field: "challenge", error.message)
      }
    }
    if let code = try Self.text(fields, .code, maximum: 64) { request.code = try Passcode(code) }
    request.sealedCode = try Self.text(fields, .sealedCode, maximum: 1024)
    if request.code != nil, request.sealedCode != nil {
      throw RequestFault(field: "sealedCode", "stands beside code; give one of them")
    }
    if let deadline = try Self.text(fields, .deadline, maximum: 64) {
      guard let date = Date(rfc3339: deadline) else {
        throw RequestFault(field: "deadline", "is not RFC 3339; expected such as 2026-11-21T05:22:47Z")
      }
      request.deadline = date
    }
    if fields.contains(.client) { request.client = try Self.client(fields) }
    if let accounts = try fields.decodeIfPresent([String].self, forKey: .accounts) {
      guard accounts.count <= 32, accounts.allSatisfy({ isSlug($0, maximum: 64) }) else {
        throw RequestFault(
          field: "accounts",
          "holds something other than up to 32 names such as directory, microsoft or google")
      }
      request.accounts = accounts
    }
    if let variables = try fields.decodeIfPresent([String: String].self, forKey: .variables) {
      request.variables = try Self.checked(variables)
    }
  }

  private static func unknown(_ key: String, in parent: String, known: [String]) -> RequestFault {
    // The name itself comes from the file: shown only where it is a plain word.
    let isPlain = key.utf8.count <= 40 && key.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    return RequestFault(
      field: parent + (isPlain ? key : "(unprintable name)"),
      "is not a field of a request; known are \(known.joined(separator: ", "))")
  }

  private static func text(
    _ fields: KeyedDecodingContainer<Field>, _ field: Field, maximum: Int
  ) throws -> String? {
    guard let text = try fields.decodeIfPresent(String.self, forKey: field) else { return nil }
    try check(text, field.rawValue, maximum: maximum)
    return text
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

  private static func locale(_ fields: KeyedDecodingContainer<Field>) throws -> LocalePreference {
    if try fields.decodeNil(forKey: .locale) { return .none }
    if let text = try? fields.decode(String.self, forKey: .locale) {
      return try LocalePreference(acceptLanguage: text)
    }
    guard let list = try? fields.decode([String].self, forKey: .locale) else {
      throw RequestFault(field: "locale", "has the wrong type; expected a string or a list of strings")
    }
    guard list.count <= 32 else { throw RequestFault(field: "locale", "lists more than 32 tags") }
    return LocalePreference(tags: try list.map { try LocaleTag($0) })
  }

  private static func client(_ fields: KeyedDecodingContainer<Field>) throws -> CodeRequest.Client? {
    if try fields.decodeNil(forKey: .client) { return nil }
    let all = try fields.nestedContainer(keyedBy: AnyKey.self, forKey: .client)
    for key in all.allKeys where ClientField(rawValue: key.stringValue) == nil {
      throw unknown(key.stringValue, in: "client.", known: ClientField.allCases.map(\.rawValue))
    }
    let client = try fields.nestedContainer(keyedBy: ClientField.self, forKey: .client)
    let ip = try client.decodeIfPresent(String.self, forKey: .ip)
    let agent = try client.decodeIfPresent(String.self, forKey: .agent)
    if let ip { try CodeRequest.Client.check(ip: ip) }
    if let agent { try check(agent, "client.agent", maximum: 1024) }
    return CodeRequest.Client(ip: ip, agent: agent)
  }

  private static func checked(_ variables: [String: String]) throws -> [String: String] {
    guard variables.count <= 64 else { throw RequestFault(field: "variables", "holds more than 64 values") }
    for (name, value) in variables {
      guard CodeRequest.isVariableName(name) else {
        throw RequestFault(
          field: "variables", "holds a name that is not a letter followed by letters, digits or _")
      }
      guard value.utf8.count <= 4096 else {
        throw RequestFault(field: "variables.\(name)", "has more than 4096 bytes")
      }
      if let control = firstControlCharacter(in: value) {
        throw RequestFault(
          field: "variables.\(name)", "holds the control character \(CodeRequests.name(of: control))")
      }
    }
    return variables
  }

  func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: Field.self)
    try fields.encode(CodeRequest.version, forKey: .version)
    try fields.encode(request.id.rawValue, forKey: .id)
    try fields.encode(request.recipient.rawValue, forKey: .recipient)
    if !request.locale.isEmpty { try fields.encode(request.locale.acceptLanguage, forKey: .locale) }
    try fields.encodeIfPresent(request.tenant, forKey: .tenant)
    if request.purpose != .signIn { try fields.encode(request.purpose.rawValue, forKey: .purpose) }
    try fields.encodeIfPresent(request.challenge?.rawValue, forKey: .challenge)
    try fields.encodeIfPresent(request.code?.reveal(), forKey: .code)
    try fields.encodeIfPresent(request.sealedCode, forKey: .sealedCode)
    try fields.encodeIfPresent(request.deadline?.rfc3339, forKey: .deadline)
    if let client = request.client {
      var nested = fields.nestedContainer(keyedBy: ClientField.self, forKey: .client)
      try nested.encodeIfPresent(client.ip, forKey: .ip)
      try nested.encodeIfPresent(client.agent, forKey: .agent)
    }
    if !request.accounts.isEmpty { try fields.encode(request.accounts, forKey: .accounts) }
    if !request.variables.isEmpty { try fields.encode(request.variables, forKey: .variables) }
  }
}

extension CodeRequest {
  /// A letter, then letters, digits or `_`; at most 64 characters.
  package static func isVariableName(_ name: String) -> Bool {
    guard name.utf8.count <= 64, let first = name.utf8.first else { return false }
    func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) }
    return isLetter(first)
      && name.utf8.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
  }
}
