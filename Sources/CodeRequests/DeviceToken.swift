internal import LinuxSystem

/// What a sign-in hands to a browser, for its next requests to bring: who brings it has read that mailbox before, so that
/// nobody else can use up its limits. It signs nobody in. Printing or logging it shows `••••••`; `reveal()` gives the text.
public struct DeviceToken: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  /// The longest text that is looked at, in bytes.
  package static let maximum = 256

  private let text: SecretBytes

  /// A token as a browser sent it; any text will do, only one that was given out is ever good.
  public init(_ text: String) { self.text = SecretBytes(text) }

  /// The text itself.
  public func reveal() -> String { text.withBytes { String(decoding: $0, as: UTF8.self) } }

  /// Lends the text in UTF-8, without a copy.
  package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try text.withBytes(body)
  }

  /// `••••••`.
  public var description: String { "••••••" }
  /// `••••••`.
  public var debugDescription: String { "••••••" }
  /// Nothing.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
