internal import CommandVerbs
internal import Documents
internal import GuestPolicy
internal import PasscodeService

extension Verbs {
  static let guestRedeem = Verb(
    path: ["guest", "redeem"], summary: "note that a guest has signed in another way",
    options: GuestOptions.all + [.value("method", "KIND", "how, such as google, microsoft or directory")],
    discussion: """
      A guest redeems an invitation by the first sign-in that succeeds, and goes on signing in that way until guest
      reset: by passcode, or by another method also when passcodes are turned on later. A verified code notes itself;
      frontends note other methods here. KIND is directory, microsoft, google, facebook, password, or what the
      tenants file names (federatedDomains, whenOff).
      """
  ) { invocation in
    let service = try Service(invocation)
    let address = try invocation.recipient()
    let known = try service.methods().map(\.rawValue)
    _ = try invocation.required("method")
    guard let name = try invocation.choice("method", of: known), let method = SignInMethod(name) else {
      throw CommandFault.usage("--method takes one of \(known.joined(separator: ", "))")
    }
    let redemption = try service.redeem(address, tenant: invocation.string("tenant"), by: method)
    invocation.answer("redeemed by \(redemption.stored ?? "nothing")") { line in
      line.add("redeemedBy", redemption.stored)
    }
    return .done
  }
}
