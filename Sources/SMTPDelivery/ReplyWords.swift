internal import LinuxSystem

/// A reply's text as words, for whoever looks for meaning in it: lower case, without accents, apostrophes dropped
/// ("doesn't" is `doesnt`), hyphens as blanks. Addresses are `@`, IP addresses `#`, links and names of hosts `&`
/// with what they are made of behind it, marked as such.
struct ReplyWords {
  struct Word {
    let range: Range<Int>
    /// Counts up at full stops, semicolons and the like.
    let sentence: Int
    /// Part of a link or a host's name.
    let isLink: Bool
    let isMark: Bool
  }

  /// The most bytes of a text that are looked at.
  static let limit = 512

  private(set) var bytes: [UInt8] = []
  private(set) var words: [Word] = []
  private var sentence = 0

  init(_ text: some Collection<UInt8>) {
    let folded = Self.folded(Array(text.prefix(Self.limit)))
    bytes.reserveCapacity(folded.count)
    var index = 0
    while index < folded.count {
      if folded[index] <= 0x20 {
        index += 1
        continue
      }
      var end = index
      while end < folded.count, folded[end] > 0x20 { end += 1 }
      addChunk(folded[index..<end])
      index = end
    }
  }

  /// False also where there is no such word.
  func word(_ index: Int, hasPrefix prefix: [UInt8]) -> Bool {
    guard index < words.count, words[index].range.count >= prefix.count else { return false }
    let start = words[index].range.lowerBound
    var same = 0
    while same < prefix.count, bytes[start + same] == prefix[same] { same += 1 }
    return same == prefix.count
  }

  // MARK: Cutting

  private mutating func addChunk(_ chunk: ArraySlice<UInt8>) {
    var rest = chunk
    if let link = Self.linkStart(rest) {
      addPieces(rest[..<link])
      let body = rest[link...]
      let end = body.firstIndex { ">)]\",;".utf8.contains($0) } ?? body.endIndex
      addLink(body[..<end])
      rest = rest[end...]
    }
    addPieces(rest)
  }

  private mutating func addPieces(_ chunk: ArraySlice<UInt8>) {
    // An IPv6 address has colons, which cut everything else.
    var start = chunk.startIndex
    while start < chunk.endIndex {
      if Self.isCut(chunk[start]) {
        if Self.endsSentence(chunk[start]), !chunk[..<start].isEmpty { sentence += 1 }
        start += 1
        continue
      }
      var end = start
      while end < chunk.endIndex, !Self.isCut(chunk[end]) { end += 1 }
      if end < chunk.endIndex, chunk[end] == UInt8(ascii: ":"),
        Self.isIPv6(chunk[start...].prefix { !Self.isBracket($0) })
      {
        while end < chunk.endIndex, !Self.isBracket(chunk[end]) { end += 1 }
        addMark("#")
        start = end
        continue
      }
      addPiece(chunk[start..<end])
      start = end
    }
  }

  /// What stands between blanks, brackets, quotes, commas and colons.
  private mutating func addPiece(_ whole: ArraySlice<UInt8>) {
    var piece = whole
    while let last = piece.last,
      last == UInt8(ascii: ".") || last == UInt8(ascii: "!") || last == UInt8(ascii: "?")
    {
      piece = piece.dropLast()
    }
    let trailing = whole.count - piece.count
    while let first = piece.first, first == UInt8(ascii: ".") || first == UInt8(ascii: "=") {
      piece = piece.dropFirst()
    }
    // Sendmail's "<anna@example.org>... User unknown" goes on.
    defer { if trailing == 1 || trailing == 2 { sentence += 1 } }
    if piece.isEmpty { return }
    if let at = piece.firstIndex(of: UInt8(ascii: "@")), at + 1 < piece.endIndex {
      addMark("@")
    } else if Self.isIPv4(piece) {
      addMark("#")
    } else if Self.isHost(piece) {
      addLink(piece)
    } else {
      addWords(piece, isLink: false)
    }
  }

  private mutating func addLink(_ piece: ArraySlice<UInt8>) {
    addMark("&")
    addWords(piece, isLink: true)
  }

  private mutating func addWords(_ piece: ArraySlice<UInt8>, isLink: Bool) {
    var index = piece.startIndex
    while index < piece.endIndex {
      guard Self.isLetterOrDigit(piece[index]) else {
        index += 1
        continue
      }
      var end = index
      while end < piece.endIndex, Self.isLetterOrDigit(piece[end]) || piece[end] == UInt8(ascii: "'") {
        end += 1
      }
      // French elides: the word in "l'adresse" is "adresse".
      if let elision = piece[index..<end].prefix(3).firstIndex(of: UInt8(ascii: "'")), elision + 3 < end {
        index = elision + 1
      }
      add(piece[index..<end].filter { $0 != UInt8(ascii: "'") }, isLink: isLink)
      index = end
    }
  }

  /// `SendAsDenied` is three words; `SpamHaus` is one.
  private mutating func add(_ word: [UInt8], isLink: Bool) {
    var humps: [Int] = []
    for index in word.indices where index > 0 && Self.isUpper(word[index]) && !Self.isUpper(word[index - 1]) {
      humps.append(index)
    }
    if humps.count < 2 { humps = [] }
    var start = 0
    for end in humps + [word.count] where end > start {
      let first = bytes.count
      bytes += word[start..<end].map(\.asciiLowercased)
      words.append(Word(range: first..<bytes.count, sentence: sentence, isLink: isLink, isMark: false))
      start = end
    }
  }

