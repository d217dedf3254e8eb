/// A regular expression of a lint rule. Words, blanks and digits are Unicode's.
///
/// The standard library's, not Foundation's, which brings ICU along; it looks ahead but not behind.
struct LintPattern {
  private let regex: Regex<AnyRegexOutput>

  /// - Parameter pattern: written here or made by `escaped`, so that it always compiles.
  init(_ pattern: String, inAnyCase: Bool = false) {
    regex = try! Regex(pattern).ignoresCase(inAnyCase).matchingSemantics(.unicodeScalar)
      .wordBoundaryKind(.simple)
  }

  /// The first match, or a group of it; nil where nothing matches.
  func first(in text: String, group: Int = 0) -> String? {
    text.firstMatch(of: regex)?.output[group].substring.map(String.init)
  }

  func firstRange(in text: String) -> Range<String.Index>? { text.firstRange(of: regex) }

  func replacing(with replacement: String, in text: String) -> String {
    text.replacing(regex, with: replacement)
  }

  func replacing(in text: String, with replacement: (String) -> String) -> String {
    text.replacing(regex) { replacement(text[$0.range].description) }
  }

  /// A pattern that matches `text` and nothing else.
  static func escaped(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { pattern, scalar in
      if scalar.isASCII, !scalar.properties.isAlphabetic, !("0"..."9").contains(scalar) { pattern += "\\" }
      pattern.unicodeScalars.append(scalar)
    }
  }
}
