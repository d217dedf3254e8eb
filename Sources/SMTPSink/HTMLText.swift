internal import LinuxSystem

/// What a reader of an HTML mail sees, as text: blocks and line breaks are lines, cells of a row stand on one. Only as far as
/// finding a code needs that; whatever comes is taken.
enum HTMLText {
  /// More of a mail is not read.
  private static let longest = 262_144
  private static let unread: Set<String> = ["style", "script", "head", "title", "template", "noscript"]
  private static let inline: Set<String> = [
    "a", "abbr", "b", "bdi", "bdo", "code", "em", "font", "i", "img", "ins", "kbd", "mark", "o:p", "s",
    "samp", "small",
    "span", "strong", "sub", "sup", "tt", "u", "wbr",
  ]

  static func plain(_ html: String) -> String {
    var text = ""
    var rest = html.unicodeScalars.prefix(longest)[...]
    var isBlank = true
    func add(_ piece: String) {
      for character in piece.unicodeScalars {
        // Blanks of the source; those that are meant are entities.
        let isSpace = character == " " || character == "\n" || character == "\t" || character == "\r"
        if !isSpace { text.unicodeScalars.append(character) } else if !isBlank { text.append(" ") }
        isBlank = isSpace
      }
    }
    while !rest.isEmpty {
      guard let open = rest.firstIndex(of: "<") else {
        add(unescaped(rest))
        break
      }
      add(unescaped(rest[..<open]))
      rest = rest[open...]
      if rest.starts(with: "<!--".unicodeScalars) {
        rest = after("-->", in: rest)
        continue
      }
      guard let close = rest.firstIndex(of: ">") else { break }
      let tag = rest[rest.index(after: open)..<close]
      let isEnd = tag.first == "/"
      let name = String(
        String.UnicodeScalarView(
          (isEnd ? tag.dropFirst() : tag).prefix { !" \n\t\r/".unicodeScalars.contains($0) })
      ).lowercased()
      rest = rest[rest.index(after: close)...]
      if unread.contains(name), !isEnd {
        rest = after("</\(name)", in: rest)
        rest = after(">", in: rest)
      } else if ["td", "th"].contains(name) {
        add(" ")
      } else if !inline.contains(name) {
        text.append("\n")
        isBlank = true
      }
    }
    return text
  }

  /// Behind the first `mark`, in any case; the end where there is none.
  private static func after(
    _ mark: String, in text: Substring.UnicodeScalarView
  ) -> Substring.UnicodeScalarView {
    let mark = Array(mark.unicodeScalars)
    var index = text.startIndex
    while index != text.endIndex {
      if text[index...].prefix(mark.count).elementsEqual(
        mark, by: { $0.properties.lowercaseMapping == $1.properties.lowercaseMapping })
      {
        return text[text.index(index, offsetBy: mark.count)...]
      }
      index = text.index(after: index)
    }
    return text[text.endIndex...]
  }

  private static let names: [String: Unicode.Scalar] = [
    "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": "\u{A0}", "zwnj": "\u{200C}",
    "zwj": "\u{200D}",
    "shy": "\u{AD}", "ndash": "-", "mdash": "-", "thinsp": "\u{2009}", "copy": "©", "euro": "€", "pound": "£",
  ]

  /// Entities undone; one that is unknown stays.
  private static func unescaped(_ text: some BidirectionalCollection<Unicode.Scalar>) -> String {
    var result = String.UnicodeScalarView()
    var index = text.startIndex
    while index != text.endIndex {
      let scalar = text[index]
      if scalar == "&" {
        let name = text[text.index(after: index)...].prefix(12).prefix { $0 != ";" && $0 != "&" }
        let end = text.index(index, offsetBy: name.count + 1)
        if end != text.endIndex, text[end] == ";", let meant = entity(String(String.UnicodeScalarView(name)))
        {
          result.append(meant)
          index = text.index(after: end)
          continue
        }
      }
      result.append(scalar)
      index = text.index(after: index)
    }
    return String(result)
  }

  private static func entity(_ name: String) -> Unicode.Scalar? {
    guard name.hasPrefix("#") else { return names[name] }
    let digits = name.dropFirst()
    let value = digits.lowercased().hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
    return value.flatMap(Unicode.Scalar.init)
  }
}
