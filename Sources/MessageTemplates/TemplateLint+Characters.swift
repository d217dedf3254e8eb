internal import CodeRequests

// What is typed or saved wrongly, and text that nobody has translated.
extension TemplateLint {
  // MARK: Characters

  /// Looks at every file that is part of a mail, as it stands.
  mutating func checkCharacters() {
    let patterns = MarkupPatterns()
    let used = Set(catalogue.all.flatMap { $0.origins.map(\.file) })
    for (file, source) in library.files.sources where used.contains(file) {
      let text = source.text
      if let found = Mojibake.first(in: text) {
        findings.insert(
          source.fault(
            .mojibake, near: found.written,
            "'\(found.written)' was read in the wrong encoding"
              + (found.meant.map { "; it looks like '\($0)'" } ?? "")
              + "; write it again and save the file as UTF-8"))
      }
      if let brace = text.first(where: { "\u{FF5B}\u{FF5D}\u{FE5B}\u{FE5C}".contains($0) }) {
        findings.insert(
          source.fault(
            .fullWidthBraces, near: String(brace), "'\(brace)' is a brace of full width; expected {{ or }}"))
      }
      if file.hasSuffix(".html") { checkMarkupCharacters(source, text, patterns) }
    }
  }

  private mutating func checkMarkupCharacters(
    _ source: TemplateSource, _ text: String, _ patterns: MarkupPatterns
  ) {
    if let found = patterns.curly.first(in: text) {
      findings.insert(
        source.fault(
          .attributeQuotes, near: found,
          "an attribute stands in curly quotes, which no mail program takes for quotes; expected \" or '"))
    }
    if let found = patterns.dataURL.first(in: text) {
      findings.insert(
        source.fault(
          .embeddedImage, near: found,
          "holds a picture in a data: URL, which Gmail and Outlook do not show; take it out"))
    }
    let words = patterns.text(of: text)
    if let range = patterns.bare.firstRange(in: words) {
      let offset = words.distance(from: words.startIndex, to: range.lowerBound)
      let place = text.index(text.startIndex, offsetBy: offset)
      let sign = text[place]
      findings.insert(
        source.fault(
          .bareCharacter, at: text.utf8.distance(from: text.startIndex, to: place),
          "a bare '\(sign)' in text is read as the beginning of \(sign == "<" ? "a tag" : "a reference"); write \(sign == "<" ? "&lt;" : "&amp;")"
        ))
    }
  }

  // MARK: Subjects

  /// More than mail programs show of a subject on a phone.
  static let longestSubject = 50

  /// - Parameter sample: with every value that may be there.
  mutating func checkSubjects(of template: MailTemplate, _ sample: TemplateValues) {
    for (suffix, showsCode) in [("subject.txt", false), (CatalogueLoader.subjectWithCode, true)] {
      guard !showsCode || template.subjectWithCode != nil else { continue }
      var values = sample
      values.subjectShowsCode = showsCode
      guard let subject = try? template.render(values).subject, subject.count > Self.longestSubject,
        let file = template.origins.map(\.file).first(where: { $0.hasSuffix("/" + suffix) })
      else { continue }
      findings.insert(
        TemplateFault(
          .longSubject, file: file, line: 1,
          "comes to \(subject.count) characters with '\(values.app)' for the app; expected at most \(Self.longestSubject), since phones cut off what is beyond"
        ))
    }
  }

  // MARK: Copies

  /// A line of some words that stands in two languages was copied and never translated.
  mutating func checkCopies() {
    let patterns = MarkupPatterns()
    var lines: [String: [(locale: LocaleTag, file: String, line: String)]] = [:]
    for template in catalogue.common.values {
      for file in template.origins.map(\.file) {
        let parts = file.split(separator: "/")
        let months = template.requestPhrases.months
        if parts.count == 2, parts[0] == template.locale.rawValue, parts[1] == RequestPhrases.fileName,
          !months.isEmpty
        {
          lines[months.joined(separator: " "), default: []].append((template.locale, file, "months"))
        }
        guard parts.count == 3, parts[0] == template.locale.rawValue, let source = library.files.sources[file]
        else {
          continue
        }
        for line in source.text.split(separator: "\n") {
          guard let words = Self.words(of: line, patterns) else { continue }
          lines[words, default: []].append((template.locale, file, String(line)))
        }
      }
    }
    for places in lines.values {
      for place in places {
        // English is what others are written from; between any others the later one is the copy.
        let models = places.filter {
          $0.locale.language != place.locale.language && !Self.areAlike($0.locale, place.locale)
        }
        guard
          let model = models.min(by: { Self.order($0.locale) < Self.order($1.locale) }),
          Self.order(model.locale) < Self.order(place.locale), let source = library.files.sources[place.file]
        else { continue }
        findings.insert(
          source.fault(
            .sameText, near: place.line,
            "stands word for word in \(model.file); translate it, or delete the file where it overrides nothing"
          ))
      }
    }
  }

  private static func order(_ locale: LocaleTag) -> (Int, String) {
    (locale.language == "en" ? 0 : 1, locale.rawValue)
  }

