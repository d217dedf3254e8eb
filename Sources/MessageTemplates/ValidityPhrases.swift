internal import CodeRequests
internal import Documents
internal import LinuxSystem

/// How long a code is valid, as a phrase in the accusative: `30 minutes`, `22 minuty`, `1 timme`, number and unit joined
/// by U+00A0. The words stand in
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
    (rule, minutes, hours) = try source.read(
      .badPlurals,
      "{ minute: { one: \"{{count}} minute\", other: \"{{count}} minutes\" }, hour: { … } }"
    ) { (file) throws(DocumentFault) in
      let (like, minutes, hours) = try Self.parts(of: file)
      let counted = try like?.string() ?? language
      guard let rule = PluralRule(language: counted) else {
        let advice = "counts is not known here; add like: \"en\" with a language that counts alike"
        throw like?.fault("is '\(counted)', and how that \(advice)")
          ?? file.fault("how '\(counted)' \(advice)")
      }
      let spare = PluralRule.spare(counted)
      return (
        rule, try Self.phrases(minutes, rule, spare, language), try Self.phrases(hours, rule, spare, language)
      )
    }
  }

  /// What keeps a folder from being a locale: nobody knows how its language counts, and its `plurals.json5` does not say.
  ///
  /// - Returns: nil where it is known, or where the file cannot be read and tells that itself.
  static func unknownLanguage(
    _ language: String, in folder: String, _ files: TemplateFiles
  ) -> TemplateFault? {
    guard PluralRule(language: language) == nil else { return nil }
    let file = "\(folder)/\(fileName)"
    if let source = files.sources[file] {
      guard let parts = try? parts(of: Document(source.bytes).node), parts.like == nil else { return nil }
    }
    return TemplateFault(
      .badPlurals, file: file,
      "how '\(language)' counts is not known here; add like: \"en\" with a language that counts alike. The folder is passed over until then, so rename or remove it if it is no locale"
    )
  }

  private static func parts(
    of file: DocumentNode
  ) throws(DocumentFault) -> (like: DocumentNode?, minutes: DocumentNode, hours: DocumentNode) {
    let fields = try file.object(["like", "minute", "hour"])
    return (
      fields["like"], try fields.required("minute", "the forms of minutes"),
      try fields.required("hour", "the forms of hours")
    )
  }

  private static func phrases(
    _ forms: DocumentNode, _ rule: PluralRule, _ spare: [PluralRule.Category], _ language: String
  ) throws(DocumentFault) -> [Phrase?] {
    let needed = rule.categories.map(\.rawValue)
    var phrases = [Phrase?](repeating: nil, count: PluralRule.Category.allCases.count)
    for (name, node) in try forms.members() {
      guard let index = PluralRule.Category.allCases.firstIndex(where: { $0.rawValue == name }),
        needed.contains(name) || spare.contains(PluralRule.Category.allCases[index])
      else {
        throw node.fault(
          "is no form of '\(language)'; expected \(needed.joined(separator: ", "))", .unknownKey)
      }
      phrases[index] = try phrase(
        node, isOther: name == PluralRule.Category.other.rawValue,
        counts: rule.counts(of: PluralRule.Category.allCases[index]))
    }
    for (index, category) in PluralRule.Category.allCases.enumerated() where phrases[index] == nil {
      guard !needed.contains(category.rawValue) else {
        throw forms.fault(
          "has no form '\(category.rawValue)'; '\(language)' needs \(needed.joined(separator: ", "))",
          .missing)
      }
    }
    return phrases
  }

  /// - Parameter counts: that take it.
  private static func phrase(
    _ node: DocumentNode, isOther: Bool, counts: @autoclosure () -> [Int]
  ) throws(DocumentFault) -> Phrase {
    let form = try node.string()
    // "two" of Arabic or "one" of Hebrew are words without a number.
    let pieces = form.split(separator: placeholder, omittingEmptySubsequences: false)
    guard pieces.count <= 2, !form.isEmpty, pieces.count == 2 || !isOther,
      !pieces.joined().contains("{"), firstLineEnd(in: form) == nil
    else { throw node.fault("is \"\(form)\"; expected one line with {{count}} once") }
    if pieces.count == 1, case let counts = counts(), counts.count > 1 {
      let some = counts.prefix(3).map { "\($0)" }.joined(separator: ", ")
      throw node.fault("is \"\(form)\" and would be said of \(some) and more; expected {{count}} in it")
    }
    // A number and its unit stay on one line.
    let before = pieces[0].hasSuffix(" ") ? pieces[0].dropLast() + "\u{A0}" : pieces[0]
    let rest = pieces.dropFirst().joined()
    let after = rest.hasPrefix(" ") ? "\u{A0}" + rest.dropFirst() : rest
    return Phrase(before: Array(before.utf8), after: Array(after.utf8), hasNumber: pieces.count == 2)
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
