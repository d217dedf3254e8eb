package import FoundationEssentials

internal import CodeRequests
internal import JSON5Text

extension Settings {
  /// Where the configuration is looked for, in order: `--config`, `$PASSCODE_CONFIG`,
  /// `./Config/passcode.json5`, `/etc/passcode/passcode.json5`.
  ///
  /// - Parameter variable: the value of `$PASSCODE_CONFIG`; the whole environment as a dictionary is dear.
  package static func locate(
    option: String?, variable: String?, exists: (String) -> Bool
  ) throws(ConfigurationFault) -> String {
    if let option { return option }
    if let variable, !variable.isEmpty { return variable }
    let places = ["Config/passcode.json5", "/etc/passcode/passcode.json5"]
    if let place = places.first(where: exists) { return place }
    throw ConfigurationFault(
      file: places[0],
      "no configuration found (looked there and at \(places[1])); give --config FILE or set PASSCODE_CONFIG")
  }

  /// Reads and checks a configuration file. Relative paths in it are relative to the file.
  package init(file: String) throws(ConfigurationFault) {
    let data: Data
    do { data = try Data(contentsOf: URL(fileURLWithPath: file)) } catch {
      let isMissing = !FileManager.default.fileExists(atPath: file)
      throw ConfigurationFault(
        file: file, isMissing ? "there is no such file" : "cannot be read; check its permissions")
    }
    try self.init(json5: data, file: file)
  }

  /// Checks a configuration's text.
  ///
  /// - Parameter file: for messages, and as the base of relative paths.
  package init(json5 data: Data, file: String) throws(ConfigurationFault) {
    let decoder = JSONDecoder()
    decoder.allowsJSON5 = true
    let root: SettingsNode
    do {
      root = SettingsNode(
        file: file, path: "", value: try decoder.decode(SettingsNode.Value.self, from: data))
    } catch {
      throw ConfigurationFault(file: file, Self.syntaxFault(in: Array(data)))
    }
    try self.init(root, base: URL(fileURLWithPath: file).deletingLastPathComponent())
  }

  /// Foundation tells that a text is not JSON5, not where.
  private static func syntaxFault(in bytes: [UInt8]) -> String {
    do throws(JSON5Outline.SyntaxFault) {
      _ = try JSON5Outline(bytes)
      return "is not JSON5 in UTF-8"
    } catch {
      let (line, column) = JSON5Outline.position(of: error.offset, in: bytes)
      return "is not JSON5: line \(line), column \(column): \(error.message)"
    }
  }

  private init(_ root: SettingsNode, base: URL) throws(ConfigurationFault) {
    let keys = try root.object([
      "state", "templates", "app", "defaultLocale", "sender", "relays", "passcode", "delivery", "limits",
      "session", "tenants", "subjectShowsCode", "boundDomain",
    ])
    func path(_ node: SettingsNode) throws(ConfigurationFault) -> String {
      URL(fileURLWithPath: try node.string(), relativeTo: base).standardizedFileURL.path
    }
    file = root.file
    state = try keys["state"].map(path) ?? "/var/lib/passcode"
    templates =
      try keys["templates"].map(path)
      ?? URL(fileURLWithPath: "../Templates", relativeTo: base).standardizedFileURL.path
    sender = try Sender(
      keys.required("sender", "who the mail comes from, { name: \"…\", address: \"…\" }"))
    app = try keys["app"]?.string() ?? sender.name ?? sender.address.domain
    if let node = keys["defaultLocale"] {
      let text = try node.string()
      do throws(RequestFault) { defaultLocale = try LocaleTag(text) } catch {
        throw node.fault(error.message)
      }
    } else {
      defaultLocale = try! LocaleTag("en")
    }
    let relayNodes = try keys.required("relays", "the servers that take the mail, [{ url: \"…\" }]").list()
    guard !relayNodes.isEmpty else {
      throw ConfigurationFault(file: root.file, key: "relays", "is empty; at least one relay is needed")
    }
    relays = []
    for node in relayNodes { relays.append(try Relay(node, path: path)) }
    if let node = keys["passcode"] { passcode = try Codes(node) }
    if let node = keys["delivery"] { delivery = try Delivery(node) }
    if let node = keys["limits"] { limits = try Limits(node) }
    if let node = try keys["session"]?.object(["lifetime"])["lifetime"] {
      sessionLifetime = try node.duration(in: .seconds(60)...Duration.seconds(30 * 86400))
    }
    tenants = try keys["tenants"].map(path)
    subjectShowsCode = try keys["subjectShowsCode"]?.bool() ?? false
    if let node = keys["boundDomain"] {
      let text = try node.string()
      do throws(RequestFault) {
        boundDomain = try EmailAddress.canonical(domain: text) { RequestFault(field: "", $0) }
      } catch { throw node.fault(error.message) }
    }
  }
}

extension Settings.Sender {
  fileprivate init(_ node: SettingsNode) throws(ConfigurationFault) {
    let keys = try node.object(["name", "address", "replyTo", "envelope", "feedbackID"])
    address = try keys.required("address", "the address in From").address()
    name = try keys["name"]?.string()
    replyTo = try keys["replyTo"]?.address()
    envelope = try keys["envelope"]?.address()
    feedbackID = try keys["feedbackID"]?.string()
  }
}

