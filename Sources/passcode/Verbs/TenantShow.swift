internal import CommandVerbs
internal import Documents
internal import GuestPolicy
internal import PasscodeService

extension Verbs {
  static let tenantShow = Verb(
    path: ["tenant", "show"], summary: "show one tenant", operands: ["TENANT"],
    options: [.flag("graph", "as the Graph resource emailAuthenticationMethodConfiguration")]
  ) { invocation in
    let service = try Service(invocation)
    let tenant = try service.tenant(named: invocation.operands[0])
    if invocation.has("graph") {
      Terminal.print(EmailMethodConfiguration(of: tenant).json)
    } else if invocation.isJSON {
      Rows.print(json: service.report(on: tenant).fill)
    } else {
      Rows.print(service.report(on: tenant).fields)
    }
    return .done
  }
}
