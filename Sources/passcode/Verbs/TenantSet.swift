internal import CommandVerbs
internal import Documents
internal import GuestPolicy
internal import PasscodeService

extension Verbs {
  static let tenantSet = Verb(
    path: ["tenant", "set"], summary: "change a tenant in the tenants file, keeping its comments",
    operands: ["TENANT", "KEY=VALUE…"],
    discussion: """
      For example: passcode tenant set Fabrikam passcodes=disabled. The file is checked before it is replaced; a running
      worker takes the change without a restart.
      """
  ) { invocation in
    let assignments = try invocation.operands.dropFirst().map { word throws(TenantFaults) in
      do throws(TenantFault) { return try TenantAssignment(parsing: word) } catch {
        throw TenantFaults([error])
      }
    }
    let file = try Service(invocation).set(assignments, ofTenant: invocation.operands[0])
    invocation.answer("changed \(file)") { $0.add("changed", true) }
    return .done
  }
}
