import Foundation
import TestSupport
import Testing

/// The words of what users read: the terms of the field, and one for each thing.
@Suite struct WordsTests {
  /// What is not said any more, a piece of it by which it is found quickly, and what is said in its place.
  private static let words: [(piece: String, pattern: String, instead: String)] = [
    ("tand", #"\b[Ss]tand-by\b|\bstand(s|ing)? by\b"#, "standby"), ("lane", #"\blanes?\b"#, "connections"),
    ("t the most", #"\b[Aa]t the most\b"#, "at most N"),
    ("be given again", "may be given again", "repeatable"),
    ("storage-", "storage-(trouble|mended)", "storage-error, storage-recovered"),
    ("relay-", "relay-(hold|back-off)", "relay-needs-attention, relay-throttled"),
    ("subject", #"\b(one|another|of this|for a|of a) subjects?\b"#, "address"),
    ("limited", #"\bwould be limited|75 limited"#, "rate-limited"),
  ]

  /// Prose of a page: names of keys, of files and of tests left out.
  private static func prose(of page: String) throws -> String {
    page.replacing(try Regex("`[^`\n]+`|\\blanes: [0-9]+"), with: "")
  }

  /// The texts in a Swift file, but for the key's own name and what only a debugger shows.
  private static func texts(in source: String) throws -> [String] {
    let values = try Regex(#"\\\([^)]*\)|\blanes: |the key lanes"#)
    return source.components(separatedBy: "\"\"\"").enumerated().flatMap { piece -> [String] in
      if !piece.offset.isMultiple(of: 2) { return [piece.element] }
      return piece.element.split(separator: "\n").filter { !$0.drop { $0 == " " }.hasPrefix("//") }
        .flatMap { $0.components(separatedBy: "\"").enumerated() }
        .filter { !$0.offset.isMultiple(of: 2) }.map(\.element)
    }.filter { $0 != "lanes" && !$0.hasPrefix("lane \\(") && $0.utf8.count > 5 }.map {
      $0.replacing(values, with: "")
    }
  }

  private static func files(_ folder: String, _ endings: String...) throws -> [String] {
    let names = FileManager.default.enumerator(atPath: "\(Scratch.repository)/\(folder)")
    return try #require(names).compactMap { $0 as? String }.filter { name in
      endings.contains { name.hasSuffix($0) }
    }
    .map { "\(folder)/\($0)" }
  }

  private static func check(_ file: String, _ texts: (String) throws -> [String]) throws {
    let content = try Data(contentsOf: URL(fileURLWithPath: "\(Scratch.repository)/\(file)"))
    let candidates = words.filter { content.range(of: Data($0.piece.utf8)) != nil }
    if candidates.isEmpty { return }
    for text in try texts(String(decoding: content, as: UTF8.self)) {
      for word in candidates where text.contains(word.piece) {
        for match in text.matches(of: try Regex(word.pattern)) {
          Issue.record("\(file) says '\(text[match.range])'; say \(word.instead)")
        }
      }
    }
  }

  @Test func `pages and examples use the terms of the field`() throws {
    let pages =
      try ["README.md"] + Self.files("Sources", ".md") + Self.files("Config", ".json5", ".service")
    #expect(pages.count > 8)
    for page in pages { try Self.check(page) { [try Self.prose(of: $0)] } }
  }

  @Test func `messages and help use the terms of the field`() throws {
    for file in try Self.files("Sources", ".swift") { try Self.check(file, Self.texts) }
  }

  @Test func `the first sentence of the README has the words that people search for`() throws {
    let text = try String(contentsOfFile: "\(Scratch.repository)/README.md", encoding: .utf8)
    let paragraph = try #require(text.components(separatedBy: "\n\n").dropFirst().first)
    for word in ["one-time passcodes", "OTP", "verification code"] {
      #expect(paragraph.contains(word), "\(word)")
    }
  }

  @Test func `says once what redemption is`() throws {
    let places = try Self.files("Sources", ".md").filter {
      try String(contentsOfFile: "\(Scratch.repository)/\($0)", encoding: .utf8).contains(
        "*redeems* an invitation")
    }
    #expect(places == ["Sources/GuestPolicy/GuestPolicy.docc/GuestPolicy.md"])
  }
}
