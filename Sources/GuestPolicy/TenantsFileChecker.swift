internal import CodeRequests
internal import Documents

/// Checks a tenants file value by value and collects every fault with its place, so that a person mends a file in one
/// go. What is null counts as left out.
struct TenantsFileChecker {
  private(set) var faults: [TenantFault] = []

  /// Reads a text; equal keys in one object are faults that are noted.
  mutating func document(_ bytes: [UInt8], file: String) throws(TenantFaults) -> Document {
    var repeated: [DocumentFault] = []
    do throws(DocumentFault) {
      let document = try Document(bytes, file: file, repeatedKeys: &repeated)
      faults += repeated.map { TenantFault($0) }
      return document
    } catch { throw TenantFaults([TenantFault(error)]) }
  }

  mutating func fault(_ code: TenantFault.Code, _ message: String, of node: DocumentNode) {
    faults.append(TenantFault(node.fault(message), code))
  }

  mutating func missing(_ expected: String, _ key: String, in object: DocumentObject) {
    faults.append(TenantFault(object.fault("is missing; expected \(expected)", .missing, of: [key])))
  }

  // MARK: Shape

  /// The members of an object; nil, with a fault noted, of anything else. Keys that are not known are noted too.
  mutating func object(
    _ node: DocumentNode, _ known: [String], tolerates: (String) -> Bool = { _ in false }
  ) -> DocumentObject? {
    guard members(node) != nil else { return nil }
    for (key, fault) in node.unknownKeys(known) where !tolerates(key) { faults.append(TenantFault(fault)) }
    return DocumentObject(node: node)
  }

  /// The members of an object with keys of any name; none, with a fault noted, of anything else.
  mutating func members(_ node: DocumentNode) -> [(key: String, node: DocumentNode)]? {
    reading { () throws(DocumentFault) in try node.members() }
  }

  mutating func list(_ node: DocumentNode?) -> [DocumentNode]? {
    node.flatMap { node in reading { () throws(DocumentFault) in try node.list() } }
  }

  mutating func text(_ node: DocumentNode?) -> String? {
    node.flatMap { node in reading { () throws(DocumentFault) in try node.string() } }
  }

  /// Nil, with a fault noted, where a type is wrong.
  private mutating func reading<Value>(_ read: () throws(DocumentFault) -> Value) -> Value? {
    do throws(DocumentFault) { return try read() } catch {
      faults.append(TenantFault(error))
      return nil
    }
  }

  // MARK: Values

  /// Nil, with faults noted, where the file lists no tenants.
  mutating func directory(of file: DocumentNode) -> TenantDirectory? {
    guard let fields = object(file, TenantsFile.keys) else { return nil }
    let common: TenantDirectory.CommonEndpoint = value(fields["commonEndpoint"]) ?? .allowed
    var hosts: Set<String>?
    if let node = fields["signInHosts"], let list = list(node) {
      if list.isEmpty { fault(.badValue, "lists no host; leave it out to accept any", of: node) }
      hosts = Set(list.compactMap { domain($0) })
    }
    guard let node = fields["tenants"] else {
      missing("tenants: [ { id: …, name: … } ]", "tenants", in: fields)
      return nil
    }
    guard let entries = list(node) else { return nil }
    if entries.isEmpty { fault(.missing, "lists no tenant; expected at least one", of: node) }
    var claims: [Claim] = []
    let tenants = entries.compactMap { tenant($0, &claims) }
    checkDistinct(claims)
    return TenantDirectory(tenants: tenants, commonEndpoint: common, signInHosts: hosts, hasFile: true)
  }

  /// One of the names of an enum; nil where it is missing, or with a fault noted.
  mutating func value<Value: RawRepresentable & CaseIterable>(_ node: DocumentNode?) -> Value?
  where Value.RawValue == String {
    guard let node, let text = text(node) else { return nil }
    if let value = Value(rawValue: text) { return value }
    let known = Value.allCases.map(\.rawValue)
    let near = nearest(to: text, in: known)
    faults.append(
      TenantFault(
        node.fault(
          of: text,
          "is \(quoted(text)); expected \(known.joined(separator: ", "))\(near.map { "; did you mean \($0)?" } ?? "")"
        ), .badValue))
    return nil
  }

  mutating func domain(_ node: DocumentNode) -> String? { text(node).flatMap { domain($0, of: node) } }

  mutating func domain(_ text: String, of node: DocumentNode) -> String? {
    if let domain = TenantDirectory.canonical(domain: text) { return domain }
    fault(.badValue, "is \(quoted(text)); expected a full domain name such as fabrikam.example", of: node)
    return nil
  }

  /// A value of the file as a message may show it: bounded, one line.
  func quoted(_ text: String) -> String {
    guard firstControlCharacter(in: text) == nil else { return "a text with control characters" }
    return text.count > 80 ? "\"\(text.prefix(80))…\"" : "\"\(text)\""
  }
}
