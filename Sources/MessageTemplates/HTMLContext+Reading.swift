internal import LinuxSystem

// The tokenizer of the HTML standard (WHATWG, 13.2.5), without what makes no difference to where a value stands.

extension HTMLContext {
  /// Goes on over the text of a template.
  ///
  /// - Returns: the first thing that cannot be told, with its place in `bytes`.
  mutating func read(_ bytes: ArraySlice<UInt8>) -> (offset: Int, problem: Problem)? {
    bytes.withUnsafeBytes { bytes in
      var first: (offset: Int, problem: Problem)?
      var offset = 0
      while offset < bytes.count {
        if let end = onlyEnd {
          guard let next = bytes.firstOffset(of: end, from: offset) else { break }
          offset = next
        }
        do throws(Problem) { try read(bytes[offset]) } catch { if first == nil { first = (offset, error) } }
        offset += 1
      }
      return first
    }
  }

  /// The byte before which nothing can change here: most of a mail is text, styles, and values of `style`.
  private var onlyEnd: UInt8? {
    switch place {
    case .text, .raw(matched: 0): return .lessThan
    case .quoted(let quote):
      if case .url = kind { return nil }
      return quote
    case .declaration: return .greaterThan
    default: return nil
    }
  }

  private mutating func read(_ byte: UInt8) throws(Problem) {
    switch place {
    case .text: if byte == .lessThan { place = .tagOpen }
    case .tagOpen: readTagOpen(byte)
    case .endTagOpen:
      if byte.isASCIILetter {
        beginTag(byte, isEndTag: true)
      } else {
        place = byte == .greaterThan ? .text : .declaration
      }
    case .tagName, .beforeName, .name, .afterName, .afterSection, .sectionEnd: try readTag(byte)
    case .beforeValue: readBeforeValue(byte)
    case .unquoted:
      if byte.isBlank { place = .beforeName } else if byte == .greaterThan { endTag() }
    case .quoted(let quote):
      if byte == quote {
        place = .beforeName
        (attribute, kind, url) = ([], .plain, URLPosition())
      } else if case .url(let list) = kind {
        try url.read(byte, in: list)
      }
    case .markup(let begun): try readMarkup(begun, byte)
    case .comment(let end): readComment(end, byte)
    case .declaration: if byte == .greaterThan { place = .text }
    case .raw(let matched): try readRaw(matched, byte)
    }
  }

  // MARK: Tags

  private mutating func readTagOpen(_ byte: UInt8) {
    switch byte {
    case _ where byte.isASCIILetter: beginTag(byte, isEndTag: false)
    case UInt8(ascii: "/"): place = .endTagOpen
    case UInt8(ascii: "!"): place = .markup([])
    case UInt8(ascii: "?"): place = .declaration
    case .lessThan: break
    default: place = .text
    }
  }

  private mutating func beginTag(_ byte: UInt8, isEndTag: Bool) {
    place = .tagName
    element = [byte.asciiLowercased]
    self.isEndTag = isEndTag
    (isRefresh, hasValueInContent) = (false, false)
  }

  private mutating func readTag(_ byte: UInt8) throws(Problem) {
    switch byte {
    case .greaterThan:
      try endName()
      endTag()
    case UInt8(ascii: "/"):
      try endName()
      place = .beforeName
    case _ where byte.isBlank:
      try endName()
      switch place {
      case .name: place = .afterName
      case .sectionEnd: place = .afterSection
      case .tagName: place = .beforeName
      default: break
      }
    case UInt8(ascii: "=") where place == .name || place == .afterName:
      try endName()
      place = .beforeValue
    default:
      switch place {
      case .tagName: element.append(byte.asciiLowercased)
      case .name: attribute.append(byte.asciiLowercased)
      case .sectionEnd, .afterSection:
        let isTold = place == .sectionEnd || byte == UInt8(ascii: "=")
        place = .name
        attribute = [byte.asciiLowercased]
        guard isTold else { break }
        throw Problem(
          message:
            "follows a section that may or may not end in the name of an attribute; put a blank between them, or the whole attribute into the section"
        )
      default:
        place = .name
        attribute = [byte.asciiLowercased]
      }
    }
  }

