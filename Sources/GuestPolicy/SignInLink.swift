package import CodeRequests
internal import FoundationEssentials

/// What a sign-in link says about the tenant.
///
/// Four shapes name one, on any host that the directory accepts:
/// - `https://apps.example/?tenantid=<id>`
/// - `https://apps.example/<verified domain>`
/// - `https://portal.example/<tenant id>`
/// - `https://apps.example/signin/<app>/<app id>?tenantId=<id>`
///
/// and a bare `https://apps.example/`, `/common` or `/organizations` is the common endpoint.
///
/// A link comes from outside, so that it is read strictly and never opened: whatever two programs might read in two
/// ways (encoded letters, a user name before the host, the same parameter twice) is refused with a fault that does
/// not repeat the link.
package enum SignInLink: Hashable, Sendable {
  case tenantID(String)
  /// One path segment: a verified domain or a tenant id.
  case tenantIDOrDomain(String)
  case commonEndpoint

  /// Longest link that is read, in bytes.
  package static let maximumSize = 2048

  /// Paths of the common endpoint.
  static let commonEndpoints = ["common", "organizations"]

  /// True for what can only be meant as a link: ids, names and domains hold neither `/` nor `:`.
  package static func looksLikeLink(_ text: String) -> Bool {
    text.utf8.contains { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "\\") }
  }

  /// The host of a link in A-labels, and what the link names; the fault's field is `tenant`.
  package static func parse(_ text: String) throws(RequestFault) -> (host: String, link: SignInLink) {
    guard text.utf8.count <= maximumSize else {
      throw fault("is a link of \(text.utf8.count) bytes; at most \(maximumSize) are read")
    }
    guard firstControlCharacter(in: text) == nil,
      !text.unicodeScalars.contains(where: {
        $0.properties.isWhitespace || $0.properties.generalCategory == .format
      })
    else { throw fault("is a link with white space, invisible or control characters") }
    if text.utf8.contains(UInt8(ascii: "\\")) {
      throw fault("is a link with a backslash, which browsers read as /")
    }
    if text.utf8.contains(UInt8(ascii: "#")) { throw fault("is a link with a fragment (#); leave it out") }

    var rest = try afterScheme(text)
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    rest = rest.dropFirst(authority.count)
    let host = try self.host(of: authority)

    let path = rest.prefix { $0 != "?" }
    let query = rest.dropFirst(path.count + 1)
    let parameter = try tenantParameter(in: query)
    var segments = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
    if segments.last?.isEmpty == true { segments.removeLast() }
    return (host, try link(Array(segments), parameter))
  }

  private static func fault(_ message: String) -> RequestFault { RequestFault(field: "tenant", message) }

  private static func afterScheme(_ text: String) throws(RequestFault) -> Substring {
    for scheme in ["https://", "http://"] where text.prefix(scheme.count).lowercased() == scheme {
      return text.dropFirst(scheme.count)
    }
    throw fault("is not an https or http link; expected such as https://apps.example/?tenantid=…")
  }

  private static func host(of authority: Substring) throws(RequestFault) -> String {
    if authority.utf8.contains(UInt8(ascii: "@")) {
      throw fault("is a link with a user name before its host, which hides where it leads")
    }
    if authority.utf8.contains(UInt8(ascii: "%")) { throw fault("is a link with an encoded host") }
    let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
    if parts.count > 1 {
      guard parts.count == 2, let port = UInt16(parts[1]), port > 0, parts[1].utf8.first != UInt8(ascii: "+")
      else {
        throw fault("is a link with a bad port")
      }
    }
    return try EmailAddress.canonical(
      domain: String(parts[0]),
      { _ in fault("is a link without a host name; expected such as https://apps.example/") }
    )
  }

  /// The value of the one `tenantid` parameter, in any case. Others are let pass unless their names are encoded:
  /// another reader might decode such a name to `tenantid`.
  private static func tenantParameter(in query: Substring) throws(RequestFault) -> String? {
    var found: String?
    // Some servers split at ; as well.
    for part in query.split(whereSeparator: { $0 == "&" || $0 == ";" }) {
      let name = part.prefix { $0 != "=" }
      if name.utf8.contains(UInt8(ascii: "%")) || name.utf8.contains(UInt8(ascii: "+")) {
        throw fault("is a link with an encoded parameter name; write the names out")
      }
      guard name.lowercased() == "tenantid" else { continue }
      if found != nil { throw fault("is a link with more than one tenantid; give one") }
      found = String(part.dropFirst(name.count + 1))
    }
    guard let found else { return nil }
    guard isPlain(found) else {
      throw fault(
        "is a link whose tenantid is empty or holds something other than letters, digits, - _ and .")
    }
    return found
  }

  private static func link(_ segments: [Substring], _ parameter: String?) throws(RequestFault) -> SignInLink {
    if segments.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." }) {
      throw fault("is a link with an empty or dotted part in its path")
    }
    switch (segments.count, parameter) {
    case (0, nil): return .commonEndpoint
    case (0, let id?): return .tenantID(id)
    case (1, nil):
      if commonEndpoints.contains(segments[0].lowercased()) { return .commonEndpoint }
      if segments[0].utf8.contains(UInt8(ascii: "%")) {
        throw fault("is a link with an encoded tenant; write it out")
      }
      guard isPlain(segments[0]) || TenantDirectory.canonical(domain: String(segments[0])) != nil else {
        throw fault("is a link whose path is neither a verified domain nor a tenant id")
      }
      return .tenantIDOrDomain(String(segments[0]))
    case (1, _?): throw fault("is a link that names a tenant twice, in its path and in tenantid; give one")
    case (3, let parameter) where segments[0].lowercased() == "signin":
      guard isApp(segments[1]), isPlain(segments[2]) else {
        throw fault("is a link with a bad app in its path; expected /signin/<app>/<app id>?tenantId=<id>")
      }
      guard let parameter else { throw fault("is a sign-in link of an app without ?tenantId=<id>") }
      return .tenantID(parameter)
    default:
      throw fault(
        "is not a sign-in link; expected /?tenantid=<id>, /<verified domain>, /<tenant id> or /signin/<app>/<app id>?tenantId=<id>"
      )
    }
  }

  private static func isPlain(_ text: some StringProtocol) -> Bool {
    !text.isEmpty && text.utf8.count <= 253
      && text.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
          true
        default: false
        }
      }
  }

  /// An app's name may be encoded (`My%20App`), as long as no path could hide in it.
  private static func isApp(_ text: Substring) -> Bool {
    guard let name = text.percentDecoded, name != ".", name != "..",
      firstControlCharacter(in: name) == nil
    else { return false }
    return !name.contains { "/\\%?#@".contains($0) }
  }
}