  /// Neighbours share whole sentences.
  private static func areAlike(_ left: LocaleTag, _ right: LocaleTag) -> Bool {
    let pairs: [Set<String>] = [
      ["cs", "sk"], ["id", "ms"], ["da", "nb", "nn", "no"], ["bs", "hr", "sr", "sh", "cnr"], ["gl", "pt"],
      ["es", "gl"],
      ["bg", "mk"],
    ]
    return pairs.contains { $0.isSuperset(of: [left.language, right.language]) }
      || LanguageMatch(left).distance(to: LanguageMatch(right)) != nil
  }

  /// The words of a line, without tags; nil where they are too few to tell a language by.
  private static func words(of line: Substring, _ patterns: MarkupPatterns) -> String? {
    var text = patterns.mustache.replacing(with: " ", in: String(line))
    text = patterns.tag.replacing(with: " ", in: text)
    let words = text.split { !$0.isLetter && $0 != "'" && $0 != "’" }
    return words.count < 4 ? nil : words.joined(separator: " ").lowercased()
  }
}

/// Patterns of markup, made once for a look at all files.
private struct MarkupPatterns {
  let curly = LintPattern(#"<[a-zA-Z][^<>]*?\s[a-zA-Z-]+\s*=\s*[“”„‟‘’‚‛«»″′]"#)
  let dataURL = LintPattern(
    #"\b(?:src|srcset|href|background|poster)\s*=\s*["']?\s*data:|url\(\s*["']?\s*data:"#, inAnyCase: true)
  let mustache = LintPattern(#"\{\{[^}]*\}\}"#)
  let comment = LintPattern(#"(?s)<!--.*?-->"#)
  let raw = LintPattern(#"(?s)<(style|script)\b.*?</(style|script)>"#, inAnyCase: true)
  let tag = LintPattern(#"(?s)<[/!?]?[a-zA-Z](?:[^<>"']|"[^"]*"|'[^']*')*>|<![^>]*>"#)
  let bare = LintPattern(#"&(?!(?:[A-Za-z][A-Za-z0-9]*|#[0-9]+|#[xX][0-9A-Fa-f]+);)|<(?![a-zA-Z/!?])"#)

  /// The same text with all that is no text of the mail blanked out, so that offsets stay as they are.
  func text(of html: String) -> String {
    [mustache, comment, raw, tag].reduce(html) { html, pattern in
      pattern.replacing(in: html) { String(repeating: "\u{1}", count: $0.count) }
    }
  }
}

/// UTF-8 that was read as Windows-1252 and saved again: `Ã¤` for `ä`.
enum Mojibake {
  /// The first of it; `meant` is nil for U+FFFD, of which nobody knows what it was.
  static func first(in text: String) -> (written: String, meant: String?)? {
    let scalars = Array(text.unicodeScalars)
    var index = 0
    while index < scalars.count {
      if scalars[index] == "\u{FFFD}" { return ("\u{FFFD}", nil) }
      if let (count, meant) = sequence(scalars[index...]) {
        var written = String.UnicodeScalarView()
        written.append(contentsOf: scalars[index..<(index + count)])
        return (String(written), meant)
      }
      index += 1
    }
    return nil
  }

  /// A letter or a mark of Europe's languages that two or three characters stand for.
  private static func sequence(_ scalars: ArraySlice<Unicode.Scalar>) -> (count: Int, meant: String)? {
    guard let lead = scalars.first.flatMap(byte), (0xC2...0xEF).contains(lead) else { return nil }
    let count = lead < 0xE0 ? 2 : 3
    guard scalars.count >= count else { return nil }
    let bytes = scalars.prefix(count).compactMap(byte)
    guard bytes.count == count, bytes.dropFirst().allSatisfy({ (0x80...0xBF).contains($0) }),
      let meant = String(validating: bytes, as: UTF8.self), let scalar = meant.unicodeScalars.first
    else { return nil }
    switch scalar.value {
    case 0xA0...0x17F, 0x2010...0x203A, 0x20AC: return (count, meant)
    // Greek and Cyrillic: one such pair may be meant, two in a row are not.
    case 0x370...0x4FF:
      let next = scalars.dropFirst(count).prefix(2).compactMap(byte)
      return next.count == 2 && (0xCD...0xD3).contains(next[0]) && (0x80...0xBF).contains(next[1])
        ? (count, meant) : nil
    default: return nil
    }
  }

  /// In Windows-1252.
  private static func byte(_ scalar: Unicode.Scalar) -> UInt8? {
    if scalar.value <= 0xFF { return UInt8(scalar.value) }
    return high.firstIndex(of: scalar).map { UInt8(0x80 + $0) }
  }

  /// 0x80 to 0x9F; U+FFFF where nothing stands.
  private static let high = Array(
    "€\u{FFFF}‚ƒ„…†‡ˆ‰Š‹Œ\u{FFFF}Ž\u{FFFF}\u{FFFF}‘’“”•–—˜™š›œ\u{FFFF}žŸ".unicodeScalars)
}
