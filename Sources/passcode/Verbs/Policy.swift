internal import CodeRequests
internal import CommandVerbs
internal import FoundationEssentials
internal import GuestPolicy
internal import MailWorker
internal import PasscodeService
internal import PasscodeVerifier
internal import Records

extension Verbs {
  private static let who: [Verb.Option] = [
    .value("to", "ADDR", "the guest's address"),
    .value("tenant", "T", "tenant id, name, verified domain, or a sign-in link"),
  ]

  static let method = Verb(
    path: ["method"], summary: "tell how a guest signs in, and which rule decides it",
    options: who + [
      .repeated("account", "KIND", "another way this guest can sign in, such as directory or google")
    ],
    discussion: "The same rules decide when the worker admits a request."
  ) { invocation in
    let installation = try Installation(invocation)
    let address = try EmailAddress(try invocation.required("to"))
    let (tenant, id) = try installation.tenant(invocation.string("tenant"))
    let report = try MethodReport(
      for: address, of: tenant, accounts: invocation.strings("account"),
      redemption: try installation.records().redemption(of: address, tenant: id), now: Date())
    if invocation.isJSON { try Rows.print(json: report) } else { Rows.print(report.fields) }
    return .done
  }

  static let guestShow = Verb(
    path: ["guest", "show"], summary: "tell how a guest redeemed, and whether the guest is locked",
    options: who
  ) { invocation in
    let installation = try Installation(invocation)
    let address = try EmailAddress(try invocation.required("to"))
    let (tenant, id) = try installation.tenant(invocation.string("tenant"))
    let guest = try installation.records().guest(address, tenant: id, now: Date())
    if invocation.isJSON {
      var line = JSONLine()
      line.add("to", address.redacted)
      line.add("tenant", id)
      line.add("redeemedBy", guest.redemption.stored)
      line.add("redeemedAt", guest.redeemedAt?.rfc3339)
      line.add("failuresInARow", guest.failuresInARow)
      line.add("lockedUntil", guest.lockedUntil?.rfc3339)
      line.add("lockedForGood", guest.isLockedForGood)
      Terminal.print(line.text)
    } else {
      Rows.print([
        ("guest", address.redacted), ("tenant", tenant.name),
        (
          "redeemed by",
          guest.redemption.stored.map { "\($0) at \(guest.redeemedAt?.rfc3339 ?? "?")" } ?? "not yet"
        ),
        ("wrong codes in a row", "\(guest.failuresInARow)"),
        (
          "locked",
          guest.isLockedForGood
            ? "until guest reset" : guest.lockedUntil.map { "until \($0.rfc3339)" } ?? "no"
        ),
      ])
    }
    return .done
  }

  static let guestRedeem = Verb(
    path: ["guest", "redeem"], summary: "note that a guest has signed in another way",
    options: who + [.value("method", "KIND", "how, such as google, microsoft or directory")],
    discussion: """
      For frontends: who redeems in another way keeps it when passcodes are turned on later. The first redemption
      sticks until guest reset; a verified code notes itself.
      """
  ) { invocation in
    let installation = try Installation(invocation)
    let address = try EmailAddress(try invocation.required("to"))
    guard let method = SignInMethod(try invocation.required("method")), method != .passcode else {
      throw CommandFault.usage("--method takes a name such as google or microsoft, and not passcode")
    }
    let (_, id) = try installation.tenant(invocation.string("tenant"))
    let redemption = try installation.records().redeem(address, tenant: id, by: method, now: Date())
    if invocation.isJSON {
      var line = JSONLine()
      line.add("redeemedBy", redemption.stored)
      Terminal.print(line.text)
    } else {
      Terminal.print("redeemed by \(redemption.stored ?? "nothing")")
    }
    return .done
  }

  static let guestReset = Verb(
    path: ["guest", "reset"], summary: "forget how a guest redeemed, and open the guest's locks",
    options: who,
    discussion: "The next sign-in decides anew. Open challenges keep the attempts they have spent."
  ) { invocation in
    let installation = try Installation(invocation)
    let address = try EmailAddress(try invocation.required("to"))
    let (_, id) = try installation.tenant(invocation.string("tenant"))
    let isReset = try installation.records().reset(address, tenant: id, now: Date())
    if invocation.isJSON {
      var line = JSONLine()
      line.add("reset", isReset)
      Terminal.print(line.text)
    } else {
      Terminal.print(isReset ? "reset" : "there was nothing to reset")
    }
    return .done
  }
}
