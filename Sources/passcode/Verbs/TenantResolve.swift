internal import CommandVerbs
internal import Documents
internal import GuestPolicy
internal import PasscodeService

extension Verbs {
  static let tenantResolve = Verb(
    path: ["tenant", "resolve"], summary: "tell which tenant a name, domain or sign-in link means",
    operands: ["[REFERENCE]"], discussion: "Without a reference: what a request without a tenant comes to."
  ) { invocation in
    let resolution = try Service(invocation).resolve(invocation.operands.first)
    if invocation.isJSON {
      Rows.print(json: resolution.fill)
    } else if let tenant = resolution.tenant {
      Rows.print(tenant.fields)
    } else {
      Terminal.print("the common endpoint: no tenant is named")
    }
    return .done
  }
}
