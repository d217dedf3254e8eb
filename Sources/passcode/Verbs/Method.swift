internal import CommandVerbs
internal import Documents
internal import GuestPolicy
internal import PasscodeService

extension Verbs {
  static let method = Verb(
    path: ["method"], summary: "tell how a guest signs in, and which rule decides it",
    options: GuestOptions.all + [
      .repeated("account", "KIND", "another way this guest can sign in, such as directory or google")
    ],
    discussion: "The same rules decide when the worker admits a request."
  ) { invocation in
    let service = try Service(invocation)
    let report = try service.method(
      for: try invocation.recipient(), tenant: invocation.string("tenant"),
      accounts: try invocation.accounts(known: service.knownAccounts()))
    if invocation.isJSON { Rows.print(json: report.fill) } else { Rows.print(report.fields) }
    return .done
  }
}
