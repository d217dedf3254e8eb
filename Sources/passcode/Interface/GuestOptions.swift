internal import CodeRequests
internal import CommandVerbs

/// The options that name a guest.
enum GuestOptions {
  static let all: [Verb.Option] = [
    .value("to", "ADDR", "the guest's address"),
    .value("tenant", "T", "tenant id, name, verified domain, or a sign-in link"),
  ]
}

extension Invocation {
  /// `--to`, which is required.
  func recipient() throws -> EmailAddress { try EmailAddress(try required("to")) }
}
