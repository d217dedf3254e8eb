import Testing

@testable import Branding

@Suite struct HexColourTests {
  @Test(arguments: [
    ("#2d5fd7", "#2d5fd7"), ("#2D5FD7", "#2d5fd7"), ("#abc", "#aabbcc"), ("#000", "#000000"),
  ])
  func `reads three or six digits`(_ text: String, _ colour: String) {
    #expect(HexColour(text)?.description == colour)
  }

  @Test(arguments: [
    "", "#", "2d5fd7", "#2d5fd", "#2d5fd70", "#12345678", "red", "#ggg", " #fff", "#fff ", "#fff;}",
    "rgb(0,0,0)",
    "#fff\n", "#１２３", "#é12", "##12", "#-12", "#fff\u{301}", "#f\u{200B}ff", "url(#abc)", "\u{FEFF}#fff",
  ])
  func `reads nothing else, so that nothing else gets into a style`(_ text: String) {
    #expect(HexColour(text) == nil)
  }

  @Test func `measures contrast as WCAG does`() throws {
    #expect(HexColour.black.contrast(with: .white) == 21)
    #expect(HexColour.white.contrast(with: .white) == 1)
    // The grey that is known to be the lightest for text on white.
    let grey = try #require(HexColour("#767676"))
    #expect((4.5..<4.6).contains(grey.contrast(with: .white)))
  }
}

@Suite struct AccentPaletteTests {
  @Test
  func `whatever the accent, all that is made of it can be told from what is behind it, in light and dark`() {
    var count = 0
    for number in stride(from: 0, through: 0xFFFFFF, by: 0x030507) {
      let colour = HexColour(UInt8(number >> 16), UInt8(number >> 8 & 255), UInt8(number & 255))
      guard AccentPalette.problem(of: "\(colour)") == nil else { continue }
      count += 1
      let palette = AccentPalette(colour)
      #expect(palette.accent == colour)
      for ground in AccentPalette.lightGrounds {
        #expect(palette.accent.contrast(with: ground) >= 3 && palette.text.contrast(with: ground) >= 4.5)
      }
      for ground in AccentPalette.darkGrounds {
        #expect(palette.darkAccent.contrast(with: ground) >= 3, "\(colour)")
        #expect(palette.darkText.contrast(with: ground) >= 4.5, "\(colour)")
      }
      // The code on its box: the colours of Templates/code.html and layout.html.
      #expect(HexColour(0x1A, 0x1E, 0x29).contrast(with: palette.tint) >= 7, "\(colour)")
      #expect(HexColour.white.contrast(with: palette.darkTint) >= 7, "\(colour)")
    }
    #expect(count > 40)
  }

  @Test func `the usual accent is one, and is shown as it is`() {
    let usual = AccentPalette.usual
    #expect(AccentPalette.problem(of: "\(usual.accent)") == nil && usual.text == usual.accent)
  }

  @Test func `one that is too pale is refused with the nearest that will do`() throws {
    let problem = try #require(AccentPalette.problem(of: "#ffe600"))
    #expect(problem.contains("has a contrast of 1.1 with the mail's page; expected at least 3"), "\(problem)")
    let near = try #require(problem.split(separator: "\"").last.map(String.init))
    #expect(AccentPalette.problem(of: near) == nil, "\(near)")
    #expect(AccentPalette.problem(of: "papayawhip")?.hasPrefix("is not a colour; expected #rrggbb") == true)
  }

  @Test func `a tenant's brand goes over the installation's, value by value`() throws {
    let red = try #require(HexColour("#b00020"))
    let installation = Brand(accent: .black, logo: "A", footer: "a\nb")
    #expect(Brand(accent: red).over(installation) == Brand(accent: red, logo: "A", footer: "a\nb"))
    #expect(Brand().palette == .usual && Brand(accent: red).palette == AccentPalette(red))
  }

  @Test func `a footer and a text mark have bounds`() {
    #expect(Brand.problem(ofLogo: String(repeating: "W", count: 41))?.contains("41 characters") == true)
    #expect(Brand.problem(ofLogo: "FABRIKAM") == nil)
    #expect(Brand.problem(ofFooter: [])?.contains("no line") == true)
    #expect(Brand.problem(ofFooter: Array(repeating: "x", count: 9))?.contains("9 lines") == true)
    #expect(Brand.problem(ofFooter: [String(repeating: "x", count: 601)])?.contains("601 characters") == true)
    #expect(Brand.problem(ofFooter: ["Fabrikam AB", "Storgatan 1"]) == nil)
  }
}
