// Glibc: its pow, for which the standard library has nothing.
internal import Glibc

/// A colour of sRGB that is written `#rrggbb`. It can be made of nothing but digits, so it may stand in a style sheet of
/// HTML as it is.
package struct HexColour: Hashable, Sendable, CustomStringConvertible {
  /// `#2d5fd7`, in lower case.
  package let description: String
  private let red: UInt8
  private let green: UInt8
  private let blue: UInt8

  /// - Returns: nil unless `text` is `#rgb` or `#rrggbb`, in either case; no name, no blank, no other digits than ASCII's.
  package init?(_ text: String) {
    let digits = text.utf8.dropFirst().compactMap(Self.digit)
    guard text.utf8.first == UInt8(ascii: "#"), digits.count == text.utf8.count - 1 else { return nil }
    switch digits.count {
    case 3: self.init(digits[0] * 17, digits[1] * 17, digits[2] * 17)
    case 6: self.init(digits[0] << 4 | digits[1], digits[2] << 4 | digits[3], digits[4] << 4 | digits[5])
    default: return nil
    }
  }

  package init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
    (self.red, self.green, self.blue) = (red, green, blue)
    description = [red, green, blue].reduce("#") { $0 + ($1 < 16 ? "0" : "") + String($1, radix: 16) }
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x37
    case 0x61...0x66: byte - 0x57
    default: nil
    }
  }

  package static let white = HexColour(255, 255, 255)
  package static let black = HexColour(0, 0, 0)

  /// Relative luminance as WCAG 2.2 defines it.
  var luminance: Double {
    func linear(_ channel: UInt8) -> Double {
      let value = Double(channel) / 255
      return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
  }

  /// The contrast ratio of WCAG 2.2, from 1 to 21.
  package func contrast(with other: HexColour) -> Double {
    let (one, two) = (luminance, other.luminance)
    return (max(one, two) + 0.05) / (min(one, two) + 0.05)
  }

  /// This colour with a share of another, from 0 to 1.
  package func mixed(with other: HexColour, _ share: Double) -> HexColour {
    func mix(_ one: UInt8, _ two: UInt8) -> UInt8 {
      UInt8((Double(one) * (1 - share) + Double(two) * share).rounded())
    }
    return HexColour(mix(red, other.red), mix(green, other.green), mix(blue, other.blue))
  }

  /// The nearest one on the way to `end` that stands out by `ratio` from each of `grounds`.
  package func mixed(
    towards end: HexColour, untilContrast ratio: Double, with grounds: [HexColour]
  ) -> HexColour {
    let steps = 64
    for step in 0..<steps {
      let colour = mixed(with: end, Double(step) / Double(steps))
      if grounds.allSatisfy({ colour.contrast(with: $0) >= ratio }) { return colour }
    }
    return end
  }
}
