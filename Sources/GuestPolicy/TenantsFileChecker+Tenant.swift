internal import Branding
internal import CodeRequests
internal import Documents
internal import FoundationEssentials
internal import LinuxSystem

extension TenantsFileChecker {
  /// Nil where the entry is no object.
  mutating func tenant(_ entry: DocumentNode, _ claims: inout [Claim]) -> Tenant? {
    guard let fields = object(entry, TenantsFile.tenantKeys) else { return nil }
    var tenant = Tenant(id: id(fields), name: name(fields))
    claims.append(
      contentsOf: ["id", "name"].compactMap { key in
        fields[key].flatMap { node in node.value.text.map { Claim($0, of: node, in: entry) } }
      })
    for node in list(fields["domains"]) ?? [] {
      guard let domain = domain(node) else { continue }
      tenant.domains.append(domain)
      claims.append(Claim(domain, of: node, in: entry))
    }
    tenant.passcodes = value(fields["passcodes"]) ?? .default
    tenant.cloud = value(fields["cloud"]) ?? .public
    if let node = fields["autoEnableAt"], let text = text(node) {
      tenant.autoEnableAt = Date(rfc3339: text)
      if tenant.autoEnableAt == nil {
        fault(
          .badValue, "is \(quoted(text)); expected a moment of RFC 3339 such as 2021-10-01T00:00:00Z",
          of: node)
      }
    }
    if let node = fields["federatedDomains"] { tenant.federatedDomains = federatedDomains(node) }
    if let node = fields["whenOff"] { tenant.whenOff = alternative(node) }
    if let node = fields["locale"], let text = text(node) {
      do { tenant.locale = try LocaleTag(text) } catch { fault(.badValue, error.message, of: node) }
    }
    if let node = fields["timeZone"], let text = text(node) {
      tenant.timeZone = text
      do throws(ZoneRules.Problem) { _ = try ZoneRules(named: text) } catch {
        fault(.badValue, error.message, of: node)
      }
    }
    if let node = fields["sender"] { tenant.sender = sender(node) }
    if let node = fields["app"] { tenant.app = shownText(node) }
    tenant.brand = brand(fields)
    return tenant
  }

