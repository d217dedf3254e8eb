import Foundation
import TestSupport
import Testing

@testable import CodeRequests

/// Held to Foundation's, which ICU makes.
@Suite struct UnicodeSpellingTests {
  /// Older than any libunistring that is in use, so that all tables know it; without the long runs of ideographs and
  /// syllables that are what they are in every form.
  private static let scalars = [
    0...0x33FF, 0xA000...0xABFF, 0xD7B0...0x16FFF, 0x19000...0x1FFFF, 0x2F800...0x2FA1F, 0xE0000...0xE01FF,
  ].joined().compactMap { Unicode.Scalar(UInt32($0)) }.filter {
    $0.properties.age.map { $0.major <= 13 } ?? false
  }

  private static func composed(_ text: String) -> Bool {
    UnicodeSpelling.composed(text).utf8.elementsEqual(text.precomposedStringWithCanonicalMapping.utf8)
  }

  private static func folded(_ text: String) -> Bool {
    UnicodeSpelling.folded(text).utf8
      .elementsEqual(text.precomposedStringWithCompatibilityMapping.lowercased().utf8)
  }

  @Test func `composes and folds each character as Foundation does`() {
    #expect(Self.scalars.count > 20_000)
    let others = Self.scalars.filter { !Self.composed(String($0)) || !Self.folded(String($0)) }
    #expect(others == [])
  }

  @Test func `spells texts as Foundation does, whatever stands beside what`() throws {
    var generator = SplitMix(state: 29)
    let marks = Self.scalars.filter { $0.properties.canonicalCombiningClass != .notReordered }
    // But U+0385: of the marks after it Foundation leaves the second before the first (it is two marks itself).
    let letters = Self.scalars[..<3000].filter { $0.value != 0x385 }
    var others: [String] = []
    for _ in 0..<10_000 {
      var text = ""
      for _ in 0..<Int.random(in: 1...6, using: &generator) {
        let pool = Bool.random(using: &generator) ? marks : letters
        text.unicodeScalars.append(try #require(pool.randomElement(using: &generator)))
      }
      if !Self.composed(text) || !Self.folded(text) { others.append("\(text.unicodeScalars.map(\.value))") }
    }
    #expect(others == [])
  }

  @Test func `needs no library for the letters of Latin alphabets`() {
    for scalar in Self.scalars where UnicodeSpelling.isPlainLatin(scalar) {
      #expect(String(scalar).precomposedStringWithCompatibilityMapping.unicodeScalars.elementsEqual([scalar]))
    }
    #expect("Göteborg Žďár Łódź Straße".unicodeScalars.allSatisfy(UnicodeSpelling.isPlainLatin))
  }
}
