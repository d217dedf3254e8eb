public import FoundationEssentials

/// What a typed code turned out to be.
///
/// There is no Boolean on purpose: only `.verified` signs anybody in, and it carries what a frontend needs to go on.
public enum Verification: Sendable, Equatable {
  /// The code was right and is used up now. `session` begins here.
  case verified(Session)
  /// The code was wrong, and the attempt is counted. With 0 left, the next answer is `.locked`.
  case incorrect(attemptsLeft: Int)
  /// The challenge's passcodes are dead; ask for a new one.
  case expired
  /// A passcode of the challenge has been used before.
  case used
  /// Too many wrong codes: this challenge, or this subject, takes no more.
  case locked
  /// No challenge has this id.
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

/// A sign-in that lasts until `expiresAt`, unless it is ended before.
public struct Session: Sendable, Equatable {
  /// 54 characters of base64url: 64 bits that find the record, and 256 random ones. The records hold its SHA-256 only:
  /// this is the one time it is told.
  public let token: SessionToken
  /// When it ends by itself.
  public let expiresAt: Date

  package init(
    token: SessionToken, expiresAt: Date
  ) {
    self.token = token
    self.expiresAt = expiresAt
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
  /// The address with most of its local part hidden.
  public let recipient: String?

  package init(
    expiresAt: Date, startedAt: Date, tenant: String?, purpose: String, recipient: String?
  ) {
    self.expiresAt = expiresAt
    self.startedAt = startedAt
    self.tenant = tenant
    self.purpose = purpose
    self.recipient = recipient
  }
}
