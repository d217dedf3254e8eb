internal import CodeRequests
internal import CommandVerbs
internal import Documents

/// The options that name a guest.
enum GuestOptions {
  static let all: [Verb.Option] = [
    .value("to", "ADDR", "the guest's address"),
    .value("tenant", "T", "tenant id, name, verified domain, or a sign-in link"),
  ]
}

extension Invocation {
  /// `--account`, as often as it is given. Frontends are free in these names, so one that nobody knows is taken, unless it
  /// looks like a slip of one that is known.
  func accounts(known: [String]) throws -> [String] {
    let accounts = strings("account")
    for account in accounts where !known.contains(account.lowercased()) {
      guard let near = nearest(to: account, in: known) else { continue }
      throw CommandFault.usage("--account does not know '\(account.prefix(40))'; did you mean \(near)?")
    }
    return accounts
  }

  /// `--to`, which is required.
  func recipient() throws -> EmailAddress { try EmailAddress(try required("to")) }
}
