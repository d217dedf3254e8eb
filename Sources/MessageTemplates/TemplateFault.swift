/// What a template can get wrong. The raw value is the name that `template lint --json` prints.
package enum TemplateRule: String, CaseIterable, Sendable {
  // Files.
  case unreadable, untrusted, linkOutside = "link-outside", tooLarge = "too-large", notUTF8 = "not-utf-8"
  case byteOrderMark = "byte-order-mark", carriageReturn = "carriage-return"
  case missingPart = "missing-part", missingPlurals = "missing-plurals"
  case missingRequestWords = "missing-request-words"
  case unknownFile = "unknown-file", folderName = "folder-name", countryCode = "country-code"
  // The language.
  case unclosedTag = "unclosed-tag", emptyTag = "empty-tag", forbiddenTag = "forbidden-tag", badName =
    "bad-name"
  case unknownName = "unknown-name", mismatchedTag = "mismatched-tag", unclosedSection = "unclosed-section"
  case htmlContext = "html-context"
  case missingPartial = "missing-partial", recursivePartial = "recursive-partial", tooLong = "too-long"
  // The parts.
  case notOneLine = "not-one-line", blankEnds = "blank-ends", emptyPart = "empty-part", controlCharacter =
    "control-character"
  case codeInSubject = "code-in-subject", tabInHeader = "tab-in-header", badVariables = "bad-variables",
    badPlurals = "bad-plurals", badRequestWords = "bad-request-words"
  // What only lint looks at.
  case missingCode = "missing-code", splitCode = "split-code", unusedName = "unused-name"
  case missingPurpose = "missing-purpose", writtenMinutes = "written-minutes", htmlLanguage = "html-lang"
  case script, form, remoteImage = "remote-image", styleSize = "style-size", htmlSize = "html-size"
  case hiddenCode = "hidden-code", htmlTags = "html-tags", unknownTenant = "unknown-tenant"
  case contrast, formality
  case sameText = "same-text", attributeQuotes = "attribute-quotes", bareCharacter = "bare-character"
  case mojibake, fullWidthBraces = "full-width-braces", embeddedImage = "embedded-image"
  case longSubject = "long-subject"
}

/// What is wrong with a template, and where.
package struct TemplateFault: Error, Hashable, Sendable, CustomStringConvertible {
  package let rule: TemplateRule
  /// Relative to the directory of templates: `sv/sign-in/body.html`.
  package let file: String
  /// From 1; 0 where the file as a whole is meant.
  package let line: Int
  /// From 1, in characters; 0 where the line or the file as a whole is meant.
  package let column: Int
  /// What was found, what was expected, and what to do.
  package let message: String
  /// The one file that is missing where many mails lack the same: it is told once.
  let cause: String?

  package init(_ rule: TemplateRule, file: String, line: Int = 0, column: Int = 0, _ message: String) {
    self.init(rule, file: file, line: line, column: column, message, cause: nil)
  }

  init(_ rule: TemplateRule, file: String, line: Int = 0, column: Int = 0, _ message: String, cause: String?)
  {
    self.rule = rule
    self.file = file
    self.line = line
    self.column = column
    self.message = message
    self.cause = cause
  }

  /// In the order of files and lines, with one fault for each cause.
  static func sorted(_ faults: some Sequence<TemplateFault>) -> [TemplateFault] {
    var sorted: [TemplateFault] = []
    var places: [String: (index: Int, count: Int)] = [:]
    for fault in Set(faults).sorted(by: isOrderedBefore) {
      guard let cause = fault.cause else {
        sorted.append(fault)
        continue
      }
      if let place = places[cause] {
        places[cause]?.count = place.count + 1
      } else {
        places[cause] = (sorted.count, 1)
        sorted.append(fault)
      }
    }
    for (index, count) in places.values where count > 1 {
      let fault = sorted[index]
      let more = count == 2 ? "one more place lacks it" : "\(count - 1) more places lack it"
      sorted[index] = TemplateFault(
        fault.rule, file: fault.file, line: fault.line, column: fault.column,
        "\(fault.message); \(more)", cause: fault.cause)
    }
    return sorted
  }

  /// `sv/sign-in/body.html:3:14: message`, which editors and terminals make clickable.
  package var description: String {
    var place = file
    if line > 0 { place += ":\(line)" }
    if line > 0, column > 0 { place += ":\(column)" }
    return place.isEmpty ? message : "\(place): \(message)"
  }

  package static func isOrderedBefore(_ left: TemplateFault, _ right: TemplateFault) -> Bool {
    (left.file, left.line, left.column, left.message) < (right.file, right.line, right.column, right.message)
  }
}

/// Everything that is wrong with a directory of templates, in the order of files and lines.
package struct TemplateFaults: Error, Hashable, Sendable, CustomStringConvertible {
  /// The directory as it was given.
  package let directory: String
  package let faults: [TemplateFault]

  package init(directory: String, _ faults: some Sequence<TemplateFault>) {
    self.directory = directory
    self.faults = TemplateFault.sorted(faults)
  }

  /// One line for each fault, the directory in front.
  package var description: String {
    faults.map { $0.file.isEmpty ? "\(directory): \($0)" : "\(directory)/\($0)" }.joined(separator: "\n")
  }
}