  /// The name of an attribute is whole; what it means is known from here on.
  private mutating func endName() throws(Problem) {
    guard place == .name else { return }
    kind = AttributeKind(name: attribute, of: element)
    guard name(element) == "meta", name(attribute) == "http-equiv" else { return }
    isRefresh = true
    if hasValueInContent {
      throw Problem(message: "makes a URL of the content before it, which holds a value; write that out")
    }
  }

  private mutating func readBeforeValue(_ byte: UInt8) {
    switch byte {
    case _ where byte.isBlank: break
    case UInt8(ascii: "\""), UInt8(ascii: "'"):
      place = .quoted(byte)
      url = URLPosition()
    case .greaterThan: endTag()
    default: place = .unquoted
    }
  }

  private mutating func endTag() {
    (attribute, kind, url) = ([], .plain, URLPosition())
    (isRefresh, hasValueInContent) = (false, false)
    if !isEndTag, Self.raw.contains(name(element)) {
      place = .raw(matched: 0)
    } else {
      place = .text
      element = []
    }
    isEndTag = false
  }

  // MARK: What is no tag

  private mutating func readMarkup(_ begun: [UInt8], _ byte: UInt8) throws(Problem) {
    let dash = UInt8(ascii: "-")
    switch begun {
    case [] where byte == dash: place = .markup([dash])
    case [dash] where byte == dash: place = .comment(.start)
    case _ where byte == .greaterThan: place = .text
    case [] where byte == UInt8(ascii: "["): place = .markup([byte])
    case [UInt8(ascii: "[")] where byte.asciiLowercased == UInt8(ascii: "c"):
      place = .declaration
      throw Problem(
        message: "is CDATA, which programs end in different places; write text with &lt; and &amp;")
    default: place = .declaration
    }
  }

  private mutating func readComment(_ end: CommentEnd, _ byte: UInt8) {
    let isDash = byte == UInt8(ascii: "-")
    switch (end, byte) {
    // `<!-->` and `<!--->` are whole.
    case (.start, .greaterThan), (.startDash, .greaterThan), (.dashes, .greaterThan), (.bang, .greaterThan):
      place = .text
    case (.start, _) where isDash: place = .comment(.startDash)
    case (.startDash, _) where isDash, (.dash, _) where isDash, (.dashes, _) where isDash:
      place = .comment(.dashes)
    case (.dashes, UInt8(ascii: "!")): place = .comment(.bang)
    case (_, _) where isDash: place = .comment(.dash)
    default: place = .comment(.none)
    }
  }

  private mutating func readRaw(_ matched: Int, _ byte: UInt8) throws(Problem) {
    let end: [UInt8] = [.lessThan, UInt8(ascii: "/")] + element
    if matched == end.count {
      // Only a whole name ends it.
      if byte.isBlank || byte == UInt8(ascii: "/") || byte == .greaterThan {
        isEndTag = true
        place = .beforeName
        if byte == .greaterThan { endTag() }
        return
      }
    } else if matched > 0, byte.asciiLowercased == end[matched] {
      place = .raw(matched: matched + 1)
      return
    }
    place = .raw(matched: byte == .lessThan ? 1 : 0)
    if matched == 1, byte == UInt8(ascii: "!"), name(element) == "script" {
      throw Problem(message: "begins a comment in a script, which may go on behind </script>; take it out")
    }
  }
}

extension UInt8 {
  static let lessThan = UInt8(ascii: "<")
  static let greaterThan = UInt8(ascii: ">")

  /// Form feeds and carriage returns are refused when a file is read; here they are blanks all the same.
  var isBlank: Bool { self == 0x20 || (0x09...0x0D).contains(self) && self != 0x0B }
}
