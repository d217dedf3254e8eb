/// Finds the passcode in running text: "Your code is 123456", "123 456 är din kod", "AB12-CD34".
///
/// Each number that could be one is judged by what stands around it. Numbers that are part of something else (a year, a
/// date, a price, a telephone number, a colour, a link) are none unless a word for code stands right beside them.
struct CodeFinder {
  typealias Found = (code: String, way: FoundCode.Way)

  /// A run of letters and digits, and where it stands.
  struct Piece {
    let range: Range<Int>
    let text: String
    let isDigits: Bool
    /// ASCII letters and digits alone.
    let isPlain: Bool
    /// Counted, as lines are.
    let sentence: Int
    let line: Int

    init(_ range: Range<Int>, of scalars: [Unicode.Scalar], sentence: Int, line: Int) {
      var text = String.UnicodeScalarView()
      text.append(contentsOf: scalars[range])
      self.text = String(text)
      self.range = range
      isDigits = scalars[range].allSatisfy { ("0"..."9").contains($0) }
      isPlain = scalars[range].allSatisfy(\.isASCII)
      self.sentence = sentence
      self.line = line
    }
  }

  private let scalars: [Unicode.Scalar]
  private let pieces: [Piece]
  private let meanings: [CodeWords.Meaning]
  private let candidates: [CodeCandidate]

  /// More of a text is not looked at.
  private static let longest = 65_536

  init(_ text: String) {
    scalars = Self.plain(text)
    pieces = Self.pieces(of: scalars)
    let words = pieces.map { $0.text.lowercased() }
    meanings = words.indices.map { CodeWords.meaning(of: words[$0], after: $0 > 0 ? words[$0 - 1] : nil) }
    candidates = CodeCandidate.all(in: pieces, scalars)
  }

  /// The code, where the text says that it is one.
  func best() -> Found? {
    var best: (candidate: CodeCandidate, score: Int)?
    for candidate in candidates {
      guard let score = score(candidate), score >= 3, score > best?.score ?? 2 else { continue }
      best = (candidate, score)
    }
    guard let candidate = best?.candidate else { return nil }
    return (candidate.code, candidate.isBoundToDomain ? .domain : candidate.isAlone ? .line : .word)
  }

  /// What nothing in the text says is a code, and nothing else in it could be.
  func only() -> Found? {
    let numbers = candidates.filter {
      $0.hasDigitsOnly && !$0.isSuspect && !$0.isInLink && !isStranger($0)
        && (5...8).contains($0.code.utf8.count)
    }
    if let first = numbers.first, numbers.allSatisfy({ $0.code == first.code }) { return (first.code, .only) }
    let links = candidates.filter(\.isParameter)
    if let first = links.first, links.allSatisfy({ $0.code == first.code }) { return (first.code, .link) }
    return nil
  }

  /// Nil for what is none.
  private func score(_ candidate: CodeCandidate) -> Int? {
    if candidate.isBoundToDomain { return 40 }
    guard !candidate.isInLink else { return nil }
    var score = candidate.isAlone ? 12 : 0
    let (before, after) = (distance(candidate, -1), distance(candidate, 1))
    switch (before, after) {
    case (let distance?, nil): score += 12 - distance
    case (nil, let distance?): score += 10 - distance
    case (let before?, let after?): score += max(12 - before, 10 - after)
    case (nil, nil): if !candidate.isAlone || !candidate.hasDigitsOnly { return nil }
    }
    if !candidate.isAlone, isStranger(candidate) { return nil }
    if candidate.isSuspect { score -= 7 }
    if candidate.hasDigitsOnly {
      score += candidate.code.utf8.count == 6 ? 2 : candidate.code.utf8.count > 4 ? 1 : 0
    } else if !candidate.isAlone, !candidate.isShouted, min(before ?? 9, after ?? 9) > 2 {
      // A lower-case word with digits in it is a code only right beside the word for one.
      return nil
    }
    return score
  }