extension Settings.Codes {
  fileprivate init(_ node: SettingsNode) throws(ConfigurationFault) {
    let keys = try node.object(["length", "validity", "attempts", "perChallenge"])
    length = try keys["length"]?.integer(in: 6...12) ?? length
    validity = try keys["validity"]?.duration(in: .seconds(60)...Duration.seconds(86400)) ?? validity
    attempts = try keys["attempts"]?.integer(in: 1...20) ?? attempts
    perChallenge = try keys["perChallenge"]?.integer(in: 1...10) ?? perChallenge
  }
}

extension Settings.Delivery {
  fileprivate init(_ node: SettingsNode) throws(ConfigurationFault) {
    let keys = try node.object(["deadline", "retryDelays", "order", "grace"])
    deadline = try keys["deadline"]?.duration(in: .seconds(1)...Duration.seconds(86400)) ?? deadline
    if let node = keys["retryDelays"] {
      retryDelays = []
      for delay in try node.list() {
        retryDelays.append(try delay.duration(in: .milliseconds(1)...Duration.seconds(86400)))
      }
      guard retryDelays.count <= 100 else { throw node.fault("lists more than 100 delays") }
    }
    order = try keys["order"]?.choice(Settings.Order.self) ?? order
    grace = try keys["grace"]?.duration(in: .zero...Duration.seconds(3600)) ?? grace
  }
}

extension Settings.Window {
  fileprivate init(_ keys: SettingsObject) throws(ConfigurationFault) {
    count = try keys.required("count", "how many at the most").integer(in: 1...1_000_000_000)
    window = try keys.required("window", "within which time")
      .duration(in: .seconds(1)...Duration.seconds(31 * 86400))
  }
}

extension Settings.Limits {
  fileprivate init(_ node: SettingsNode) throws(ConfigurationFault) {
    let keys = try node.object(["perSubject", "perClient", "perTenant", "failedAttempts"])
    func windows(_ key: String) throws(ConfigurationFault) -> [Settings.Window]? {
      guard let node = keys[key] else { return nil }
      var windows: [Settings.Window] = []
      for item in try node.list() {
        windows.append(try Settings.Window(item.object(["count", "window"])))
      }
      return windows
    }
    perSubject = try windows("perSubject") ?? perSubject
    perClient = try windows("perClient") ?? perClient
    perTenant = try windows("perTenant") ?? perTenant
    if let node = keys["failedAttempts"] {
      let failed = try node.object(["count", "window", "lockFor"])
      failedAttempts = try Settings.Window(failed)
      lockFor = try failed["lockFor"]?.duration(in: .seconds(1)...Duration.seconds(31 * 86400)) ?? lockFor
    }
  }
}

extension Settings.Relay {
  /// The file of this name among the credentials that systemd gave the service (LoadCredential=, systemd.exec(5));
  /// nil where there is none.
  private static func credential(named name: String) -> String? {
    guard !name.contains("/"), name != "..",
      let directory = ProcessInfo.processInfo.environment["CREDENTIALS_DIRECTORY"], directory.hasPrefix("/")
    else { return nil }
    let file = "\(directory)/\(name)"
    return FileManager.default.fileExists(atPath: file) ? file : nil
  }

  /// The path of a secret's file: a name among the credentials, or a path.
  private static func secret(
    _ node: SettingsNode, _ path: (SettingsNode) throws(ConfigurationFault) -> String
  ) throws(ConfigurationFault) -> String {
    if let credential = credential(named: try node.string()) { return credential }
    return try path(node)
  }

  fileprivate init(
    _ node: SettingsNode, path: (SettingsNode) throws(ConfigurationFault) -> String
  ) throws(ConfigurationFault) {
    let keys = try node.object([
      "url", "security", "allowPlaintext", "username", "passwordFile", "oauth", "secretMode", "mechanism",
      "caFile", "clientCertificate", "clientKey", "hello", "lanes", "maxPerSecond", "maxPerConnection",
      "pipelining", "connectTimeout", "replyTimeout",
    ])
    url = try keys.required("url", "smtp://host:port or smtps://host:port").string()
    security =
      try keys["security"]?.choice(Security.self) ?? (url.hasPrefix("smtps:") ? .implicit : .starttls)
    allowPlaintext = try keys["allowPlaintext"]?.bool() ?? allowPlaintext
    username = try keys["username"]?.string()
    passwordFile = try keys["passwordFile"].map { node throws(ConfigurationFault) in
      try Self.secret(node, path)
    }
    oauth = try keys["oauth"].map { node throws(ConfigurationFault) in
      try Settings.OAuth(node, path: path) { node throws(ConfigurationFault) in try Self.secret(node, path) }
    }
    secretMode = try keys["secretMode"]?.choice(Settings.SecretMode.self) ?? secretMode
    mechanism = try keys["mechanism"]?.choice(Mechanism.self)
    caFile = try keys["caFile"].map(path)
    clientCertificate = try keys["clientCertificate"].map(path)
    clientKey = try keys["clientKey"].map(path)
    hello = try keys["hello"]?.string()
    lanes = try keys["lanes"]?.integer(in: 1...64) ?? lanes
    maxPerSecond = try keys["maxPerSecond"]?.integer(in: 1...1_000_000)
    maxPerConnection = try keys["maxPerConnection"]?.integer(in: 1...1_000_000)
    pipelining = try keys["pipelining"]?.choice(Pipelining.self) ?? pipelining
    connectTimeout =
      try keys["connectTimeout"]?.duration(in: .milliseconds(100)...Duration.seconds(600)) ?? connectTimeout
    replyTimeout =
      try keys["replyTimeout"]?.duration(in: .milliseconds(100)...Duration.seconds(600)) ?? replyTimeout
  }
}
