/// A token that a relay takes in place of a password. Its description hides it.
struct BearerToken: Sendable, CustomStringConvertible {
  let bytes: [UInt8]
  /// From the moment it was asked for.
  let lifetime: Duration
  /// What the endpoint said that it is for; nil where it said nothing, which means all that was asked for.
  let scope: String?

  var description: String { "••••••" }
}

/// What a token endpoint answered, before it is understood.
struct TokenReply {
  var status = 0
  var contentType: String?
  var body: [UInt8] = []
  /// What Retry-After said.
  var retryAfter: Duration?
  /// Seconds since 1970 by its Date header.
  var date: Int?
  /// The endpoint's clock against ours, where it said what time it is: above zero where ours is ahead.
  var clockLead: Duration?
}
