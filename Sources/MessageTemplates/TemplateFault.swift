/// What a template can get wrong. The raw value is the name that `template lint --json` prints.
package enum TemplateRule: String, CaseIterable, Sendable {
  // Files.
  case unreadable, untrusted, linkOutside = "link-outside", tooLarge = "too-large", notUTF8 = "not-utf-8"
  case byteOrderMark = "byte-order-mark", carriageReturn = "carriage-return"
  case missingPart = "missing-part", missingPlurals = "missing-plurals"
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
    badPlurals = "bad-plurals"
  // What only lint looks at.
  case missingCode = "missing-code", splitCode = "split-code", unusedName = "unused-name"
  case missingPurpose = "missing-purpose", writtenMinutes = "written-minutes", htmlLanguage = "html-lang"
  case script, form, remoteImage = "remote-image", styleSize = "style-size", htmlSize = "html-size"
  case hiddenCode = "hidden-code", htmlTags = "html-tags", unknownTenant = "unknown-tenant"
  case contrast, formality
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

  package init(_ rule: TemplateRule, file: String, line: Int = 0, column: Int = 0, _ message: String) {
    self.rule = rule
    self.file = file
    self.line = line
    self.column = column
    self.message = message
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
    self.faults = Set(faults).sorted(by: TemplateFault.isOrderedBefore)
  }

  /// One line for each fault, the directory in front.
  package var description: String {
    faults.map { $0.file.isEmpty ? "\(directory): \($0)" : "\(directory)/\($0)" }.joined(separator: "\n")
  }
}
