/// What has the form of a passcode: 4 to 12 digits, in groups or not, or a mix of letters and digits.
struct CodeCandidate {
  /// As somebody would type it.
  let code: String
  /// The pieces of the text that it is made of.
  let pieces: Range<Int>
  let hasDigitsOnly: Bool
  /// No small letter is in it.
  let isShouted: Bool
  /// Nothing else stands on its line.
  let isAlone: Bool
  /// It looks like a year, a part of a telephone number, a reference: only a word beside it can make a code of it.
  var isSuspect = false
  var isInLink = false
  /// The value of `code=` in a link.
  var isParameter = false
  /// `@example.com #123456`.
  var isBoundToDomain = false

  static func all(in pieces: [CodeFinder.Piece], _ scalars: [Unicode.Scalar]) -> [CodeCandidate] {
    var candidates: [CodeCandidate] = []
    var index = 0
    while index < pieces.count {
      let chain = chain(from: index, pieces, scalars)
      let texts = pieces[chain].map(\.text)
      if let code = joined(texts, by: chain.count > 1 ? scalars[pieces[index].range.upperBound] : " ") {
        if let found = CodeCandidate(code, chain, pieces, scalars) { candidates.append(found) }
      } else {
        for single in chain {
          guard let code = joined([pieces[single].text], by: " "),
            var found = CodeCandidate(code, single..<single + 1, pieces, scalars)
          else { continue }
          // Among groups of other lengths.
          if chain.count > 1 { found.isSuspect = true }
          candidates.append(found)
        }
      }
      index = chain.upperBound
    }
    return candidates
  }

  /// The pieces from `index` on that may be groups of one code: one blank or hyphen stands between two, the same each
  /// time. Single digits may stand in boxes of their own, whatever is between those.
  private static func chain(
    from index: Int, _ pieces: [CodeFinder.Piece], _ scalars: [Unicode.Scalar]
  ) -> Range<Int> {
    var end = index + 1
    var separator: Unicode.Scalar?
    while end < pieces.count {
      let (left, right) = (pieces[end - 1], pieces[end])
      let between = scalars[left.range.upperBound..<right.range.lowerBound]
      guard let first = between.first, left.isPlain, right.isPlain else { break }
      if left.isDigits, right.isDigits, left.text.count == 1, right.text.count == 1,
        between.allSatisfy({ $0 == " " || $0 == "\n" }), separator == nil || separator == " "
      {
        separator = " "
      } else {
        let isHyphen = first == "-"
        // Words are parted by blanks: only groups of digits are held together by one.
        guard between.count == 1, isHyphen || first == " " && left.isDigits && right.isDigits,
          separator == nil || separator == first
        else { break }
        separator = first
      }
      end += 1
    }
    return index..<end
  }

  /// Nil where the groups make no code.
  private static func joined(_ groups: [String], by separator: Unicode.Scalar) -> String? {
    let all = groups.joined()
    let digits = all.utf8.count { (0x30...0x39).contains($0) }
    guard (4...12).contains(all.utf8.count), all.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
    if groups.count == 1 { return digits > 0 || isShouted(all) && all.utf8.count <= 10 ? all : nil }
    let lengths = Set(groups.map(\.utf8.count))
    if digits == all.utf8.count {
      guard lengths.count == 1, let length = lengths.first else { return nil }
      return length == 1 ? all : length <= 4 && groups.count <= 4 ? all : nil
    }
    // `G-123456`: the letter is written on the form already.
    if groups.count == 2, groups[0].utf8.count == 1, digits == groups[1].utf8.count { return groups[1] }
    guard digits > 0, isShouted(all), groups.count <= 3, groups.allSatisfy({ $0.utf8.count > 1 }) else {
      return nil
    }
    return groups.joined(separator: "-")
  }

  private static func isShouted(_ text: String) -> Bool {
    text.utf8.allSatisfy { !(0x61...0x7A).contains($0) && $0 < 0x80 }
  }

