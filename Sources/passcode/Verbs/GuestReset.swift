internal import CommandVerbs
internal import Documents
internal import PasscodeService

extension Verbs {
  static let guestReset = Verb(
    path: ["guest", "reset"],
    summary: "forget how a guest first signed in, empty its windows, and end its sessions and devices",
    options: GuestOptions.all,
    discussion: "The next sign-in decides anew. Open challenges keep the attempts they have spent."
  ) { invocation in
    let service = try Service(invocation)
    let isReset = try service.reset(try invocation.recipient(), tenant: invocation.string("tenant"))
    invocation.answer(isReset ? "reset" : "there was nothing to reset") { line in
      line.add("reset", isReset)
    }
    return .done
  }
}
