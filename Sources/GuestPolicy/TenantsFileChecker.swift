internal import JSON5Text
internal import CodeRequests
internal import FoundationEssentials

/// Checks the decoded tenants file value by value and collects every fault with its place, so that a person mends
/// a file in one go.
struct TenantsFileChecker {
  typealias Path = [JSON5Outline.Step]

  let outline: JSON5Outline
  let file: String
  private(set) var faults: [TenantFault] = []

  init(outline: JSON5Outline, file: String) {
    self.outline = outline
    self.file = file
  }

  mutating func fault(
    _ code: TenantFault.Code, _ message: String, at path: Path, offset: Int? = nil
  ) {
    let (line, column) = JSON5Outline.position(
      of: offset ?? outline.offset(of: path), in: outline.bytes)
    faults.append(
      TenantFault(
        code, message, file: file, keyPath: JSON5Outline.text(of: path), line: line, column: column))
  }

  // MARK: Shape

  mutating func checkRepeatedKeys() {
    for (path, member) in outline.repeatedKeys() {
      fault(
        .repeatedKey, "stands twice in the same object; keep one of them", at: path + [.key(member.key)],
        offset: member.keyRange.lowerBound)
    }
  }

  /// Keys of a tenants file that are unknown or stand twice.
  mutating func checkKeys() {
    checkRepeatedKeys()
    check(outline.root, [], known: TenantsFile.keys)
    guard case .array(let tenants) = outline.node(at: [.key("tenants")])?.content else { return }
    for (index, tenant) in tenants.enumerated() {
      let path: Path = [.key("tenants"), .index(index)]
      check(tenant, path, known: TenantsFile.tenantKeys)
      if let node = tenant[.key("whenOff")] {
        check(node, path + [.key("whenOff")], known: TenantsFile.whenOffKeys)
      }
      if let node = tenant[.key("sender")] {
        check(node, path + [.key("sender")], known: TenantsFile.senderKeys)
      }
    }
  }

  /// Keys of one object that are neither known nor tolerated.
  mutating func check(_ node: JSON5Outline.Node, _ path: Path, known: [String], tolerated: [String] = []) {
    for member in node.members where !known.contains(member.key) && !tolerated.contains(member.key) {
      let near = nearest(to: member.key, in: known)
      let key = firstControlCharacter(in: member.key) == nil ? member.key : "(unprintable)"
      fault(
        .unknownKey,
        "is not a key here\(near.map { "; did you mean \($0)?" } ?? ";") known are \(known.joined(separator: ", "))",
        at: path + [.key(key)], offset: member.keyRange.lowerBound)
    }
  }

  /// Decodes with Foundation; nil, with a fault noted, where a type is wrong.
  mutating func decode<Value: Decodable>() -> Value? {
    let decoder = JSONDecoder()
    decoder.allowsJSON5 = true
    do { return try decoder.decode(Value.self, from: Data(outline.bytes)) } catch {
      switch error as? DecodingError {
      case .typeMismatch(let type, let context):
        fault(
          .wrongType, "has the wrong type; expected \(Self.name(of: type))", at: Self.path(context.codingPath)
        )
      case .valueNotFound(let type, let context):
        fault(.wrongType, "is null; expected \(Self.name(of: type))", at: Self.path(context.codingPath))
      case .keyNotFound(let key, let context):
        fault(.missing, "is missing", at: Self.path(context.codingPath + [key]))
      default: fault(.syntax, "is not JSON5 in UTF-8", at: [])
      }
      return nil
    }
  }

  private static func path(_ keys: [any CodingKey]) -> Path {
    keys.map { key in key.intValue.map { .index($0) } ?? .key(key.stringValue) }
  }

  private static func name(of type: any Any.Type) -> String {
    switch type {
    case is String.Type: "a string in quotes"
    case is [String: Any].Type: "an object { … }"
    default: "\(type)".hasPrefix("Array") ? "a list [ … ]" : "an object { … }"
    }
  }

  // MARK: Values

  mutating func directory(of file: TenantsFile) -> TenantDirectory {
    let common: TenantDirectory.CommonEndpoint =
      value(file.commonEndpoint, at: [.key("commonEndpoint")]) ?? .allowed
    var hosts: Set<String>?
    for (index, host) in (file.signInHosts ?? []).enumerated() {
      guard let host = domain(host, at: [.key("signInHosts"), .index(index)]) else { continue }
      hosts = (hosts ?? []).union([host])
    }
    if file.signInHosts?.isEmpty == true {
      fault(.badValue, "lists no host; leave it out to accept any", at: [.key("signInHosts")])
    }
    var tenants: [Tenant] = []
    if let entries = file.tenants {
      if entries.isEmpty { fault(.missing, "lists no tenant; expected at least one", at: [.key("tenants")]) }
      for (index, entry) in entries.enumerated() {
        tenants.append(tenant(entry, at: [.key("tenants"), .index(index)]))
      }
      checkDistinct(tenants, entries)
    } else {
      fault(.missing, "is missing; expected tenants: [ { id: …, name: … } ]", at: [.key("tenants")])
    }
    return TenantDirectory(tenants: tenants, commonEndpoint: common, signInHosts: hosts, hasFile: true)
  }

  mutating func value<Value: RawRepresentable & CaseIterable>(_ text: String?, at path: Path) -> Value?
  where Value.RawValue == String {
    guard let text else { return nil }
    if let value = Value(rawValue: text) { return value }
    let known = Value.allCases.map(\.rawValue)
    let near = nearest(to: text, in: known)
    fault(
      .badValue,
      "is \(quoted(text)); expected \(known.joined(separator: ", "))\(near.map { "; did you mean \($0)?" } ?? "")",
      at: path)
    return nil
  }

  mutating func domain(_ text: String, at path: Path) -> String? {
    if let domain = TenantDirectory.canonical(domain: text) { return domain }
    fault(.badValue, "is \(quoted(text)); expected a full domain name such as fabrikam.example", at: path)
    return nil
  }

  /// A value of the file as a message may show it: bounded, one line.
  func quoted(_ text: String) -> String {
    guard firstControlCharacter(in: text) == nil else { return "a text with control characters" }
    return text.count > 80 ? "\"\(text.prefix(80))…\"" : "\"\(text)\""
  }
}
