internal import CodeRequests
internal import Configuration
internal import FoundationEssentials
package import GuestPolicy
internal import LinuxSystem

extension Service {
  package func allTenants() throws -> [TenantReport] {
    try tenants().tenants.map { TenantReport($0, now: now()) }
  }

  /// The tenant that an id, name, verified domain or sign-in link means.
  package func tenant(named reference: String) throws -> Tenant { try tenants().resolve(reference) }

  package func report(on tenant: Tenant) -> TenantReport { TenantReport(tenant, now: now()) }

  /// - Parameter reference: nil: what a request without a tenant comes to.
  package func resolve(_ reference: String?) throws -> TenantResolution {
    try TenantResolution(reference, in: try tenants(), now: now())
  }

  /// Changes keys of a tenant in the tenants file, and keeps its comments.
  ///
  /// - Returns: the file.
  package func set(_ assignments: [TenantAssignment], ofTenant tenant: String) throws -> String {
    try editTenants { document throws(TenantFaults) in
      try document.setting(assignments, ofTenant: tenant)
    }
  }

  /// Takes a tenant's switch from a Graph resource.
  ///
  /// - Parameter tenant: which; needed where there are several.
  /// - Returns: the file.
  package func apply(_ configuration: EmailMethodConfiguration, toTenant tenant: String?) throws -> String {
    try editTenants { document throws(TenantFaults) in
      try document.applying(configuration, toTenant: tenant)
    }
  }

  /// Reads, changes, checks and replaces the tenants file, one process at a time. A running worker takes the change
  /// without a restart.
  private func editTenants(
    _ change: (TenantsDocument) throws(TenantFaults) -> TenantsDocument
  ) throws -> String {
    guard let path = installation.settings.tenants else {
      throw ConfigurationFault(
        file: installation.settings.file, key: "tenants", "is not set, so there is no tenants file to change")
    }
    let url = URL(fileURLWithPath: path)
    let directory = try Directory(url.deletingLastPathComponent().path)
    let lock = try FileLock.lock("\(path).lock")
    defer { withExtendedLifetime(lock) {} }
    let document = try change(try TenantsDocument(path: path))
    // Who could read it can read it still: the worker, whose file it may be or not.
    let status = try FileStatus.following(path)
    try directory.publish(
      document.bytes, as: url.lastPathComponent, mode: status.mode & 0o777, likeThatOf: status,
      through: directory,
      named: ".\(url.lastPathComponent).\(CurrentProcess.identifier)")
    return path
  }
}
