internal import Documents
public import FoundationEssentials

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
    var fields = RequestFields()
    try bytes.withUnsafeBufferPointer { buffer throws(RequestFault) in try fields.read(JSONReader(buffer)) }
    self = try Self.checked(fields)
  }

  /// The request file, in UTF-8.
  ///
  /// - Throws: a fault where it is larger than a request may be.
  public func json() throws(RequestFault) -> Data {
    var line = JSONLine(capacity: 256)
    line.add("version", Self.version)
    line.add("id", id.rawValue)
    line.add("recipient", recipient.rawValue)
    if !locale.isEmpty { line.add("locale", locale.acceptLanguage) }
    line.add("tenant", tenant)
    if purpose != .signIn { line.add("purpose", purpose.rawValue) }
    line.add("challenge", challenge?.rawValue)
    line.add("code", code?.reveal())
    line.add("sealedCode", sealedCode)
    line.add("deadline", deadline?.rfc3339)
    if let client, client.ip != nil || client.agent != nil {
      line.add("client") { line in
        line.add("ip", client.ip)
        line.add("agent", client.agent)
      }
    }
    line.add("device", device?.reveal())
    line.add("sealedDevice", sealedDevice)
    if !accounts.isEmpty { line.add("accounts", accounts) }
    if !variables.isEmpty {
      line.add("variables") { line in
        for (name, value) in variables.sorted(by: { $0.key < $1.key }) { line.add(name, value) }
      }
    }
    let bytes = line.finish()
    guard bytes.count <= Self.maximumSize else {
      throw RequestFault(
        field: "", "the request has \(bytes.count) bytes; at most \(Self.maximumSize) are read")
    }
    return Data(bytes)
  }

  private static func checked(_ fields: RequestFields) throws(RequestFault) -> CodeRequest {
    guard let version = fields.version else {
      throw RequestFault(field: "version", "is missing and required; expected 1")
    }
    guard version == CodeRequest.version else {
      throw RequestFault(field: "version", "is another than 1, which this program reads")
    }
    func required(_ text: String?, _ field: String) throws(RequestFault) -> String {
      guard let text else { throw RequestFault(field: field, "is missing and required") }
      return text
    }
    func text(_ text: String?, _ field: String, maximum: Int) throws(RequestFault) -> String? {
      if let text { try check(text, field, maximum: maximum) }
      return text
    }
    let id = try RequestID(required(fields.id, "id"))
    let recipient = try EmailAddress(required(fields.recipient, "recipient"))
    var locale = LocalePreference.none
    if let list = fields.localeList {
      for text in list { try checkControls(in: text, "locale", but: "\t") }
      locale = LocalePreference(list: list)
    } else if let text = fields.locale {
      // A tab is a blank in Accept-Language (RFC 9110 5.6.3).
      try checkControls(in: text, "locale", but: "\t")
      locale = LocalePreference(acceptLanguage: text)
    }
    let tenant = try text(fields.tenant, "tenant", maximum: 2048)
    var purpose = Purpose.signIn
    if let text = try text(fields.purpose, "purpose", maximum: 64) { purpose = try Purpose(text) }
    var challenge: RequestID?
    if let text = try text(fields.challenge, "challenge", maximum: 64) {
      challenge = try RequestID(text, field: "challenge")
    }
    var code: Passcode?
    if let text = try text(fields.code, "code", maximum: 64) { code = try Passcode(text) }
    let sealedCode = try text(fields.sealedCode, "sealedCode", maximum: 1024)
    if code != nil, sealedCode != nil {
      throw RequestFault(field: "sealedCode", "stands beside code; give one of them")
    }
    var deadline: Date?
    if let text = try text(fields.deadline, "deadline", maximum: 64) {
      deadline = Date(rfc3339: text)
      guard deadline != nil else {
        throw RequestFault(field: "deadline", "is not RFC 3339; expected such as 2026-11-21T05:22:47Z")
      }
    }
    if let client = fields.client {
      if let ip = client.ip { try Client.check(ip: ip) }
      if let agent = client.agent { try check(agent, "client.agent", maximum: 1024) }
    }
    let device = try text(fields.device, "device", maximum: DeviceToken.maximum).map { DeviceToken($0) }
    let sealedDevice = try text(fields.sealedDevice, "sealedDevice", maximum: 1024)
    if device != nil, sealedDevice != nil {
      throw RequestFault(field: "sealedDevice", "stands beside device; give one of them")
    }
    guard fields.accounts.allSatisfy({ isSlug($0, maximum: 64) }) else {
      throw RequestFault(
        field: "accounts", "holds something other than names such as directory, microsoft or google")
    }
    for (name, value) in fields.variables { try check(value, variable: name) }
    var request = CodeRequest(
      id: id, recipient: recipient, locale: locale, tenant: tenant, purpose: purpose, challenge: challenge,
      code: code, sealedCode: sealedCode, deadline: deadline, client: fields.client,
      device: device, accounts: fields.accounts, variables: fields.variables)
    request.sealedDevice = sealedDevice
    return request
  }

  private static func check(_ text: String, _ field: String, maximum: Int) throws(RequestFault) {
    guard !text.isEmpty else { throw RequestFault(field: field, "is empty; leave it out or give a value") }
    guard text.utf8.count <= maximum else {
      throw RequestFault(field: field, "has \(text.utf8.count) bytes; at most \(maximum) are allowed")
    }
    try checkControls(in: text, field)
  }

  private static func checkControls(
    in text: String, _ field: String, but blank: Character? = nil
  ) throws(RequestFault) {
    let text = blank.map { blank in text.filter { $0 != blank } } ?? text
    if let control = firstControlCharacter(in: text) {
      throw RequestFault(field: field, "holds the control character \(name(of: control))")
    }
  }

  private static func check(_ value: String, variable name: String) throws(RequestFault) {
    guard value.utf8.count <= 4096 else {
      throw RequestFault(field: "variables.\(RequestOutline.name(name))", "has more than 4096 bytes")
    }
    if let control = firstControlCharacter(in: value) {
      throw RequestFault(
        field: "variables.\(RequestOutline.name(name))",
        "holds the control character \(CodeRequests.name(of: control))")
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
