internal import JSON5Text
internal import LinuxSystem

extension TenantDirectory {
  /// The most that a tenants file may hold, in bytes.
  package static let maximumSize = 16 * 1024 * 1024

  /// Reads and checks a tenants file.
  package init(path: String) throws(TenantFaults) {
    try self.init(json5: try Self.bytes(of: path), file: path)
  }

  /// The bytes of a file, bounded.
  package static func bytes(of path: String) throws(TenantFaults) -> [UInt8] {
    func fault(_ message: String) -> TenantFaults {
      TenantFaults([TenantFault(.unreadable, message, file: path)])
    }
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
    let outline: JSON5Outline
    do { outline = try JSON5Outline(bytes) } catch {
      let (line, column) = JSON5Outline.position(of: error.offset, in: bytes)
      throw TenantFaults([
        TenantFault(.syntax, "is not JSON5: \(error.message)", file: file, line: line, column: column)
      ])
    }
    var checker = TenantsFileChecker(outline: outline, file: file)
    checker.checkKeys()
    guard let entries: TenantsFile = checker.decode() else { throw TenantFaults(checker.faults) }
    let directory = checker.directory(of: entries)
    guard checker.faults.isEmpty else { throw TenantFaults(checker.faults) }
    self = directory
  }
}

/// The file as Foundation decodes it. Everything is optional here: what has to be there is checked where a message
/// can name its place.
struct TenantsFile: Decodable {
  struct Entry: Decodable {
    struct WhenOff: Decodable {
      var method: String?
      var url: String?
    }
    struct Sender: Decodable {
      var name: String?
      var address: String?
    }
    var id: String?
    var name: String?
    var domains: [String]?
    var passcodes: String?
    var autoEnableAt: String?
    var cloud: String?
    var federatedDomains: [String: String]?
    var whenOff: WhenOff?
    var locale: String?
    var sender: Sender?
    var app: String?
  }
  var commonEndpoint: String?
  var signInHosts: [String]?
  var tenants: [Entry]?

  static let keys = ["commonEndpoint", "signInHosts", "tenants"]
  static let tenantKeys = [
    "id", "name", "domains", "passcodes", "autoEnableAt", "cloud", "federatedDomains", "whenOff", "locale",
    "sender", "app",
  ]
  static let whenOffKeys = ["method", "url"]
  static let senderKeys = ["name", "address"]
}