  private mutating func addMark(_ mark: Unicode.Scalar) {
    bytes.append(UInt8(ascii: mark))
    words.append(
      Word(range: (bytes.count - 1)..<bytes.count, sentence: sentence, isLink: false, isMark: true))
  }

  // MARK: What is what

  private static func isBracket(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "["),
      UInt8(ascii: "]"), UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "\""), UInt8(ascii: ","),
      UInt8(ascii: ";"):
      true
    default: false
    }
  }
  private static func isCut(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: ":") || byte == UInt8(ascii: "=") || byte == UInt8(ascii: "|") || isBracket(byte)
  }
  private static func endsSentence(_ byte: UInt8) -> Bool { byte == UInt8(ascii: ";") }
  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
  private static func isUpper(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) }
  /// What is beyond ASCII and could not be folded counts as a letter.
  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    byte.isASCIILetterOrDigit || byte >= 0x80
  }

  private static func linkStart(_ chunk: ArraySlice<UInt8>) -> Int? {
    if let colon = chunk.indices.first(where: {
      chunk[$0] == UInt8(ascii: ":") && chunk[$0...].starts(with: "://".utf8)
    }) {
      var start = colon
      while start > chunk.startIndex, isLetterOrDigit(chunk[start - 1]) { start -= 1 }
      return start
    }
    return chunk.indices.first { index in
      (index == chunk.startIndex || isCut(chunk[index - 1]) || chunk[index - 1] == UInt8(ascii: "-"))
        && chunk[index...].prefix(4).map(\.asciiLowercased).elementsEqual("www.".utf8)
    }
  }

  private static func isIPv4(_ piece: ArraySlice<UInt8>) -> Bool {
    let dots = piece.filter { $0 == UInt8(ascii: ".") }.count
    let trimmed = piece.prefix { isDigit($0) || $0 == UInt8(ascii: ".") }
    // `192.0.2.1/24` is one too.
    return dots == 3 && trimmed.count >= 7
      && (trimmed.endIndex == piece.endIndex || piece[trimmed.endIndex] == UInt8(ascii: "/"))
  }

  private static func isIPv6(_ piece: ArraySlice<UInt8>) -> Bool {
    piece.filter { $0 == UInt8(ascii: ":") }.count >= 2
      && piece.allSatisfy {
        isDigit($0) || (0x61...0x66).contains($0 | 0x20) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".")
      }
  }

  /// `mx.example.net`, but not `unknown.Please` of who forgot the blank.
  private static func isHost(_ piece: ArraySlice<UInt8>) -> Bool {
    let host = piece.prefix { $0 != UInt8(ascii: "/") }
    guard let last = host.lastIndex(of: UInt8(ascii: ".")), last > host.startIndex, last + 2 < host.endIndex
    else {
      return false
    }
    guard
      host.allSatisfy({
        isLetterOrDigit($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
          || $0 == UInt8(ascii: "*")
      }),
      !isDigit(host[last + 1]), !host[(last + 1)...].contains(where: { $0 == UInt8(ascii: "_") })
    else { return false }
    return !host.indices.contains { index in
      index > host.startIndex && index + 1 < host.endIndex && host[index] == UInt8(ascii: ".")
        && isUpper(host[index + 1])
        && (!isUpper(host[index - 1]) || host[(index + 1)...].contains { (0x61...0x7A).contains($0) })
    }
  }

  // MARK: Folding

  /// U+00C0 to U+017F as the ASCII letter beneath.
  private static let letters = Array(
    "AAAAAAACEEEEIIIIDNOOOOOxOUUUUYTsaaaaaaaceeeeiiiidnooooo-ouuuuytyAaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIiJjJjKkkLlLlLlLlLlNnNnNnnNnOoOoOoOoRrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs"
      .utf8)

  /// Without accents, from UTF-8 or, where it is none, Latin-1.
  private static func folded(_ text: [UInt8]) -> [UInt8] {
    guard text.contains(where: { $0 >= 0x80 }) else { return text }
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    var index = 0
    func isContinuation(_ place: Int) -> Bool { place < text.count && text[place] & 0xC0 == 0x80 }
    while index < text.count {
      let byte = text[index]
      switch byte {
      case 0xC3...0xC5 where isContinuation(index + 1):
        result.append(letters[(Int(byte & 0x1F) << 6 | Int(text[index + 1] & 0x3F)) - 0xC0])
        index += 2
      case 0xC2 where isContinuation(index + 1):
        result.append(0x20)
        index += 2
      case 0xE2 where isContinuation(index + 1) && isContinuation(index + 2):
        // Quotation marks, dashes and dots; U+2018 and U+2019 are apostrophes.
        let isApostrophe = text[index + 1] == 0x80 && (text[index + 2] == 0x98 || text[index + 2] == 0x99)
        result.append(isApostrophe ? UInt8(ascii: "'") : 0x20)
        index += 3
      case 0xC0... where !isContinuation(index + 1):
        result.append(letters[Int(byte) - 0xC0])
        index += 1
      default:
        result.append(byte)
        index += 1
      }
    }
    return result
  }
}
