/// What somebody typed, as the characters that are compared. Printing it shows `••••••`.
///
/// Spaces, hyphens and zero-width characters are dropped, decimal digits of any script are folded to ASCII
/// (Unicode's Nd: full-width, Arabic-Indic, Devanagari, …). Everything else stays, and then simply does not match.
///
/// Any text will do: one that can be no code counts as a wrong one.
public struct TypedCode: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The longest code there is has 12 characters; nothing longer can match, and nothing longer is kept.
  package static let limit = 12
  /// How much of the input is looked at. A megabyte costs no more than this.
  package static let inputLimit = 256

  /// Nil where nothing that could be a code is left; such an attempt counts like any wrong one.
  package let bytes: [UInt8]?

  /// A code as it was typed.
  public init(_ text: String) {
    guard text.utf8.count <= Self.inputLimit else {
      bytes = nil
      return
    }
    var result: [UInt8] = []
    for scalar in text.unicodeScalars {
      if scalar.isASCII {
        switch UInt8(scalar.value) {
        case 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x20, UInt8(ascii: "-"): continue
        case let byte: result.append(byte)
        }
        continue
      }
      switch scalar.properties.generalCategory {
      case .decimalNumber:
        guard let value = scalar.properties.numericValue, value >= 0, value <= 9 else { break }
        result.append(0x30 + UInt8(value))
        continue
      // Spaces of every width, dashes of every length, zero-width joiners, marks of direction.
      case .spaceSeparator, .lineSeparator, .paragraphSeparator, .dashPunctuation, .format: continue
      default: break
      }
      bytes = nil
      return
    }
    bytes = (1...Self.limit).contains(result.count) ? result : nil
  }

  /// `••••••`, whatever it is.
  public var description: String { "••••••" }
  /// `••••••`, whatever it is.
  public var debugDescription: String { "••••••" }
  /// Nothing.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
