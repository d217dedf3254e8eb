internal import CodeRequests
internal import FoundationEssentials
internal import LinuxSystem

/// How long a code is valid, as a phrase in the accusative: `30 minutes`, `22 minuty`, `1 timme`. The words stand in
/// `plurals.json5` of the locale:
/// `{ minute: { one: "{{count}} minute", other: "{{count}} minutes" }, hour: { … } }`.
/// A language whose way of counting is not known here names one that counts alike: `like: "sv"`.
package struct ValidityPhrases: Sendable {
  static let fileName = "plurals.json5"
  /// What stands for the number.
  static let placeholder = "{{count}}"

  private struct Phrase: Sendable {
    let before: [UInt8]
    let after: [UInt8]
    /// False for a form that spells its number out.
    let hasNumber: Bool
  }

  package let rule: PluralRule
  /// By the index of the category in `PluralRule.Category.allCases`.
  private let minutes: [Phrase?]
  private let hours: [Phrase?]

  init(_ source: TemplateSource, locale language: String) throws(TemplateFault) {
    let file: File
    do {
      let decoder = JSONDecoder()
      decoder.allowsJSON5 = true
      file = try decoder.decode(File.self, from: Data(source.bytes))
    } catch {
      throw source.fault(
        .badPlurals, decoding: error,
        "expected { minute: { one: \"{{count}} minute\", other: \"{{count}} minutes\" }, hour: { … } }")
    }
    let counted = file.like ?? language
    guard let rule = PluralRule(language: counted) else {
      throw source.fault(
        .badPlurals, near: counted,
        "how '\(counted)' counts is not known here; add like: \"en\" with a language that counts alike")
    }
    self.rule = rule
    minutes = try Self.phrases(file.minute, "minute", rule, language, source)
    hours = try Self.phrases(file.hour, "hour", rule, language, source)
  }

  /// What keeps a folder from being a locale: nobody knows how its language counts, and its `plurals.json5` does not say.
  ///
  /// - Returns: nil where it is known, or where the file cannot be read and tells that itself.
  static func unknownLanguage(
    _ language: String, in folder: String, _ files: TemplateFiles
  ) -> TemplateFault? {
    guard PluralRule(language: language) == nil else { return nil }
    let file = "\(folder)/\(fileName)"
    let decoder = JSONDecoder()
    decoder.allowsJSON5 = true
    if let source = files.sources[file] {
      guard let read = try? decoder.decode(File.self, from: Data(source.bytes)), read.like == nil else {
        return nil
      }
    }
    return TemplateFault(
      .badPlurals, file: file,
      "how '\(language)' counts is not known here; add like: \"en\" with a language that counts alike. The folder is passed over until then, so rename or remove it if it is no locale"
    )
  }

  private static func phrases(
    _ forms: [String: String], _ unit: String, _ rule: PluralRule, _ language: String,
    _ source: TemplateSource
  ) throws(TemplateFault) -> [Phrase?] {
    let needed = rule.categories.map(\.rawValue)
    for name in forms.keys.sorted() where !needed.contains(name) {
      throw source.fault(
        .badPlurals, near: name,
        "'\(name)' of '\(unit)' is no form of '\(language)'; expected \(needed.joined(separator: ", "))")
    }
    var phrases = [Phrase?](repeating: nil, count: PluralRule.Category.allCases.count)
    for (index, category) in PluralRule.Category.allCases.enumerated() {
      guard needed.contains(category.rawValue) else { continue }
      guard let form = forms[category.rawValue] else {
        throw source.fault(
          .badPlurals, near: unit,
          "'\(unit)' has no form '\(category.rawValue)'; '\(language)' needs \(needed.joined(separator: ", "))"
        )
      }
      // "two" of Arabic or "one" of Hebrew are words without a number.
      let pieces = form.split(separator: placeholder, omittingEmptySubsequences: false)
      guard pieces.count <= 2, !form.isEmpty, pieces.count == 2 || category != .other,
        !pieces.joined().contains("{"), firstLineEnd(in: form) == nil
      else {
        throw source.fault(
          .badPlurals, near: form.isEmpty ? unit : form,
          "the form '\(category.rawValue)' of '\(unit)' is \"\(form)\"; expected one line with {{count}} once"
        )
      }
      phrases[index] = Phrase(
        before: Array(pieces[0].utf8), after: Array(pieces.dropFirst().joined().utf8),
        hasNumber: pieces.count == 2)
    }
    return phrases
  }

  private static func firstLineEnd(in text: String) -> String.Index? { text.firstIndex { $0.isNewline } }

  /// Whole minutes, at least 1: a phrase never promises more time than there is.
  package static func minutes(of validity: Duration) -> Int { max(1, Int(validity.components.seconds / 60)) }

  /// Appends the phrase. Whole hours are told in hours from one hour on, everything else in minutes.
  ///
  /// - Parameter total: as `minutes(of:)` counts them.
  func append(minutes total: Int, to bytes: inout ByteBuffer) {
    let isHours = total % 60 == 0
    let count = isHours ? total / 60 : total
    let category = PluralRule.Category.allCases.firstIndex(of: rule.category(of: count))!
    guard let phrase = (isHours ? hours : minutes)[category] else { return }
    bytes.append(phrase.before)
    if phrase.hasNumber { bytes.append(decimal: count) }
    bytes.append(phrase.after)
  }

  /// The words for minutes and hours that stand behind a number.
  var units: [String] {
    (minutes + hours).compactMap { phrase in
      guard let phrase, phrase.hasNumber else { return nil }
      let word = String(decoding: phrase.after, as: UTF8.self).trimmed
      return word.isEmpty ? nil : word
    }
  }
}

/// The file as it is written.
private struct File: Decodable {
  var like: String?
  var minute: [String: String]
  var hour: [String: String]

  private enum Key: String, CodingKey, CaseIterable { case like, minute, hour }

  init(from decoder: any Decoder) throws {
    try checkKeys(of: decoder, known: Key.allCases.map(\.rawValue))
    let fields = try decoder.container(keyedBy: Key.self)
    like = try fields.decodeIfPresent(String.self, forKey: .like)
    minute = try fields.decode([String: String].self, forKey: .minute)
    hour = try fields.decode([String: String].self, forKey: .hour)
  }
}
