package import CodeRequests
internal import Foundation
package import MessageComposition

/// One purpose in one locale, for one tenant or for all: everything that a mail is rendered from. Immutable and
/// checked, so that the one thing that can still be wrong is a value.
package final class MailTemplate: Sendable {
  package let locale: LocaleTag
  package let purpose: Purpose
  /// The tenant whose files take part; nil where none do.
  package let tenant: String?
  /// Which file each part comes from, in the order they are used.
  package let origins: [TemplateOrigin]

  let names: TemplateNames
  let phrases: ValidityPhrases
  let subject: TemplateProgram
  let subjectWithCode: TemplateProgram?
  let preheader: TemplateProgram
  let text: TemplateProgram
  let html: TemplateProgram
  private let encodedText: EncodedProgram
  private let encodedHTML: EncodedProgram
  private let needsRequestedAt: Bool

  init(
    locale: LocaleTag, purpose: Purpose, tenant: String?, names: TemplateNames, phrases: ValidityPhrases,
    subject: TemplateProgram, subjectWithCode: TemplateProgram?, preheader: TemplateProgram,
    text: TemplateProgram, html: TemplateProgram, origins: [TemplateOrigin]
  ) {
    self.locale = locale
    self.purpose = purpose
    self.tenant = tenant
    self.names = names
    self.phrases = phrases
    self.subject = subject
    self.subjectWithCode = subjectWithCode
    self.preheader = preheader
    self.text = text
    self.html = html
    encodedText = EncodedProgram(text)
    encodedHTML = EncodedProgram(html)
    self.origins = origins
    let requestedAt = TemplateNames.Known.requestedAt.slot
    needsRequestedAt = [subject, subjectWithCode, preheader, text, html].contains {
      $0?.slots.contains(requestedAt) ?? false
    }
  }

  /// Renders one mail.
  ///
  /// - Throws: where a required variable is missing or a value holds a control character: nothing is left out
  ///   silently.
  package func render(_ values: TemplateValues) throws(RenderFault) -> RenderedMail {
    let slots = try slotValues(values)
    var text: [UInt8] = []
    self.text.render(slots, into: &text)
    if let ending = try ending(values) {
      if text.last != UInt8(ascii: "\n") { text.append(UInt8(ascii: "\n")) }
      text.append(contentsOf: ending.utf8)
    }
    var html: [UInt8] = []
    self.html.render(slots, into: &html)
    return RenderedMail(
      subject: try subject(values, slots), text: text, html: html, language: locale.rawValue)
  }

  /// The same with its bodies encoded, ready for a message.
  package func renderEncoded(_ values: TemplateValues) throws(RenderFault) -> EncodedMail {
    let slots = try slotValues(values)
    return EncodedMail(
      subject: try subject(values, slots), text: encodedText.render(slots, ending: try ending(values)),
      html: encodedHTML.render(slots), language: locale.rawValue)
  }

  private func subject(
    _ values: TemplateValues, _ slots: borrowing SlotValues
  ) throws(RenderFault) -> String {
    var program = subject
    if values.subjectShowsCode {
      guard let withCode = subjectWithCode else {
        throw RenderFault(
          code: "no-subject-with-code", field: "subjectShowsCode",
          message: "is on, but \(locale)/\(purpose) has no subject-with-code.txt")
      }
      program = withCode
    }
    var line: [UInt8] = []
    program.render(slots, into: &line)
    return String(decoding: line, as: UTF8.self)
  }

  /// Domain-bound codes: the last line of the text, whatever the template ends with.
  private func ending(_ values: TemplateValues) throws(RenderFault) -> String? {
    guard let domain = values.codeDomain else { return nil }
    try Self.check(domain, "codeDomain")
    return "\n@\(domain) #\(values.code.reveal())\n"
  }

  /// The grey line of the inbox list, as text. It stands in the HTML already.
  package func renderPreheader(_ values: TemplateValues) throws(RenderFault) -> String {
    var line: [UInt8] = []
    preheader.render(try slotValues(values), into: &line)
    return String(decoding: line, as: UTF8.self)
  }

  private func slotValues(_ values: TemplateValues) throws(RenderFault) -> SlotValues {
    try Self.check(values.app, "app")
    if let tenant = values.tenant { try Self.check(tenant, "tenant") }
    if let ip = values.clientIP { try Self.check(ip, "clientIP") }
    if let agent = values.clientAgent { try Self.check(agent, "clientAgent") }
    var slots = SlotValues(count: names.all.count)
    // In the order of the slots of `TemplateNames.Known`.
    slots.append(values.app)
    slots.append(values.code.reveal())
    slots.append { phrases.append(values.validity, to: &$0) }
    slots.append(String(ValidityPhrases.minutes(of: values.validity)))
    slots.append(values.email.rawValue)
    slots.append(values.tenant)
    slots.append(values.clientIP)
    slots.append(values.clientAgent)
    slots.append(needsRequestedAt ? Self.minute(values.requestedAt) : nil)
    slots.append(locale.rawValue)
    slots.append(nil)
    for variable in names.variables {
      let value = values.variables[variable.name]
      if let value { try Self.check(value, "variables.\(variable.name)") }
      if variable.isRequired, value?.isEmpty ?? true {
        throw RenderFault(
          code: "missing-variable", field: "variables.\(variable.name)",
          message: "is \(value == nil ? "missing" : "empty"); variables.json5 says that it is required")
      }
      slots.append(value)
    }
    return slots
  }

  /// A control character in a value could end a header or a line of text.
  private static func check(_ value: String, _ field: String) throws(RenderFault) {
    guard let control = firstControlCharacter(in: value) else { return }
    throw RenderFault(
      code: "control-character", field: field,
      message: "holds the control character \(name(of: control)); it must hold none")
  }

  /// `2026-11-21 05:22 UTC`: the same in every language, and understood in all.
  private static func minute(_ date: Date) -> String {
    String(date.rfc3339.prefix(16)).replacing("T", with: " ") + " UTC"
  }
}

/// A mail before it is wrapped into MIME. Line ends are LF.
package struct RenderedMail: Sendable {
  package let subject: String
  /// UTF-8.
  package let text: [UInt8]
  /// UTF-8.
  package let html: [UInt8]
  /// A BCP 47 tag.
  package let language: String
}

/// A mail whose bodies are encoded.
package struct EncodedMail: Sendable {
  package let subject: String
  package let text: EncodedBody
  package let html: EncodedBody
  /// A BCP 47 tag.
  package let language: String
}

/// Which file a part comes from, and which were looked for before it.
package struct TemplateOrigin: Hashable, Sendable {
  /// `subject.txt`, `layout.html`, `code.html`, …
  package let part: String
  /// Relative to the directory of templates.
  package let file: String
  /// Nearer files that would have been taken had they been there, nearest first.
  package let passedOver: [String]
}
