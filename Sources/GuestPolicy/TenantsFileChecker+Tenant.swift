internal import JSON5Text
internal import CodeRequests
internal import FoundationEssentials

extension TenantsFileChecker {
  mutating func tenant(_ entry: TenantsFile.Entry, at path: Path) -> Tenant {
    var tenant = Tenant(id: id(entry.id, at: path), name: name(entry.name, at: path))
    for (index, text) in (entry.domains ?? []).enumerated() {
      if let domain = domain(text, at: path + [.key("domains"), .index(index)]) {
        tenant.domains.append(domain)
      }
    }
    tenant.passcodes = value(entry.passcodes, at: path + [.key("passcodes")]) ?? .default
    tenant.cloud = value(entry.cloud, at: path + [.key("cloud")]) ?? .public
    if let text = entry.autoEnableAt {
      tenant.autoEnableAt = Date(rfc3339: text)
      if tenant.autoEnableAt == nil {
        fault(
          .badValue, "is \(quoted(text)); expected a moment of RFC 3339 such as 2021-10-01T00:00:00Z",
          at: path + [.key("autoEnableAt")])
      }
    }
    tenant.federatedDomains = federatedDomains(
      entry.federatedDomains ?? [:], at: path + [.key("federatedDomains")])
    if let whenOff = entry.whenOff {
      tenant.whenOff = alternative(whenOff, at: path + [.key("whenOff")])
    }
    if let text = entry.locale {
      do { tenant.locale = try LocaleTag(text) } catch {
        fault(.badValue, error.message, at: path + [.key("locale")])
      }
    }
    if let sender = entry.sender { tenant.sender = self.sender(sender, at: path + [.key("sender")]) }
    tenant.app = entry.app
    if let app = entry.app { checkShown(app, at: path + [.key("app")]) }
    return tenant
  }

  private mutating func id(_ text: String?, at path: Path) -> String {
    let place = path + [.key("id")]
    guard let text else {
      fault(.missing, "is missing; expected the tenant's id, such as a GUID", at: place)
      return ""
    }
    let isPlain = text.utf8.enumerated().allSatisfy { index, byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
      case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): index > 0
      default: false
      }
    }
    if text.isEmpty || text.utf8.count > 64 || !isPlain {
      fault(
        .badValue,
        "is \(quoted(text)); expected 1 to 64 letters, digits, - _ and ., such as a GUID", at: place)
    } else if SignInLink.commonEndpoints.contains(text.lowercased()) {
      fault(
        .badValue, "is \(quoted(text)), which in a sign-in link is the common endpoint; choose another",
        at: place)
    }
    return text
  }

  private mutating func name(_ text: String?, at path: Path) -> String {
    let place = path + [.key("name")]
    guard let text else {
      fault(.missing, "is missing; expected the name that guests know the tenant by", at: place)
      return ""
    }
    // A name with / : @ ? or % would read as a link or an address where a request names its tenant.
    if let character = text.first(where: { "/:@?%#\\".contains($0) }) {
      fault(.badValue, "is \(quoted(text)); a name does not hold \(character)", at: place)
    } else if text.hasPrefix(".") {
      // The name is also that of a folder of templates.
      fault(.badValue, "is \(quoted(text)); a name does not begin with a dot", at: place)
    } else {
      checkShown(text, at: place)
    }
    return text
  }

  /// A text that mails, logs and terminals show.
  private mutating func checkShown(_ text: String, at path: Path) {
    if let control = firstControlCharacter(in: text) {
      fault(.badValue, "holds the control character \(CodeRequests.name(of: control))", at: path)
    } else if text.utf8.count > 128 {
      fault(.badValue, "has \(text.utf8.count) bytes; at most 128 are allowed", at: path)
    } else if text.first?.isWhitespace != false || text.last?.isWhitespace != false {
      fault(.badValue, "is empty or begins or ends with white space", at: path)
    }
  }

  private mutating func federatedDomains(_ entries: [String: String], at path: Path) -> [String: SignInMethod]
  {
    var result: [String: SignInMethod] = [:]
    for (text, provider) in entries.sorted(by: { $0.key < $1.key }) {
      let place = path + [.key(text)]
      let method = method(provider, at: place)
      guard let domain = domain(text, at: place), let method else { continue }
      if result.updateValue(method, forKey: domain) != nil {
        fault(.duplicate, "is the domain \(domain) in a second spelling; keep one of them", at: place)
      }
    }
    return result
  }

  /// A method other than the passcode.
  private mutating func method(_ text: String, at path: Path) -> SignInMethod? {
    guard let method = SignInMethod(text), method != .passcode else {
      fault(
        .badValue,
        "is \(quoted(text)); expected another method than passcode in lower-case letters, digits and hyphens, such as google or microsoft-account",
        at: path)
      return nil
    }
    return method
  }

  private mutating func alternative(_ entry: TenantsFile.Entry.WhenOff, at path: Path) -> Tenant.Alternative {
    var result = Tenant.Alternative.administrator
    if let text = entry.method {
      result.method = method(text, at: path + [.key("method")]) ?? result.method
    } else {
      fault(.missing, "is missing; expected a method such as microsoft-account", at: path + [.key("method")])
    }
    if let url = entry.url {
      if let problem = Self.problem(ofURL: url) {
        fault(
          .badValue, "\(problem); expected an absolute URL such as https://signup.example",
          at: path + [.key("url")])
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

  private mutating func sender(_ entry: TenantsFile.Entry.Sender, at path: Path) -> Tenant.Sender? {
    if let name = entry.name { checkShown(name, at: path + [.key("name")]) }
    guard let text = entry.address else {
      fault(
        .missing, "is missing; expected an address such as no-reply@fabrikam.example",
        at: path + [.key("address")])
      return nil
    }
    do { return Tenant.Sender(name: entry.name, address: try EmailAddress(text)) } catch {
      fault(.badValue, error.message, at: path + [.key("address")])
      return nil
    }
  }

  // MARK: Distinct

  /// What a request carries must lead to one tenant: ids, names and domains share one space.
  mutating func checkDistinct(_ tenants: [Tenant], _ entries: [TenantsFile.Entry]) {
    var owners: [String: (tenant: Int, path: Path)] = [:]
    var claims: [(text: String, tenant: Int, path: Path)] = []
    for (index, tenant) in tenants.enumerated() {
      let path: Path = [.key("tenants"), .index(index)]
      claims.append((TenantDirectory.folded(tenant.id), index, path + [.key("id")]))
      claims.append((TenantDirectory.folded(tenant.name), index, path + [.key("name")]))
      for (position, text) in (entries[index].domains ?? []).enumerated() {
        guard let domain = TenantDirectory.canonical(domain: text) else { continue }
        claims.append((domain, index, path + [.key("domains"), .index(position)]))
      }
    }
    for claim in claims where !claim.text.isEmpty {
      guard let owner = owners[claim.text] else {
        owners[claim.text] = (claim.tenant, claim.path)
        continue
      }
      // A tenant may be called like its own id or domain, but a domain listed twice is a slip.
      if owner.tenant == claim.tenant, owner.path.count != claim.path.count || claim.path.count == 3 {
        continue
      }
      fault(
        .duplicate,
        "is taken: \(JSON5Outline.text(of: owner.path)) is the same (compared without case); each id, name and domain leads to one tenant",
        at: claim.path)
    }
  }
}
