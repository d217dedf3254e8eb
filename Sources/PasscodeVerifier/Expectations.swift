public import CodeRequests
internal import Records

/// Who is expected to answer a challenge: what a frontend knows itself of the sign-in that it began. Whatever is given must
/// fit the challenge, else the answer is `.unknown` and no attempt is counted.
///
/// A frontend that leaves the id to the browser needs it. Else somebody asks for a code to his own mailbox, hands in that
/// challenge's id and code in another's sign-in, and is taken for the other.
public struct Expectations: Sendable {
  /// Any spelling of the address.
  public var recipient: EmailAddress?
  /// Id, name, verified domain or sign-in link, as in the request. One that the policy does not know fits no challenge.
  public var tenant: String?
  /// What the code is to be for.
  public var purpose: Purpose?

  /// Expects what is given; nil: any.
  public init(recipient: EmailAddress? = nil, tenant: String? = nil, purpose: Purpose? = nil) {
    self.recipient = recipient
    self.tenant = tenant
    self.purpose = purpose
  }

  /// As records have it.
  func resolved(by policy: SignInPolicy) -> AttemptExpectation {
    AttemptExpectation(
      recipient: recipient, tenant: tenant.map(policy.expectedTenantID), purpose: purpose?.rawValue)
  }
}