  /// Nil for what is part of something else.
  private init?(
    _ code: String, _ span: Range<Int>, _ pieces: [CodeFinder.Piece], _ scalars: [Unicode.Scalar]
  ) {
    let start = pieces[span.lowerBound].range.lowerBound
    let end = pieces[span.upperBound - 1].range.upperBound
    func at(_ index: Int) -> Unicode.Scalar { scalars.indices.contains(index) ? scalars[index] : "\n" }
    func isDigit(_ index: Int) -> Bool { ("0"..."9").contains(at(index)) }
    let isDigits = code.utf8.allSatisfy { (0x30...0x39).contains($0) }
    let hasDigits = code.utf8.contains { (0x30...0x39).contains($0) }
    let line = pieces[span.lowerBound].line
    let isAlone =
      (span.lowerBound == 0 || pieces[span.lowerBound - 1].line != line)
      && (span.upperBound == pieces.count || pieces[span.upperBound].line != pieces[span.upperBound - 1].line)
    self.code = code
    self.pieces = span
    hasDigitsOnly = isDigits
    isShouted = Self.isShouted(code)
    self.isAlone = isAlone

    let chunk = Self.chunk(start..<end, scalars)
    if chunk.contains("://") || chunk.hasPrefix("www.") || chunk.contains("@") || chunk.hasPrefix("mailto:") {
      guard hasDigits else { return nil }
      isInLink = true
      let before = String(String.UnicodeScalarView(scalars[max(0, start - 8)..<start])).lowercased()
      isParameter =
        chunk.contains("://")
        && ["code=", "otp=", "pin=", "token=", "kod=", "passcode="].contains(where: before.hasSuffix)
      return
    }
    // What letters alone make is a word, unless it is announced: "Your code:" and a line of its own.
    if !hasDigits {
      let before = scalars[max(0, start - 100)..<start].last { $0 != " " && $0 != "\n" }
      guard isAlone, before == ":" else { return nil }
    }
    let (before, after) = (at(start - 1), at(end))
    if "/\\_=&~+-".unicodeScalars.contains(before) || "/\\_=&~".unicodeScalars.contains(after) { return nil }
    if after == "-", at(end + 1) != " ", at(end + 1) != "\n" { return nil }
    if ".,:".unicodeScalars.contains(before), isDigit(start - 2) { return nil }
    if ".,:".unicodeScalars.contains(after), isDigit(end + 1) { return nil }
    func isMoney(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.generalCategory == .currencySymbol }
    if isMoney(before) || before == " " && isMoney(at(start - 2)) || before == "©" || at(start - 2) == "©" {
      return nil
    }
    if isMoney(after) || after == " " && isMoney(at(end + 1)) || "%°".unicodeScalars.contains(after) {
      return nil
    }
    if span.upperBound < pieces.count, pieces[span.upperBound].line == line {
      let next = pieces[span.upperBound].text.lowercased()
      if CodeWords.isCurrency(next) || code.utf8.count <= 4 && CodeWords.isUnit(next) { return nil }
    }
    if before == "#" {
      isBoundToDomain = Self.isDomain(before: start - 1, scalars)
      if !isBoundToDomain, ":=&\"'(".unicodeScalars.contains(at(start - 2)) { return nil }
      isSuspect = !isBoundToDomain
    }
    func isYear(_ digits: some StringProtocol) -> Bool {
      Int(digits).map { (1900...2099).contains($0) } ?? false
    }
    if isDigits, code.utf8.count == 4, isYear(code) { isSuspect = true }
    // A day, month and year, in whatever order.
    if isDigits, span.count == 3, code.utf8.count == 6, at(pieces[span.lowerBound].range.upperBound) == "-" {
      isSuspect = true
    }
    // From one year to another.
    if isDigits, span.count == 2, code.utf8.count == 8, isYear(code.prefix(4)), isYear(code.suffix(4)) {
      return nil
    }
  }

  /// What stands between two blanks.
  private static func chunk(_ range: Range<Int>, _ scalars: [Unicode.Scalar]) -> String {
    func isBlank(_ index: Int) -> Bool { scalars[index] == " " || scalars[index] == "\n" }
    var (start, end) = (range.lowerBound, range.upperBound)
    while start > 0, range.lowerBound - start < 2000, !isBlank(start - 1) { start -= 1 }
    while end < scalars.count, end - range.upperBound < 2000, !isBlank(end) { end += 1 }
    return String(String.UnicodeScalarView(scalars[start..<end])).lowercased()
  }

  /// `@example.com ` stands before the number sign, and nothing else on the line.
  private static func isDomain(before sign: Int, _ scalars: [Unicode.Scalar]) -> Bool {
    // A domain has at most 253 characters.
    let near = max(0, sign - 300)
    let start = (scalars[near..<sign].lastIndex(of: "\n") ?? near - 1) + 1
    let line = scalars[start..<sign].split(separator: " ")
    return line.count == 1 && line[0].first == "@" && line[0].contains(".")
  }
}
