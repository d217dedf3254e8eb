import Testing

@testable import MessageTemplates

@Suite struct LintPatternTests {
  @Test(arguments: ["min.", "hod. {x}", "a|b", "\\E[^", "(?i)", "*+?$ #-&/", "godzin ż", "1:2"])
  func `an escaped text matches itself alone`(text: String) {
    let pattern = LintPattern("\\A\(LintPattern.escaped(text))\\z")
    #expect(pattern.first(in: text) == text)
    #expect(pattern.first(in: text + "x") == nil && pattern.first(in: "x" + text) == nil)
  }

  @Test func `words are words of any language`() {
    #expect(LintPattern(#"\bdu\b"#).first(in: "dürfen, Ödu") == nil)
    #expect(LintPattern(#"\bdu\b"#, inAnyCase: true).first(in: "Bist Du da?") == "Du")
  }

  @Test func `gives a group where one is asked for`() {
    #expect(LintPattern(#"x(\d+)"#).first(in: "ab x12", group: 1) == "12")
  }
}
