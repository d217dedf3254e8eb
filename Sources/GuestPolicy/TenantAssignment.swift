internal import CodeRequests
internal import Documents

/// `key=value` as a person types it, with the key checked: what `tenant set` changes.
package struct TenantAssignment: Hashable, Sendable {
  /// `["passcodes"]`, `["whenOff", "url"]`, `["federatedDomains", "gmail.com"]`.
  let keys: [String]
  let value: DocumentEdit.Value

  /// What can be set. The id is not among it: records, limits and sessions count by it.
  package static let known =
    TenantsFile.tenantKeys.filter { $0 != "id" } + TenantsFile.whenOffKeys.map { "whenOff.\($0)" }
    + TenantsFile.senderKeys.map { "sender.\($0)" }

  private static let structured = ["domains", "federatedDomains", "whenOff", "sender"]

  /// Of a key and a text value.
  init(_ key: String, text: String) {
    keys = [key]
    value = .text(text)
  }

  /// Reads `passcodes=disabled`, `whenOff.url=https://…`, `federatedDomains.gmail.com=google`, `locale=null` (as if
  /// left out), and for lists and objects JSON5: `domains=["a.example"]`.
  package init(parsing argument: String) throws(TenantFault) {
    func fault(_ code: TenantFault.Code, _ message: String, key: String = "") -> TenantFault {
      TenantFault(code, message, file: "tenant set", keyPath: key)
    }
    guard let (key, text) = argument.pair() else {
      throw fault(.badValue, "needs KEY=VALUE, such as passcodes=disabled")
    }
    let parts = key.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let isFederation = parts.count == 2 && parts[0] == "federatedDomains" && !parts[1].isEmpty
    guard Self.known.contains(key) || isFederation else {
      if key == "id" { throw fault(.badValue, "cannot be changed: records and limits count by it", key: key) }
      throw fault(
        .unknownKey,
        unknownName(
          "is not a key that can be set", nearest: nearest(to: key, in: Self.known),
          known: "known are \(Self.known.joined(separator: ", "))"),
        key: key)
    }
    keys = parts
    if text == "null" {
      value = .source("null")
    } else if Self.structured.contains(key) || key == "footer" && text.hasPrefix("[") {
      do {
        let document = try Document(Array(text.utf8))
        // Only the value: a comment after it would swallow what follows in the file.
        value = .source(String(decoding: document.bytes[document.root.range], as: UTF8.self))
      } catch {
        throw fault(.syntax, "needs a list or an object in JSON5: \(error.message)", key: key)
      }
    } else {
      value = .text(text)
    }
  }
}
