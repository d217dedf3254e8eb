internal import CodeRequests

/// Reads subject, text, HTML and passcode out of a message (RFC 5322, 2045, 2046), as far as a sink needs that:
/// it takes whatever comes, finds nothing in garbage, and never fails.
package struct MessageReader {
  private let content: [UInt8]
  /// Parts within parts beyond this are not looked into: nobody writes them, and each costs stack.
  private static let deepest = 8

  package init(_ content: [UInt8]) { self.content = content }

  /// Decoded (RFC 2047) and unfolded; empty where there is none.
  package var subject: String {
    let (headers, _) = MessageHeaders.split(content[...])
    return headers.value(of: "subject").map(EncodedWords.decode) ?? ""
  }

  /// The passcode: where the text says that it is one, else the HTML, else the subject; where none does, the only number
  /// that can be one.
  package var code: FoundCode? {
    let texts = [(FoundCode.Part.text, "text/plain"), (.html, "text/html")].compactMap { part, type in
      text(type).map { (part, part == .html ? HTMLText.plain($0) : $0) }
    }
    let finders = (texts + [(FoundCode.Part.subject, subject)]).map { ($0, CodeFinder($1)) }
    for (part, finder) in finders {
      if let found = finder.best() { return FoundCode(code: found.code, part: part, way: found.way) }
    }
    for (part, finder) in finders {
      if let found = finder.only() { return FoundCode(code: found.code, part: part, way: found.way) }
    }
    return nil
  }

  /// The text of the first part of a type that holds some. What is not UTF-8 is taken for Latin-1, where digits and the
  /// words of most languages are.
  private func text(_ type: String) -> String? {
    Self.first(in: content[...], depth: 0) { found, body in
      guard found == type, body.contains(where: { $0 > 0x20 }) else { return nil }
      return String(validating: body, as: UTF8.self)
        ?? String(String.UnicodeScalarView(body.map { Unicode.Scalar($0) }))
    }
  }

  /// The decoded bytes of the first part of a type, such as `text/html`.
  package func part(_ wanted: String) -> [UInt8]? {
    Self.first(in: content[...], depth: 0) { type, body in type == wanted ? Array(body) : nil }
  }

  /// What `find` makes of the first leaf, decoded, that it makes something of.
  private static func first<Found>(
    in part: ArraySlice<UInt8>, depth: Int, _ find: (String, ArraySlice<UInt8>) -> Found?
  ) -> Found? {
    let (headers, body) = MessageHeaders.split(part)
    let type = headers.contentType
    if type.name.hasPrefix("multipart/") {
      guard depth < deepest, let boundary = type.boundary else { return nil }
      for part in MultipartBody.parts(of: body, boundary: boundary) {
        if let found = first(in: part, depth: depth + 1, find) { return found }
      }
      return nil
    }
    switch headers.value(of: "content-transfer-encoding")?.lowercased() ?? "" {
    case "quoted-printable": return find(type.name, TransferDecoding.quotedPrintable(body)[...])
    case "base64": return find(type.name, TransferDecoding.base64(body)[...])
    default: return find(type.name, body)
    }
  }
}

/// The header fields of a message or a part.
struct MessageHeaders {
  private var fields: [(name: String, value: String)] = []

  /// The fields and what follows the empty line. Where there is no empty line, all is fields.
  static func split(_ bytes: ArraySlice<UInt8>) -> (MessageHeaders, body: ArraySlice<UInt8>) {
    var headers = MessageHeaders()
    var rest = bytes
    while let first = rest.first {
      let end = rest.firstIndex(of: 0x0A) ?? rest.endIndex
      var line = rest[rest.startIndex..<end]
      let next = end == rest.endIndex ? end : end + 1
      if line.last == 0x0D { line = line.dropLast() }
      rest = rest[next...]
      if line.isEmpty { return (headers, rest) }
      headers.take(line, isFolded: first == 0x20 || first == 0x09)
    }
    return (headers, rest)
  }

  private mutating func take(_ line: ArraySlice<UInt8>, isFolded: Bool) {
    if isFolded, !fields.isEmpty {
      fields[fields.count - 1].value += String(decoding: line, as: UTF8.self)
    } else if let colon = line.firstIndex(of: UInt8(ascii: ":")), fields.count < 1000 {
      fields.append(
        (
          String(decoding: line[..<colon], as: UTF8.self).lowercased(),
          String(decoding: line[(colon + 1)...], as: UTF8.self)
        ))
    }
  }

  /// The first field of that name, which is lower case; trimmed.
  func value(of name: String) -> String? {
    fields.first { $0.name == name }?.value.trimmed
  }

  /// The media type in lower case and its boundary; text/plain where nothing is said (RFC 2045 5.2).
  var contentType: (name: String, boundary: [UInt8]?) {
    guard let value = value(of: "content-type") else { return ("text/plain", nil) }
    let parts = value.split(separator: ";", omittingEmptySubsequences: true)
    let name = parts.first.map { $0.trimmed.lowercased() } ?? "text/plain"
    // A quoted boundary may hold semicolons, so it is looked for in the whole value.
    guard let range = value.firstRange(ofASCII: "boundary=") else { return (name, nil) }
    let rest = value[range.upperBound...]
    let boundary =
      rest.hasPrefix("\"")
      ? rest.dropFirst().prefix { $0 != "\"" } : rest.prefix { $0 != ";" && $0 != " " && $0 != "\t" }
    return (name, boundary.isEmpty ? nil : Array(boundary.utf8))
  }
}

/// The parts of a multipart body (RFC 2046 5.1.1), without preamble and epilogue.
enum MultipartBody {
  static func parts(of body: ArraySlice<UInt8>, boundary: [UInt8]) -> [ArraySlice<UInt8>] {
    let delimiter = Array("--".utf8) + boundary
    var parts: [ArraySlice<UInt8>] = []
    var start: Int?
    var line = body.startIndex
    while line < body.endIndex {
      let end = body[line...].firstIndex(of: 0x0A) ?? body.endIndex
      if body[line..<end].starts(with: delimiter) {
        if let start { parts.append(body[start..<line]) }
        let isLast = body[(line + delimiter.count)..<end].starts(with: "--".utf8)
        if isLast { return parts }
        start = min(end + 1, body.endIndex)
      }
      line = end + 1
    }
    if let start { parts.append(body[start...]) }
    return parts
  }
}