  /// How many words away the nearest word for code is, in the same sentence or, before, in the line above; nil where there
  /// is none within eight.
  private func distance(_ candidate: CodeCandidate, _ step: Int) -> Int? {
    let edge = step < 0 ? candidate.pieces.lowerBound : candidate.pieces.upperBound - 1
    let own = pieces[edge]
    var index = edge + step
    var distance = 1
    while pieces.indices.contains(index), distance <= 8 {
      let piece = pieces[index]
      // "Your code:" and an empty line, then the code.
      guard piece.sentence == own.sentence || step < 0 && candidate.isAlone else { return nil }
      if step > 0, piece.line > own.line { return nil }
      if meanings[index] == .code { return distance }
      index += step
      distance += 1
    }
    return nil
  }

  /// A word that makes the number something else is nearer than a word for code.
  private func isStranger(_ candidate: CodeCandidate) -> Bool {
    let own = pieces[candidate.pieces.lowerBound]
    for distance in 1...3 {
      let index = candidate.pieces.lowerBound - distance
      guard index >= 0, pieces[index].sentence == own.sentence else { return false }
      switch meanings[index] {
      case .code: return false
      case .stranger: return true
      case .plain: continue
      }
    }
    return false
  }

  // MARK: Reading

  /// Decimal digits of any script as ASCII, blanks and hyphens of any kind as the plain ones, without what nobody sees.
  private static func plain(_ text: String) -> [Unicode.Scalar] {
    var result: [Unicode.Scalar] = []
    var wasReturn = false
    for scalar in text.unicodeScalars.prefix(longest) {
      switch scalar.value {
      case 0x0A: if !wasReturn { result.append(scalar) }
      case 0x20...0x7E: result.append(scalar)
      case 0x0D: result.append("\n")
      case 0x09, 0xA0, 0x1680, 0x2000...0x200A, 0x202F, 0x205F, 0x3000: result.append(" ")
      case 0x2010...0x2015, 0x2212, 0xFE58, 0xFE63, 0xFF0D: result.append("-")
      case 0xAD, 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x2064, 0x2066...0x2069, 0xFEFF, 0x34F: break
      default:
        if scalar.properties.numericType == .decimal, let value = scalar.properties.numericValue {
          result.append(Unicode.Scalar(0x30 + UInt8(value)))
        } else {
          result.append(scalar)
        }
      }
      wasReturn = scalar == "\r"
    }
    return result
  }

  /// What a word is made of; nil for what stands between words. Scripts that put no blanks between words are of a kind of
  /// their own, so that a number among them is a word of its own.
  private enum Kind {
    case spaced, blankless

    init?(_ scalar: Unicode.Scalar) {
      switch scalar.value {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: self = .spaced
      case 0..<0x80: return nil
      case 0xE00...0xE7F, 0x3040...0x30FF, 0x3400...0x9FFF, 0xAC00...0xD7AF: self = .blankless
      default:
        let properties = scalar.properties
        switch properties.generalCategory {
        case .nonspacingMark, .spacingMark: self = .spaced
        default:
          guard properties.isAlphabetic else { return nil }
          self = .spaced
        }
      }
    }
  }

  private static func pieces(of scalars: [Unicode.Scalar]) -> [Piece] {
    var pieces: [Piece] = []
    var (sentence, line, index) = (0, 0, 0)
    while index < scalars.count {
      let scalar = scalars[index]
      if let kind = Kind(scalar) {
        let end = scalars[index...].firstIndex { Kind($0) != kind } ?? scalars.count
        pieces.append(Piece(index..<end, of: scalars, sentence: sentence, line: line))
        index = end
        continue
      }
      let next = index + 1 < scalars.count ? scalars[index + 1] : "\n"
      if scalar == "\n" {
        line += 1
        // An empty line ends a sentence; a line that was only wrapped does not.
        if next == "\n" { sentence += 1 }
      } else if ".!?".unicodeScalars.contains(scalar) && (next == " " || next == "\n")
        && !(scalar == "." && index == pieces.last?.range.upperBound
          && CodeWords.isAbbreviation(pieces.last?.text))
        || "。！？".unicodeScalars.contains(scalar)
      {
        sentence += 1
      }
      index += 1
    }
    return pieces
  }
}
