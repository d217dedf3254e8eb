/// The colours that the shipped mail takes from one accent, for light and for dark. Each stands out from what is behind
/// it as WCAG 2.2 asks: text by 4.5 to 1 (1.4.3), a bar or an edge by 3 to 1 (1.4.11).
package struct AccentPalette: Hashable, Sendable {
  /// The page and the card of `Templates/layout.html`, on which the colours are seen.
  package static let lightGrounds = [HexColour(0xF1, 0xF3, 0xF8), .white]
  package static let darkGrounds = [HexColour(0x13, 0x15, 0x1B), HexColour(0x1E, 0x21, 0x2A)]
  /// What holds where nobody says another.
  package static let usual = AccentPalette(HexColour(0x2D, 0x5F, 0xD7))

  private static let barContrast = 3.0
  private static let textContrast = 4.5

  /// The bar of the card: the colour that was chosen.
  package let accent: HexColour
  /// What is written in it.
  package let text: HexColour
  /// The box behind the code.
  package let tint: HexColour
  package let darkAccent: HexColour
  package let darkText: HexColour
  package let darkTint: HexColour

  /// - Parameter accent: one that has no `problem`; of another the bar cannot be told from the card.
  package init(_ accent: HexColour) {
    let (light, dark) = (Self.lightGrounds, Self.darkGrounds)
    self.accent = accent
    text = accent.mixed(towards: .black, untilContrast: Self.textContrast, with: light)
    tint = HexColour.white.mixed(with: accent, 0.1)
    darkAccent = accent.mixed(towards: .white, untilContrast: Self.barContrast, with: dark)
    darkText = accent.mixed(towards: .white, untilContrast: Self.textContrast, with: dark)
    darkTint = dark[1].mixed(with: darkAccent, 0.15)
  }

  /// Why a text cannot be the accent, in words that go on after its key; nil where it can.
  ///
  /// - Parameter text: quoted only where it is a colour.
  package static func problem(of text: String) -> String? {
    guard let colour = HexColour(text) else {
      return "is not a colour; expected #rrggbb or #rgb, such as \"\(usual.accent)\""
    }
    let contrast = lightGrounds.map { colour.contrast(with: $0) }.min() ?? 1
    guard contrast < barContrast else { return nil }
    let near = colour.mixed(towards: .black, untilContrast: barContrast, with: lightGrounds)
    let shown = Double(Int(contrast * 10)) / 10
    return
      "is \(colour), which has a contrast of \(shown) with the mail's page; expected at least \(Int(barContrast)) (WCAG 2.2, 1.4.11), such as \"\(near)\""
  }
}
