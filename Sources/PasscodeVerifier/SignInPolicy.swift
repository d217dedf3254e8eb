package import CodeRequests
internal import FoundationEssentials
package import GuestPolicy
internal import LinuxSystem

/// Whose codes are taken: the tenants file, followed as the worker follows it.
///
/// The worker decided when it sent the code; since then a tenant may have turned passcodes off, or the guest may have
/// redeemed in another way. So the same pure decision is asked again when a code comes back.
///
/// A file that changes is read again at the next check. One that became faulty leaves the last good one in force, and the
/// worker's log says what is wrong with it.
public final class SignInPolicy: Sendable {
  private let tenants: Monitor<TenantDirectoryReloader>

  /// Without a tenants file: there is one tenant, and everybody may sign in by passcode.
  public static let everyone = SignInPolicy(TenantDirectoryReloader())

  /// Reads a tenants file: the one that `tenants` names in the worker's configuration.
  ///
  /// - Throws: every fault of the file with line, column and key. At the start there is no last good one.
  public convenience init(tenantsFile path: String) throws(TenantsFileError) {
    do throws(TenantFaults) { self.init(try TenantDirectoryReloader(path: path)) } catch {
      throw TenantsFileError(path: path, message: error.description)
    }
  }

  package init(_ tenants: TenantDirectoryReloader) { self.tenants = Monitor(tenants) }

  /// The tenant that a reference means: id, name, verified domain or sign-in link.
  package func tenant(_ reference: String?) throws(RequestFault) -> Tenant {
    try directory(at: Date()).resolve(reference)
  }

  func directory(at now: Date) -> TenantDirectory {
    tenants.withLock { tenants in
      _ = tenants.refresh(now: now)
      return tenants.directory
    }
  }
}

extension SignInPolicy {
  /// Stands for a tenant that nobody knows; no id of a file begins with an asterisk.
  private static let unknown = "*unknown"

  /// What records hold for the tenant that `reference` means: nil without a tenants file.
  func tenantID(_ reference: String?) -> String? {
    guard let tenant = try? tenant(reference) else { return Self.unknown }
    return tenant.id == Tenant.only.id ? nil : tenant.id
  }

  /// The same for a tenant that a challenge must be of. Without a tenants file no reference means any, so that whoever
  /// expects one gets what records have under that very name: nothing.
  func expectedTenantID(_ reference: String) -> String {
    tenants.withLock { $0.directory.hasFile } ? tenantID(reference) ?? "" : reference
  }
}

/// Why a tenants file cannot be used.
public struct TenantsFileError: Error, Sendable, CustomStringConvertible {
  /// The file.
  public let path: String
  /// One fault a line: place, key, what was found, what is expected.
  public let message: String

  /// The message, which names the file.
  public var description: String { message }
}
