public import CodeRequests
public import FoundationEssentials

/// What a typed code turned out to be.
///
/// There is no Boolean on purpose: only `.verified` signs anybody in, and it carries what a frontend needs to go on.
public enum Verification: Sendable, Equatable {
  /// The code was right and is used up now. Whose it was stands in it: who signs in is who that names, and nobody else.
  case verified(VerifiedGuest)
  /// The code was wrong, and the attempt is counted. With 0 left, the next answer is `.locked`.
  case incorrect(attemptsLeft: Int)
  /// The challenge's passcodes are dead; ask for a new one.
  case expired
  /// A passcode of the challenge has been used before.
  case used
  /// Too many wrong codes: this challenge takes no more.
  case locked
  /// No challenge has this id, or it is not the one that was expected.
  case unknown
  /// Passcodes are switched off for this tenant.
  case refused

  /// Which of them it is, without what it carries.
  public var answer: VerificationAnswer {
    switch self {
    case .verified: .verified
    case .incorrect: .incorrect
    case .expired: .expired
    case .used: .used
    case .locked: .locked
    case .unknown: .unknown
    case .refused: .refused
    }
  }

  /// The word of the command line and of logs: `verified`, `incorrect`, ….
  public var name: String { answer.rawValue }
}

/// The kinds of `Verification`, by the words of the command line and of logs.
public enum VerificationAnswer: String, Sendable, CaseIterable {
  case verified, incorrect, expired, used, locked, unknown, refused
}

/// Who can read which mailbox, by a right code.
public struct VerifiedGuest: Sendable, Equatable {
  /// The address that the code was mailed to, as its request wrote it. Nil only for a challenge that a version before this
  /// field has opened.
  public let recipient: EmailAddress?
  /// The tenant's id; nil where there are no tenants.
  public let tenant: String?
  /// What the code was for.
  public let purpose: String
  /// Begins here; nil where the purpose begins none.
  public let session: Session?

  package init(recipient: EmailAddress?, tenant: String?, purpose: String, session: Session?) {
    self.recipient = recipient
    self.tenant = tenant
    self.purpose = purpose
    self.session = session
  }
}

/// A sign-in that lasts until `expiresAt`, unless it is ended before.
public struct Session: Sendable, Equatable {
  /// 54 characters of base64url: 64 bits that find the record, and 256 random ones. The records hold its SHA-256 only:
  /// this is the one time it is told.
  public let token: SessionToken
  /// When it ends by itself.
  public let expiresAt: Date
  /// For the browser to keep in a cookie for 90 days, and for its next requests to bring: who brings it has read that
  /// mailbox before, so that nobody else can use up its limits. It signs nobody in. This is the one time it is told.
  public let device: DeviceToken

  package init(
    token: SessionToken, expiresAt: Date, device: DeviceToken
  ) {
    self.token = token
    self.expiresAt = expiresAt
    self.device = device
  }
}

/// A session's token. Printing or logging it shows `••••••`; `reveal()` gives the text.
public struct SessionToken: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  private let text: String

  /// A token as a client sent it; any text will do, only a token that was given out is ever valid.
  public init(_ text: String) { self.text = text }

  /// The text itself.
  public func reveal() -> String { text }

  /// `••••••`.
  public var description: String { "••••••" }
  /// `••••••`.
  public var debugDescription: String { "••••••" }
  /// Nothing.
  public var customMirror: Mirror { Mirror(self, children: []) }
}

/// What the records say about a session token.
public enum SessionCheck: Sendable, Equatable {
  /// Signed in until then.
  case valid(SessionInfo)
  /// Never given out, ended by hand, or over.
  case invalid
}

/// Whose session it is.
public struct SessionInfo: Sendable, Equatable {
  /// When it ends by itself.
  public let expiresAt: Date
  /// When the code was verified.
  public let startedAt: Date
  /// The tenant's id; nil where there are no tenants.
  public let tenant: String?
  /// What the code was for.
  public let purpose: String
  /// The address that signed in. Nil only for a session that a version before this field has begun.
  public let recipient: EmailAddress?
  /// The device that the sign-in made known, as long as it is.
  public let device: DeviceToken?

  package init(
    expiresAt: Date, startedAt: Date, tenant: String?, purpose: String, recipient: EmailAddress?,
    device: DeviceToken?
  ) {
    self.expiresAt = expiresAt
    self.startedAt = startedAt
    self.tenant = tenant
    self.purpose = purpose
    self.recipient = recipient
    self.device = device
  }
}
