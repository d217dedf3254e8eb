internal import CodeRequests
internal import Documents

/// The text of a tenants file together with what it says, for editing by command.
///
/// An edit replaces the bytes of one value and leaves every other byte alone, comments and formatting among them. The
/// result is checked by the same loader as any file: a value that it does not take leaves the document as it was.
package struct TenantsDocument: Sendable {
  package let bytes: [UInt8]
  /// What messages call it.
  package let file: String
  package let directory: TenantDirectory
  private let document: Document

  /// Checks a text before it is edited.
  package init(json5 bytes: [UInt8], file: String) throws(TenantFaults) {
    (directory, document) = try TenantDirectory.reading(bytes, file: file)
    self.bytes = bytes
    self.file = file
  }

  /// Reads and checks a file.
  package init(path: String) throws(TenantFaults) {
    try self.init(json5: try TenantDirectory.bytes(of: path), file: path)
  }

  /// The position of a tenant by id, name or domain; nil means the only one.
  package func index(ofTenant reference: String?) throws(TenantFaults) -> Int {
    func fault(_ message: String) -> TenantFaults {
      TenantFaults([TenantFault(.unknownTenant, message, file: file)])
    }
    let names = directory.tenants.map(\.name)
    let shown = names.prefix(8).joined(separator: ", ") + (names.count > 8 ? ", …" : "")
    guard let reference else {
      guard names.count == 1 else { throw fault("has \(names.count) tenants; name one of \(shown)") }
      return 0
    }
    let tenant =
      directory.tenant(id: reference) ?? directory.tenant(name: reference)
      ?? directory.tenant(domain: reference)
    guard let tenant, let index = directory.tenants.firstIndex(where: { $0.id == tenant.id }) else {
      throw fault(
        unknownName(
          "has no such tenant", nearest: nearest(to: reference, in: names), known: "there are \(shown)"))
    }
    return index
  }

  /// The document with values of one tenant set.
  ///
  /// - Parameter tenant: id, name or domain; nil means the only tenant.
  /// - Throws: what the loader finds in the result.
  package func setting(
    _ assignments: [TenantAssignment], ofTenant tenant: String?
  ) throws(TenantFaults) -> TenantsDocument {
    let index = try index(ofTenant: tenant)
    // The loader sees the end result only: two keys that need each other may come in either order.
    var document = document
    for assignment in assignments {
      var edit = DocumentEdit(document)
      edit.set(assignment.keys, to: assignment.value, in: [.key("tenants"), .index(index)])
      do { document = try Document(edit.bytes, file: file) } catch {
        throw TenantFaults([TenantFault(error)])
      }
    }
    return try TenantsDocument(json5: document.bytes, file: file)
  }
}