  private mutating func id(_ fields: DocumentObject) -> String {
    guard let node = fields["id"] else {
      missing("the tenant's id, such as a GUID", "id", in: fields)
      return ""
    }
    guard let text = text(node) else { return "" }
    let isPlain = text.utf8.enumerated().allSatisfy { index, byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
      case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): index > 0
      default: false
      }
    }
    if text.isEmpty || text.utf8.count > 64 || !isPlain {
      fault(
        .badValue, "is \(quoted(text)); expected 1 to 64 letters, digits, - _ and ., such as a GUID", of: node
      )
    } else if SignInLink.commonEndpoints.contains(text.lowercased()) {
      fault(
        .badValue, "is \(quoted(text)), which in a sign-in link is the common endpoint; choose another",
        of: node)
    }
    return text
  }

  private mutating func name(_ fields: DocumentObject) -> String {
    guard let node = fields["name"] else {
      missing("the name that guests know the tenant by", "name", in: fields)
      return ""
    }
    guard let text = text(node) else { return "" }
    // A name with / : @ ? or % would read as a link or an address where a request names its tenant.
    if let character = text.first(where: { "/:@?%#\\".contains($0) }) {
      fault(.badValue, "is \(quoted(text)); a name does not hold \(character)", of: node)
    } else if text.hasPrefix(".") {
      // The name is also that of a folder of templates.
      fault(.badValue, "is \(quoted(text)); a name does not begin with a dot", of: node)
    } else {
      checkShown(text, of: node)
    }
    return text
  }

  private mutating func shownText(_ node: DocumentNode) -> String? {
    let text = text(node)
    if let text { checkShown(text, of: node) }
    return text
  }

  /// A text that mails, logs and terminals show.
  private mutating func checkShown(_ text: String, of node: DocumentNode) {
    if let control = firstControlCharacter(in: text) {
      fault(.badValue, "holds the control character \(CodeRequests.name(of: control))", of: node)
    } else if let scalar = text.unicodeScalars.first(where: PlainText.isActive) {
      fault(.badValue, "holds the invisible character \(CodeRequests.name(of: scalar)); delete it", of: node)
    } else if text.utf8.count > 128 {
      fault(.badValue, "has \(text.utf8.count) bytes; at most 128 are allowed", of: node)
    } else if text.first?.isWhitespace != false || text.last?.isWhitespace != false {
      fault(.badValue, "is empty or begins or ends with white space", of: node)
    }
  }

  private mutating func brand(_ fields: DocumentObject) -> Brand {
    var brand = Brand()
    if let node = fields["accent"], let text = text(node) {
      brand.accent = HexColour(text)
      // What is no colour may be anything, so it is not repeated.
      if let problem = AccentPalette.problem(of: text) { fault(.badValue, problem, of: node) }
    }
    if let node = fields["logo"], let text = shownText(node) {
      brand.logo = text
      if let problem = Brand.problem(ofLogo: text) { fault(.badValue, problem, of: node) }
    }
    if let node = fields["footer"] {
      let nodes = node.value.text == nil ? list(node) ?? [] : [node]
      let lines = nodes.compactMap { shownText($0) }
      brand.footer = lines.joined(separator: "\n")
      // A line that is no text has its own fault.
      if lines.count == nodes.count, let problem = Brand.problem(ofFooter: lines) {
        fault(.badValue, problem, of: node)
      }
    }
    return brand
  }

  private mutating func federatedDomains(_ node: DocumentNode) -> [String: SignInMethod] {
    var result: [String: SignInMethod] = [:]
    for (text, node) in members(node) ?? [] {
      let method = method(node)
      guard let domain = domain(text, of: node), let method else { continue }
      if result.updateValue(method, forKey: domain) != nil {
        fault(.duplicate, "is the domain \(domain) in a second spelling; keep one of them", of: node)
      }
    }
    return result
  }

  /// A method other than the passcode.
  private mutating func method(_ node: DocumentNode) -> SignInMethod? {
    guard let text = text(node) else { return nil }
    guard let method = SignInMethod(text), method != .passcode else {
      fault(
        .badValue,
        "is \(quoted(text)); expected another method than passcode in lower-case letters, digits and hyphens, such as google or microsoft-account",
        of: node)
      return nil
    }
    return method
  }

  private mutating func alternative(_ node: DocumentNode) -> Tenant.Alternative {
    var result = Tenant.Alternative.administrator
    guard let fields = object(node, TenantsFile.whenOffKeys) else { return result }
    if let node = fields["method"] {
      result.method = method(node) ?? result.method
    } else {
      missing("a method such as microsoft-account", "method", in: fields)
    }
    if let node = fields["url"], let url = text(node) {
      if let problem = Self.problem(ofURL: url) {
        fault(.badValue, "\(problem); expected an absolute URL such as https://signup.example", of: node)
      }
      result.url = url
    }
    return result
  }

  /// What is wrong with a URL that guests are sent to; nil where nothing is.
  static func problem(ofURL text: String) -> String? {
    guard text.utf8.count <= 2048 else { return "has more than 2048 bytes" }
    // WHATWG parsers take \ for / and drop white space, so that a reader and a browser would disagree.
    guard text.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7F && $0 != "\\" }),
      firstControlCharacter(in: text) == nil
    else { return "holds white space, a control character or a backslash" }
    guard let url = URLComponents(string: text), let scheme = url.scheme?.lowercased() else {
      return "is not an absolute URL"
    }
    guard ["https", "http"].contains(scheme) else { return "is neither https nor http" }
    guard url.user == nil, url.password == nil else { return "holds a user name or a password" }
    // In letters of any script or as A-labels, and never escaped: what that is differs between readers.
    let authority = text.drop { $0 != ":" }.drop { $0 == ":" || $0 == "/" }.prefix { !"/?#".contains($0) }
    guard !authority.contains("%"), let host = url.encodedHost?.percentDecoded,
      (try? EmailAddress.canonical(domain: host, { RequestFault(field: "url", $0) })) != nil
    else { return "has no host name" }
    return nil
  }

  private mutating func sender(_ node: DocumentNode) -> Tenant.Sender? {
    guard let fields = object(node, TenantsFile.senderKeys) else { return nil }
    let name = fields["name"].flatMap { shownText($0) }
    guard let node = fields["address"] else {
      missing("an address such as no-reply@fabrikam.example", "address", in: fields)
      return nil
    }
    guard let text = text(node) else { return nil }
    do { return Tenant.Sender(name: name, address: try EmailAddress(text)) } catch {
      fault(.badValue, error.message, of: node)
      return nil
    }
  }

  // MARK: Distinct

  /// What a request may call a tenant.
  struct Claim {
    let text: String
    let node: DocumentNode
    /// The tenant's own place.
    let tenant: [DocumentValue.Step]

    init(_ text: String, of node: DocumentNode, in tenant: DocumentNode) {
      self.text = TenantDirectory.folded(text)
      self.node = node
      self.tenant = tenant.path
    }
  }

  /// What a request carries must lead to one tenant: ids, names and domains share one space.
  mutating func checkDistinct(_ claims: [Claim]) {
    var owners: [String: Claim] = [:]
    for claim in claims where !claim.text.isEmpty {
      guard let owner = owners[claim.text] else {
        owners[claim.text] = claim
        continue
      }
      let (place, other) = (claim.node.path, owner.node.path)
      // A tenant may be called like its own id or domain, but a domain listed twice is a slip.
      if owner.tenant == claim.tenant, other.count != place.count || place.count == 3 { continue }
      fault(
        .duplicate,
        "is taken: \(other.keyPath) is the same (compared without case); each id, name and domain leads to one tenant",
        of: claim.node)
    }
  }
}
