internal import Documents
package import LinuxSystem

extension TenantDirectory {
  /// The most that a tenants file may hold, in bytes.
  package static let maximumSize = 16 * 1024 * 1024

  /// Reads and checks a tenants file.
  ///
  /// - Parameter trust: whose file it may be.
  package init(path: String, trust: FileTrust = .anybody) throws(TenantFaults) {
    try self.init(json5: try Self.bytes(of: path, trust: trust), file: path)
  }

  /// The bytes of a file, bounded.
  package static func bytes(of path: String, trust: FileTrust = .anybody) throws(TenantFaults) -> [UInt8] {
    func fault(_ message: String) -> TenantFaults {
      TenantFaults([TenantFault(.unreadable, message, file: path)])
    }
    // Before it is opened: then nobody who is not believed can put another in its place.
    if let problem = trust.problem(of: path) { throw fault("is not believed: \(problem)") }
    let bytes: [UInt8]?
    do throws(SystemCallError) {
      bytes = try FileDescriptor.contents(of: path, limit: maximumSize)
    } catch {
      throw fault(
        error.isNotFound
          ? "does not exist; make it, or take tenants out of the configuration for one tenant with passcodes on"
          : "cannot be read: \(error.reason)")
    }
    guard let bytes else { throw fault("has more than \(maximumSize) bytes, the most that is read") }
    return bytes
  }

  /// Checks the text of a tenants file.
  ///
  /// - Parameter file: what messages call it.
  package init(json5 bytes: [UInt8], file: String) throws(TenantFaults) {
    self = try Self.reading(bytes, file: file).directory
  }

  static func reading(
    _ bytes: [UInt8], file: String
  ) throws(TenantFaults) -> (directory: TenantDirectory, document: Document) {
    var checker = TenantsFileChecker()
    let document = try checker.document(bytes, file: file)
    guard let directory = checker.directory(of: document.node), checker.faults.isEmpty else {
      throw TenantFaults(checker.faults)
    }
    return (directory, document)
  }
}
