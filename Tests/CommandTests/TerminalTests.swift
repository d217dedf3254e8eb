import Documents
import Testing

@testable import CommandVerbs

/// What reaches a terminal of what others wrote.
@Suite struct TerminalTests {
  /// A text, and how it is shown.
  static let hostile = [
    ("\u{1B}[2J\u{1B}[31mgone", "\\u{1B}[2J\\u{1B}[31mgone"),
    ("\u{1B}]0;title\u{7}x", "\\u{1B}]0;title\\u{7}x"),
    ("\u{1B}]8;;http://e.example\u{1B}\\here", "\\u{1B}]8;;http://e.example\\u{1B}\\here"),
    ("\u{9B}31m \u{9D}0;t\u{9C}", "\\u{9B}31m \\u{9D}0;t\\u{9C}"), ("250 ok\r550 no", "250 ok\\u{D}550 no"),
    ("code 1\u{8}2", "code 1\\u{8}2"), ("a\tb\u{B}\u{C}", "a\\u{9}b\\u{B}\\u{C}"),
    ("\u{7F}\0", "\\u{7F}\\u{0}"),
    ("moc.\u{202E}elpmaxe", "moc.\\u{202E}elpmaxe"),
    ("\u{2066}x\u{2069}\u{200F}", "\\u{2066}x\\u{2069}\\u{200F}"),
    ("in\u{200B}visible\u{FEFF}\u{AD}", "in\\u{200B}visible\\u{FEFF}\\u{AD}"),
    ("\u{E0041}\u{E007F}tag", "\\u{E0041}\\u{E007F}tag"),
    ("\u{2028}line\u{2029}\u{85}", "\\u{2028}line\\u{2029}\\u{85}"),
    ("two\nlines", "two\\u{A}lines"),
    // What people write.
    ("Überraschung, żółć, šťastný 𝟙 👩‍👧", "Überraschung, żółć, šťastný 𝟙 👩‍👧"),
    ("می‌خواهم \\u{1B}", "می‌خواهم \\u{1B}"),
  ]

  @Test(arguments: hostile)
  func `shows what a terminal would act on, and nothing else in another way`(_ text: String, _ shown: String)
  {
    #expect(Terminal.shown(text) == shown)
    #expect(
      Terminal.shown("a\n" + text, keeping: .lineFeeds) == "a\n" + shown.replacing("\\u{A}", with: "\n"))
  }

  @Test func `our own styles pass, and whoever is shown in one cannot leave it`() {
    let styled = "✓ " + Terminal.marked("re\u{1B}[0mlay", [.bold, .green]) + " \u{1B}[5mthere"
    #expect(Terminal.shown(styled) == "✓ \u{1B}[1;32mre\\u{1B}[0mlay\u{1B}[0m \\u{1B}[5mthere")
  }

  @Test func `no character of any plane gets through that moves, hides or turns what is shown`() {
    for value in UInt32(0)...0x10_FFFF {
      guard let scalar = Unicode.Scalar(value), scalar.value < 0x3400 || scalar.value > 0xD7FF else {
        continue
      }
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator:
        let isJoiner = value == 0x200C || value == 0x200D
        let shown = Terminal.shown(String(Character(scalar)))
        #expect(shown.unicodeScalars.contains(scalar) == isJoiner, "\(String(value, radix: 16))")
      default: continue
      }
    }
  }
}
