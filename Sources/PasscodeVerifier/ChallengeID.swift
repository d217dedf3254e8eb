public import CodeRequests
internal import RecordKeys

/// Names a challenge: the id of its request, or of a resend of it. Who knows it may answer the challenge, so printing it
/// shows `••••••`.
///
/// Any text will do, whatever a browser sent: one that is no id names no challenge, and takes as long to find that out.
public struct ChallengeID: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable
{
  /// SHA-256 of the id; all that the records have of it.
  package let hash: [UInt8]

  /// An id as a client sent it.
  public init(_ text: String) { hash = Digest.sha256((try? RequestID(text))?.rawValue ?? "") }

  /// The id that a request was made with.
  public init(_ id: RequestID) { hash = Digest.sha256(id.rawValue) }

  /// `••••••`, whatever it is.
  public var description: String { "••••••" }
  /// `••••••`, whatever it is.
  public var debugDescription: String { "••••••" }
  /// Nothing.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
