internal import LinuxSystem

/// Reads HTML as far as templates need it: which text a reader sees, and whether elements are closed in order.
///
/// No parser of the standard: what a browser would repair is a finding here, and a quote or a bracket that is left
/// open swallows what follows, as it does in mail programs.
struct HTMLReading {
  /// A tag that has no partner.
  struct Stray: Hashable {
    /// What stands there, the longest first: the tag and what follows it, then the tag alone.
    let places: [String]
    let message: String
  }

  /// What is shown, without tags. Entities are left as they are.
  private(set) var visible: [UInt8] = []
  private(set) var strays: [Stray] = []

  private struct Open {
    let name: String
    let isHidden: Bool
    let tag: Range<Int>
  }

  private static let void: Set<String> = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr",
  ]
  /// Elements whose content is no text of the mail.
  private static let unseen: Set<String> = ["head", "script", "style", "template", "title"]
  /// Elements whose content is not markup.
  private static let raw: Set<String> = ["script", "style", "title"]

  init(_ html: [UInt8]) {
    var open: [Open] = []
    html.withUnsafeBytes { html in
      var index = 0
      while index < html.count {
        guard html[index] == UInt8(ascii: "<") else {
          let start = index
          index = html.firstOffset(of: UInt8(ascii: "<"), from: start) ?? html.count
          if open.last?.isHidden != true { visible += html[start..<index] }
          continue
        }
        if Self.has("<!--", html, index) {
          index = Self.find("-->", html, from: index + 4).map { $0 + 3 } ?? html.count
          continue
        }
        let end = Self.endOfTag(html, index)
        let tag = html[index..<end]
        let isClosing = tag.count > 1 && tag[index + 1] == UInt8(ascii: "/")
        let name = Self.name(tag.dropFirst(isClosing ? 2 : 1))
        if name.isEmpty, index + 1 == html.count || !"!/?".utf8.contains(html[index + 1]) {
          // A bracket that is no tag at all.
          if open.last?.isHidden != true { visible.append(html[index]) }
          index += 1
          continue
        }
        index = end
        if name.isEmpty || Self.void.contains(name) { continue }
        if isClosing {
          close(name, tag.startIndex..<end, html, &open)
          continue
        }
        open.append(
          Open(
            name: name, isHidden: open.last?.isHidden == true || Self.hides(name, tag),
            tag: tag.startIndex..<end))
        if Self.raw.contains(name) { index = Self.find("</\(name)", html, from: index) ?? html.count }
      }
    }
    html.withUnsafeBytes { html in
      for element in open {
        strays.append(
          Stray(places: Self.places(html, element.tag), message: "<\(element.name)> is never closed"))
      }
    }
  }

  private static func places(_ html: UnsafeRawBufferPointer, _ tag: Range<Int>) -> [String] {
    let name = String(decoding: html[tag], as: UTF8.self)
    let line = html[tag.upperBound...].prefix(40).prefix { $0 != UInt8(ascii: "\n") }
    return [line, line.prefix(12), line.prefix { $0 != UInt8(ascii: "<") }, line.prefix(0)].map {
      name + String(decoding: $0, as: UTF8.self)
    }
  }

  private mutating func close(
    _ name: String, _ tag: Range<Int>, _ html: UnsafeRawBufferPointer, _ open: inout [Open]
  ) {
    guard let index = open.lastIndex(where: { $0.name == name }) else {
      return strays.append(
        Stray(places: Self.places(html, tag), message: "found </\(name)>, but no <\(name)> is open"))
    }
    for element in open[(index + 1)...] {
      strays.append(
        Stray(
          places: Self.places(html, element.tag),
          message: "found </\(name)>, expected </\(element.name)> before it"))
    }
    open.removeSubrange(index...)
  }

  private static func hides(_ name: String, _ tag: Slice<UnsafeRawBufferPointer>) -> Bool {
    if unseen.contains(name) { return true }
    // Most tags do not mention either; letters are compared only in those that do.
    guard mentions("display", tag) || mentions("visibility", tag) else { return false }
    let text = String(decoding: tag, as: UTF8.self).lowercased().filter { !$0.isWhitespace }
    return text.contains("display:none") || text.contains("visibility:hidden")
  }

  private static func mentions(_ word: StaticString, _ tag: Slice<UnsafeRawBufferPointer>) -> Bool {
    // Indices of the whole text: a slice's own subscripts cost more than the comparison.
    let (html, count) = (tag.base, word.utf8CodeUnitCount)
    var start = tag.startIndex
    while start + count <= tag.endIndex {
      var same = 0
      while same < count, html[start + same] | 0x20 == word.utf8Start[same] { same += 1 }
      if same == count { return true }
      start += 1
    }
    return false
  }

  /// Whether `bytes` stand in what is shown.
  func shows(_ bytes: [UInt8]) -> Bool {
    guard let first = bytes.first else { return false }
    return visible.withUnsafeBytes { visible in
      var start = 0
      while start + bytes.count <= visible.count {
        if visible[start] == first, visible[start..<(start + bytes.count)].elementsEqual(bytes) {
          return true
        }
        start += 1
      }
      return false
    }
  }

  /// Behind the `>` that ends the tag: one in quotes does not.
  private static func endOfTag(_ html: UnsafeRawBufferPointer, _ start: Int) -> Int {
    var quote: UInt8 = 0
    var index = start + 1
    while index < html.count {
      let byte = html[index]
      index += 1
      if quote != 0 {
        // Values of `style` are most of a tag.
        index = html.firstOffset(of: quote, from: index - 1).map { $0 + 1 } ?? html.count
        quote = 0
      } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
        quote = byte
      } else if byte == UInt8(ascii: ">") {
        return index
      }
    }
    return index
  }

  private static func name(_ bytes: some Collection<UInt8>) -> String {
    let name = bytes.prefix { (0x61...0x7A).contains($0 | 0x20) || (0x30...0x39).contains($0) }
    return String(decoding: name, as: UTF8.self).lowercased()
  }

  private static func has(_ text: String, _ html: UnsafeRawBufferPointer, _ index: Int) -> Bool {
    let text = text.utf8
    guard index + text.count <= html.count else { return false }
    return zip(text, html[index...]).allSatisfy {
      $0 == $1 || ((0x41...0x5A).contains($1) && $0 == $1 | 0x20)
    }
  }

  private static func find(_ text: String, _ html: UnsafeRawBufferPointer, from start: Int) -> Int? {
    let first = text.utf8.first!
    var index = start
    while let found = html.firstOffset(of: first, from: index) {
      if has(text, html, found) { return found }
      index = found + 1
    }
    return nil
  }
}
