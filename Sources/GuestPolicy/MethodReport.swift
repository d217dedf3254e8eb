package import CodeRequests
package import Documents
package import FoundationEssentials

/// The answer to "how does this guest sign in, and why?": what `method` prints. Its JSON is the verb's.
package struct MethodReport: Hashable, Sendable {
  /// Redacted.
  package let to: String
  package let tenant: String
  /// Nil without a tenants file and at the common endpoint.
  package let tenantID: String?
  /// `passcode` or another.
  package let method: String
  package let url: String?
  /// Short and stable, for scripts.
  package let rule: String
  /// One sentence, for people.
  package let explanation: String
  /// What the tenant's switch came to, such as `default-on`.
  package let passcodes: String
  /// How the guest redeemed before; nil where the guest has not.
  package let redeemedBy: String?

  /// Decides and reports; `tenant` has been resolved, and `redemption` looked up in the records of that tenant.
  ///
  /// - Throws: a fault of the field `accounts` where one is not a name.
  package init(
    for address: EmailAddress, of tenant: Tenant, accounts: [String], redemption: Redemption, now: Date
  ) throws(RequestFault) {
    guard accounts.allSatisfy({ isSlug($0, maximum: 64) }) else {
      throw RequestFault(
        field: "accounts", "holds something other than names such as directory, microsoft, google or password"
      )
    }
    let decision = tenant.decide(for: address, accounts: accounts, redemption: redemption, now: now)
    to = address.redacted
    self.tenant = tenant.name
    tenantID = tenant.isOfFile ? tenant.id : nil
    method = decision.method.rawValue
    url = decision.url
    rule = decision.rule.rawValue
    explanation = decision.rule.explanation
    passcodes = decision.switchState.rawValue
    redeemedBy = redemption.stored
  }

  package func fill(_ line: inout JSONLine) {
    line.add("recipient", to)
    line.add("tenant", tenantID)
    line.add("tenantName", tenant)
    line.add("method", method)
    line.add("url", url)
    line.add("rule", rule)
    line.add("reason", explanation)
    line.add("passcodes", passcodes)
    line.add("redeemedBy", redeemedBy)
  }

  /// Labels and values in the order a person reads them.
  package var fields: [(label: String, value: String)] {
    var fields = [("guest", SpokenDomain.inAddress(to)), ("tenant", tenant), ("method", method)]
    if let url { fields.append(("go to", url)) }
    fields += [("rule", rule), ("because", explanation), ("passcodes", passcodes)]
    if let redeemedBy { fields.append(("redeemed by", redeemedBy)) }
    return fields.map { (label: $0.0, value: $0.1) }
  }
}
