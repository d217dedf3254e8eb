/// The members of a request file as they stand there: names and types are checked, values are not.
struct RequestFields {
  enum Name: Int, CaseIterable, CustomStringConvertible {
    case version, id, recipient, locale, tenant, purpose, challenge, code, sealedCode, deadline, client,
      device, sealedDevice, accounts, variables

    init?(_ text: String) {
      switch text {
      case "version": self = .version
      case "id": self = .id
      case "recipient": self = .recipient
      case "locale": self = .locale
      case "tenant": self = .tenant
      case "purpose": self = .purpose
      case "challenge": self = .challenge
      case "code": self = .code
      case "sealedCode": self = .sealedCode
      case "deadline": self = .deadline
      case "client": self = .client
      case "device": self = .device
      case "sealedDevice": self = .sealedDevice
      case "accounts": self = .accounts
      case "variables": self = .variables
      default: return nil
      }
    }

    var description: String {
      switch self {
      case .version: "version"
      case .id: "id"
      case .recipient: "recipient"
      case .locale: "locale"
      case .tenant: "tenant"
      case .purpose: "purpose"
      case .challenge: "challenge"
      case .code: "code"
      case .sealedCode: "sealedCode"
      case .deadline: "deadline"
      case .client: "client"
      case .device: "device"
      case .sealedDevice: "sealedDevice"
      case .accounts: "accounts"
      case .variables: "variables"
      }
    }
  }

  private(set) var version: Int?
  private(set) var id: String?
  private(set) var recipient: String?
  private(set) var locale: String?
  private(set) var localeList: [String]?
  private(set) var tenant: String?
  private(set) var purpose: String?
  private(set) var challenge: String?
  private(set) var code: String?
  private(set) var sealedCode: String?
  private(set) var deadline: String?
  private(set) var client: CodeRequest.Client?
  private(set) var device: String?
  private(set) var sealedDevice: String?
  private(set) var accounts: [String] = []
  private(set) var variables: [String: String] = [:]

  mutating func read(_ reader: consuming JSONReader) throws(RequestFault) {
    // Where each name stood; none stands at 0.
    var places: InlineArray<15, Int32> = .init(repeating: 0)
    try reader.document { (reader, text) throws(RequestFault) in
      guard let name = Name(text) else { throw Self.unknown(text, in: "", Name.allCases, reader) }
      guard places[name.rawValue] == 0 else {
        throw reader.repeated("\(name)", first: Int(places[name.rawValue]))
      }
      places[name.rawValue] = Int32(reader.nameStart)
      try read(name, &reader)
    }
  }

  private mutating func read(_ name: Name, _ reader: inout JSONReader) throws(RequestFault) {
    let field = name.description
    // Null counts as left out, but where a value is required.
    if name != .version, name != .id, name != .recipient, try reader.isNull(field) { return }
    switch name {
    case .version: version = try reader.wholeNumber(field)
    case .id: id = try reader.string(field)
    case .recipient: recipient = try reader.string(field)
    case .locale:
      switch try reader.kind(field) {
      case .list: localeList = try reader.strings(field)
      case .string: locale = try reader.string(field)
      default: throw reader.fault(field, "has the wrong type; expected a string or a list of strings")
      }
    case .tenant: tenant = try reader.string(field)
    case .purpose: purpose = try reader.string(field)
    case .challenge: challenge = try reader.string(field)
    case .code: code = try reader.string(field)
    case .sealedCode: sealedCode = try reader.string(field)
    case .deadline: deadline = try reader.string(field)
    case .client: client = try Self.client(&reader)
    case .device: device = try reader.string(field)
    case .sealedDevice: sealedDevice = try reader.string(field)
    case .accounts: accounts = try reader.strings(field, maximum: 32)
    case .variables: variables = try Self.variables(&reader)
    }
  }

  private static func client(_ reader: inout JSONReader) throws(RequestFault) -> CodeRequest.Client {
    var client = CodeRequest.Client()
    var places: [String: Int] = [:]
    try reader.object("client") { (reader, name) throws(RequestFault) in
      guard name == "ip" || name == "agent" else {
        throw unknown(name, in: "client.", ["ip", "agent"], reader)
      }
      let field = "client.\(name)"
      if let first = places.updateValue(reader.nameStart, forKey: name) {
        throw reader.repeated(field, first: first)
      }
      if try reader.isNull(field) { return }
      let text = try reader.string(field)
      if name == "ip" { client.ip = text } else { client.agent = text }
    }
    return client
  }

  private static func variables(_ reader: inout JSONReader) throws(RequestFault) -> [String: String] {
    var variables: [String: String] = [:]
    var places: [String: Int] = [:]
    try reader.object("variables") { (reader, name) throws(RequestFault) in
      guard CodeRequest.isVariableName(name) else {
        throw reader.fault(
          "variables", "holds a name that is not a letter followed by letters, digits or _")
      }
      let field = "variables.\(RequestOutline.name(name))"
      if let first = places.updateValue(reader.nameStart, forKey: name) {
        throw reader.repeated(field, first: first)
      }
      guard variables.count < 64 else { throw reader.fault("variables", "holds more than 64 values") }
      variables[name] = try reader.string(field)
    }
    return variables
  }

  private static func unknown(
    _ name: String, in parent: String, _ known: [some CustomStringConvertible], _ reader: JSONReader
  ) -> RequestFault {
    return reader.fault(
      parent + RequestOutline.name(name),
      "is not a field of a request; known are \(known.map(\.description).joined(separator: ", "))",
      at: reader.nameStart)
  }
}
