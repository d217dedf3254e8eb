internal import CommandVerbs
internal import Documents
internal import GuestPolicy
internal import PasscodeService

extension Verbs {
  static let tenantList = Verb(
    path: ["tenant", "list"], summary: "list the tenants and whether their guests get passcodes"
  ) { invocation in
    let reports = try Service(invocation).allTenants()
    if invocation.isJSON {
      for report in reports { Rows.print(json: report.fill) }
    } else {
      Rows.print(columns: TenantReport.columns, rows: reports.map(\.cells))
    }
    return .done
  }
}
