internal import Branding

/// The keys of a tenants file, each with what it takes and what it is for: the checker, `tenant set` and the reference
/// go by these. All of them are optional to who reads the file: what has to be there is checked where a message can name
/// its place.
package enum TenantsFile {
  struct Key: Sendable {
    let name: String
    let accepts: String
    /// What holds without it; nil where it must be there.
    let absence: String?
    let meaning: String

    init(_ name: String, _ accepts: String, else absence: String?, _ meaning: String) {
      (self.name, self.accepts, self.absence, self.meaning) = (name, accepts, absence, meaning)
    }
  }

  private static let root = [
    Key(
      "commonEndpoint", names(TenantDirectory.CommonEndpoint.self), else: "\"allowed\"",
      "Whether a request may name no tenant."),
    Key(
      "signInHosts", "a list of hosts", else: "any host",
      "Hosts that sign-in links may have; a link only names a tenant and is never opened."),
    Key("tenants", "a list of objects", else: nil, "The organisations that guests sign in to, at least one."),
  ]

  private static let tenant = [
    Key(
      "id", "1 to 64 letters, digits, - _ and .", else: nil,
      "What records, limits and sessions count by, such as a GUID. It stays as it is."),
    Key(
      "name", "a text", else: nil, "The name that guests know it by, and its folder under Templates/tenants/."
    ),
    Key(
      "domains", "a list of domains", else: "none", "Verified domains, by which requests may name it as well."
    ),
    Key(
      "passcodes", names(Tenant.Switch.self), else: "\"default\"",
      "The switch; default: on, but before autoEnableAt and in the government cloud."),
    Key("autoEnableAt", "RFC 3339", else: "no date", "The moment from which default means on."),
    Key("cloud", names(Tenant.Cloud.self), else: "\"public\"", "Where it lives; decides what default means."),
    Key(
      "federatedDomains", "`{ \"DOMAIN\": \"METHOD\" }`", else: "none",
      "Domains of guests whose provider it federates with: they sign in there."),
    Key(
      "whenOff", "an object", else: "an administrator is to be asked",
      "What guests do where passcodes are off."),
    Key(
      "locale", "a language tag", else: "defaultLocale",
      "The language of its mails where the request names none."),
    Key(
      "timeZone", "a time zone of the IANA database, such as Europe/Stockholm", else: "the installation's",
      "By whose clock its mails tell when a code was asked for."),
    Key("sender", "an object", else: "the installation's", "Who its mails come from."),
    Key("app", "a text", else: "the installation's", "How its mails name the service."),
    Key(
      "accent", "a colour, #rrggbb or #rgb", else: "the installation's",
      "The colour of its mails: bar, text mark and the box around the code."),
    Key(
      "logo", "a text of at most \(Brand.longestLogo) characters", else: "the installation's, else app",
      "A text mark at the head of its mails."),
    Key(
      "footer", "a text, or a list of at most \(Brand.mostFooterLines) lines", else: "the installation's",
      "The company's details at the foot of its mails."),
  ]

  private static let whenOff = [
    Key(
      "method", "lower-case letters, digits and hyphens", else: nil,
      "How they sign in, such as microsoft-account."),
    Key("url", "an absolute URL", else: "none", "Where they go for it."),
  ]

  private static let sender = [
    Key("name", "a text", else: "none", "The name in From."),
    Key("address", "an address", else: nil, "The address in From."),
  ]

  static let keys = root.map(\.name)
  static let tenantKeys = tenant.map(\.name)
  static let whenOffKeys = whenOff.map(\.name)
  static let senderKeys = sender.map(\.name)

  private static func names<Value: RawRepresentable & CaseIterable>(_ type: Value.Type) -> String
  where Value.RawValue == String {
    Value.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
  }

  /// Every key with the place that it stands in, such as `tenants[].whenOff.url`, in the order of the reference.
  private static var places: [(path: String, key: Key)] {
    root.map { ($0.name, $0) }
      + tenant.flatMap { key -> [(String, Key)] in
        let place = "tenants[].\(key.name)"
        let members = key.name == "whenOff" ? whenOff : key.name == "sender" ? sender : []
        return [(place, key)] + members.map { ("\(place).\($0.name)", $0) }
      }
  }

  package static var paths: [String] { places.map(\.path) }

  /// The reference as a page of the documentation.
  package static var page: String {
    let rows = places.map { path, key in
      "| `\(path)` | \(key.accepts) | \(key.absence ?? "must be there") | \(key.meaning) |"
    }
    return """
      # Keys of the tenants file

      What each key takes, what holds where it is missing, and what it is for. `Config/tenants.json5` shows all of them in
      use; the configuration's `tenants` names the file.

      Made from the keys that the reader goes by; a test compares the two and says how this page is made anew.

      | key | takes | missing | meaning |
      | --- | --- | --- | --- |
      \(rows.joined(separator: "\n"))

      """
  }
}
