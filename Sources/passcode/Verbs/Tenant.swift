internal import CodeRequests
internal import CommandVerbs
internal import Configuration
internal import FoundationEssentials
internal import GuestPolicy
internal import LinuxSystem
internal import PasscodeService

extension Verbs {
  static let tenantList = Verb(
    path: ["tenant", "list"], summary: "list the tenants and whether their guests get passcodes"
  ) { invocation in
    let reports = try Installation(invocation).tenants().tenants.map { TenantReport($0, now: Date()) }
    if invocation.isJSON {
      for report in reports { try Rows.print(json: report) }
    } else {
      Rows.print(columns: TenantReport.columns, rows: reports.map(\.cells))
    }
    return .done
  }

  static let tenantShow = Verb(
    path: ["tenant", "show"], summary: "show one tenant", operands: ["TENANT"],
    options: [.flag("graph", "as the Graph resource emailAuthenticationMethodConfiguration")]
  ) { invocation in
    let tenant = try Installation(invocation).tenants().resolve(invocation.operands[0])
    if invocation.has("graph") {
      Terminal.print(EmailMethodConfiguration(of: tenant).json)
    } else if invocation.isJSON {
      try Rows.print(json: TenantReport(tenant, now: Date()))
    } else {
      Rows.print(TenantReport(tenant, now: Date()).fields)
    }
    return .done
  }

  static let tenantResolve = Verb(
    path: ["tenant", "resolve"], summary: "tell which tenant a name, domain or sign-in link means",
    operands: ["[REFERENCE]"], discussion: "Without a reference: what a request without a tenant comes to."
  ) { invocation in
    let directory = try Installation(invocation).tenants()
    let resolution = try TenantResolution(invocation.operands.first, in: directory, now: Date())
    if invocation.isJSON {
      try Rows.print(json: resolution)
    } else if let tenant = resolution.tenant {
      Rows.print(tenant.fields)
    } else {
      Terminal.print("the common endpoint: no tenant is named")
    }
    return .done
  }

  static let tenantSet = Verb(
    path: ["tenant", "set"], summary: "change a tenant in the tenants file, keeping its comments",
    operands: ["TENANT", "KEY=VALUE…"],
    discussion: """
      For example: passcode tenant set Fabrikam passcodes=disabled. The file is checked before it is replaced; a running
      worker takes the change without a restart.
      """
  ) { invocation in
    let assignments = try invocation.operands.dropFirst().map { word throws(TenantFaults) in
      do throws(TenantFault) { return try TenantAssignment(parsing: word) } catch {
        throw TenantFaults([error])
      }
    }
    let tenant = invocation.operands[0]
    try edit(invocation) { document throws(TenantFaults) in
      try document.setting(assignments, ofTenant: tenant)
    }
    return .done
  }

  static let tenantApply = Verb(
    path: ["tenant", "apply"], summary: "take the switch from a Graph resource's JSON", operands: ["FILE"],
    options: [.value("tenant", "T", "which tenant; needed where there are several")],
    discussion: "FILE holds emailAuthenticationMethodConfiguration; - reads it from standard input."
  ) { invocation in
    let file = invocation.operands[0]
    func bytes() throws(SystemCallError) -> [UInt8]? {
      if file == "-" { return try FileDescriptor.standardInput().readAll(limit: 65536) }
      return try FileDescriptor.openForReading(file).readAll(limit: 65536)
    }
    guard let bytes = try? bytes(), !bytes.isEmpty else {
      throw CommandFault(.badInput, "\(file) cannot be read, is empty, or has more than 64 KiB")
    }
    let configuration = try EmailMethodConfiguration(json: bytes, file: file)
    try edit(invocation) { document throws(TenantFaults) in
      try document.applying(configuration, toTenant: invocation.string("tenant"))
    }
    return .done
  }

  /// Reads, changes, checks and replaces the tenants file, one process at a time.
  private static func edit(
    _ invocation: Invocation, _ change: (TenantsDocument) throws(TenantFaults) -> TenantsDocument
  ) throws {
    let installation = try Installation(invocation)
    guard let path = installation.settings.tenants else {
      throw CommandFault(
        .configuration,
        "\(installation.settings.file): tenants: is not set, so there is no tenants file to change")
    }
    let url = URL(fileURLWithPath: path)
    let directory = try Directory(url.deletingLastPathComponent().path)
    let lock = try FileLock.lock("\(path).lock")
    defer { withExtendedLifetime(lock) {} }
    let document = try change(try TenantsDocument(path: path))
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? UInt32 ?? 0o600
    try directory.publish(
      document.bytes, as: url.lastPathComponent, mode: mode, through: directory,
      named: ".\(url.lastPathComponent).\(ProcessInfo.processInfo.processIdentifier)")
    Terminal.print(invocation.isJSON ? "{\"changed\":true}" : "changed \(path)")
  }
}
