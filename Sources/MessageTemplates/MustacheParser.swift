/// What a file says, before it is known which mail it becomes part of.
indirect enum MustacheNode: Sendable {
  /// Bytes of the source.
  case text(Range<Int>)
  case value(slot: Int, at: Int)
  case section(slot: Int, isInverted: Bool, [MustacheNode], at: Int)
  /// `indentation` is what stood before a tag that was alone on its line; nil where it was not alone.
  case partial(name: String, indentation: Range<Int>?, at: Int)
}

/// Reads the strict part of Mustache: variables, sections, inverted sections, comments and partials. White space is
/// that of the Mustache specification: a section, comment or partial tag that is alone on its line takes the line
/// with it.
///
/// Everything else is a fault with its place, and reading goes on after it, so that one look shows all.
struct MustacheParser {
  private let source: TemplateSource
  private let names: TemplateNames
  private var bytes: [UInt8] { source.bytes }
  private(set) var faults: [TemplateFault] = []

  private struct Open {
    let name: String
    let slot: Int
    let isInverted: Bool
    let offset: Int
    var before: [MustacheNode]
  }

  /// Sections in each other; more than this is a slip or an attack.
  private static let maximumDepth = 32

  init(_ source: TemplateSource, names: TemplateNames) {
    self.source = source
    self.names = names
  }

  static func isName(_ bytes: some Collection<UInt8>) -> Bool {
    guard let first = bytes.first, isLetter(first) else { return false }
    return bytes.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) || $0 == 0x5F || $0 == 0x2D }
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }

  mutating func parse() -> [MustacheNode] {
    var nodes: [MustacheNode] = []
    var open: [Open] = []
    var literalStart = 0
    var cursor = 0
    while let start = find("{{", from: cursor) {
      guard let tag = tag(at: start) else {
        // Not a tag at all: it stays as text, and the fault is already told.
        cursor = start + 2
        continue
      }
      var end = tag.end
      var literalEnd = start
      var indentation: Range<Int>?
      if tag.kind != .value, let line = wholeLine(start..<tag.end) {
        literalEnd = line.lowerBound
        indentation = line.lowerBound..<start
        end = line.upperBound
      }
      if literalEnd > literalStart { nodes.append(.text(literalStart..<literalEnd)) }
      literalStart = end
      cursor = end
      switch tag.kind {
      case .comment, .broken: break
      case .value:
        if let slot = slot(of: tag) { nodes.append(.value(slot: slot, at: start)) }
      case .partial:
        nodes.append(.partial(name: tag.name, indentation: indentation, at: start))
      case .section, .inverted:
        // An unknown name still opens, so that its closing tag is no second fault.
        let slot = slot(of: tag) ?? 0
        if open.count == Self.maximumDepth {
          fault(.tooLong, start, "sections stand more than \(Self.maximumDepth) deep in each other")
        }
        open.append(
          Open(name: tag.name, slot: slot, isInverted: tag.kind == .inverted, offset: start, before: nodes))
        nodes = []
      case .close:
        guard let section = open.popLast() else {
          fault(
            .mismatchedTag, start,
            "found {{/\(tag.name)}}, but no section is open; expected {{#\(tag.name)}} before it")
          break
        }
        if section.name != tag.name {
          let (line, column) = source.position(of: section.offset)
          fault(
            .mismatchedTag, start,
            "found {{/\(tag.name)}}, expected {{/\(section.name)}} for the section that opens at \(line):\(column)"
          )
        }
        nodes =
          section.before + [
            .section(slot: section.slot, isInverted: section.isInverted, nodes, at: section.offset)
          ]
      }
    }
    if literalStart < bytes.count { nodes.append(.text(literalStart..<bytes.count)) }
    for section in open {
      fault(
        .unclosedSection, section.offset,
        "the section \(section.isInverted ? "{{^" : "{{#")\(section.name)}} is never closed; expected {{/\(section.name)}}"
      )
    }
    return nodes
  }

  private enum Kind { case value, section, inverted, close, comment, partial, broken }

  private struct Tag {
    var kind: Kind
    var name = ""
    var nameOffset = 0
    var offset = 0
    var end: Int
  }

  /// Reads the tag at `start`; nil where it does not end.
  private mutating func tag(at start: Int) -> Tag? {
    var content = start + 2
    let sigil = content < bytes.count ? bytes[content] : 0
    if sigil == UInt8(ascii: "!") {
      guard let end = find("}}", from: content) else {
        fault(.unclosedTag, start, "the comment that begins here never ends; expected }}")
        return nil
      }
      return Tag(kind: .comment, offset: start, end: end + 2)
    }
    guard let close = find("}}", from: content), isOneTag(content..<close) else {
      fault(.unclosedTag, start, "the tag that begins here does not end on its line; expected }}")
      return nil
    }
    let kind: Kind
    switch sigil {
    case UInt8(ascii: "{"):
      let end = close + 2 < bytes.count && bytes[close + 2] == UInt8(ascii: "}") ? close + 3 : close + 2
      let name = trimmed(content + 1..<close).text
      fault(
        .forbiddenTag, start,
        "found {{{\(name)}}}, which would not escape the value; expected {{\(name)}}")
      return Tag(kind: .broken, offset: start, end: end)
    case UInt8(ascii: "&"):
      let name = trimmed(content + 1..<close).text
      fault(
        .forbiddenTag, start, "found {{&\(name)}}, which would not escape the value; expected {{\(name)}}")
      return Tag(kind: .broken, offset: start, end: close + 2)
    case UInt8(ascii: "="):
      fault(.forbiddenTag, start, "found a set-delimiter tag; the delimiters are always {{ and }}")
      return Tag(kind: .broken, offset: start, end: close + 2)
    case UInt8(ascii: "<"), UInt8(ascii: "$"):
      fault(.forbiddenTag, start, "found a block of template inheritance; use a partial, {{> name}}")
      return Tag(kind: .broken, offset: start, end: close + 2)
    case UInt8(ascii: "#"): kind = .section
    case UInt8(ascii: "^"): kind = .inverted
    case UInt8(ascii: "/"): kind = .close
    case UInt8(ascii: ">"): kind = .partial
    default: kind = .value
    }
    if kind != .value { content += 1 }
    let (name, nameOffset) = trimmed(content..<close)
    guard Self.isName(name.utf8) else {
      switch name {
      case "": fault(.emptyTag, start, "found a tag without a name; expected such as {{code}}")
      case ".":
        fault(.forbiddenTag, start, "found {{.}}; values are strings, so use the name, such as {{app}}")
      default:
        fault(
          .badName, nameOffset,
          "'\(name)' is not a name; expected a letter, then letters, digits, _ or -, such as {{code}}")
      }
      return Tag(kind: .broken, offset: start, end: close + 2)
    }
    return Tag(kind: kind, name: name, nameOffset: nameOffset, offset: start, end: close + 2)
  }

  /// No line end and no further opening braces: otherwise the closing ones belong to another tag.
  private func isOneTag(_ range: Range<Int>) -> Bool {
    for index in range {
      if bytes[index] == UInt8(ascii: "\n") { return false }
      if bytes[index] == UInt8(ascii: "{"), index > range.lowerBound, index + 1 < range.upperBound,
        bytes[index + 1] == UInt8(ascii: "{")
      {
        return false
      }
    }
    return true
  }

  private func trimmed(_ range: Range<Int>) -> (text: String, offset: Int) {
    var range = range
    while let first = range.first, isBlank(bytes[first]) { range.removeFirst() }
    while let last = range.last, isBlank(bytes[last]) { range.removeLast() }
    return (String(decoding: bytes[range], as: UTF8.self), range.lowerBound)
  }

  private mutating func slot(of tag: Tag) -> Int? {
    if let slot = names.slot(of: tag.name) { return slot }
    let hint =
      names.nearest(to: tag.name).map { "did you mean '\($0)'?" }
      ?? "known are \(names.all.joined(separator: ", ")), and what variables.json5 declares"
    fault(.unknownName, tag.nameOffset, "'\(tag.name)' is not a known name; \(hint)")
    return nil
  }

  private func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

  /// The whole line, its end included, where nothing but blanks stands around the tag.
  private func wholeLine(_ tag: Range<Int>) -> Range<Int>? {
    var start = tag.lowerBound
    while start > 0, isBlank(bytes[start - 1]) { start -= 1 }
    guard start == 0 || bytes[start - 1] == UInt8(ascii: "\n") else { return nil }
    var end = tag.upperBound
    while end < bytes.count, isBlank(bytes[end]) { end += 1 }
    guard end < bytes.count else { return start..<end }
    return bytes[end] == UInt8(ascii: "\n") ? start..<end + 1 : nil
  }

  private func find(_ pair: StaticString, from start: Int) -> Int? {
    let first = pair.utf8Start[0]
    var index = start
    while index + 1 < bytes.count {
      if bytes[index] == first, bytes[index + 1] == first { return index }
      index += 1
    }
    return nil
  }

  private mutating func fault(_ rule: TemplateRule, _ offset: Int, _ message: String) {
    faults.append(source.fault(rule, at: offset, message))
  }
}
