internal import Branding
package import CodeRequests
package import FoundationEssentials
package import LinuxSystem
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
  let requestPhrases: RequestPhrases
  let subject: TemplateProgram
  let subjectWithCode: TemplateProgram?
  let preheader: TemplateProgram
  let text: TemplateProgram
  let html: TemplateProgram
  private let encodedText: EncodedProgram
  private let encodedHTML: EncodedProgram
  private let needsAgent: Bool
  private let needsRequestedAt: Bool
  private let needsLocalTime: Bool

  init(
    locale: LocaleTag, purpose: Purpose, tenant: String?, names: TemplateNames, phrases: ValidityPhrases,
    requestPhrases: RequestPhrases, subject: TemplateProgram, subjectWithCode: TemplateProgram?,
    preheader: TemplateProgram,
    text: TemplateProgram, html: TemplateProgram, origins: [TemplateOrigin]
  ) {
    self.locale = locale
    self.purpose = purpose
    self.tenant = tenant
    self.names = names
    self.phrases = phrases
    self.requestPhrases = requestPhrases
    self.subject = subject
    self.subjectWithCode = subjectWithCode
    self.preheader = preheader
    self.text = text
    self.html = html
    encodedText = EncodedProgram(text)
    encodedHTML = EncodedProgram(html)
    self.origins = origins
    let programs = [subject, subjectWithCode, preheader, text, html]
    func needs(_ name: TemplateNames.Known) -> Bool {
      programs.contains { $0?.slots.contains(name.slot) ?? false }
    }
    needsAgent = needs(.clientAgentName)
    needsRequestedAt = needs(.requestedAt)
    needsLocalTime = needs(.requestedAtLocal)
  }

  /// Renders one mail.
  ///
  /// - Throws: where a required variable is missing or a value holds a control character: nothing is left out
  ///   silently.
  package func render(_ values: TemplateValues) throws(RenderFault) -> RenderedMail {
    let slots = try slotValues(values)
    var text = ByteBuffer(capacity: 4096)
    self.text.render(slots, into: &text)
    if let ending = ending(values) {
      if text.last != UInt8(ascii: "\n") { text.append(UInt8(ascii: "\n")) }
      text.append(ending)
    }
    var html = ByteBuffer(capacity: 8192)
    self.html.render(slots, into: &html)
    var subject = ByteBuffer(capacity: 256)
    try renderSubject(values, slots, into: &subject)
    return RenderedMail(
      subject: subject.withBytes { String(decoding: Self.trimmed($0), as: UTF8.self) }, text: [UInt8](text),
      html: [UInt8](html), language: locale.rawValue)
  }

  /// Renders one mail into a message to `values.email`, at the end of `output`: what `MessageComposer` makes of it, but
  /// for where the lines of its bodies break, since text that is the same in all mails is encoded beforehand.
  ///
  /// - Parameters: `messageID`, `entityRef` and `date` as `MessageComposer` takes them.
  /// - Throws: a `RenderFault` or `CompositionFault`; `output` then holds a part of the message.
  package func compose(
    _ values: TemplateValues, by composer: MessageComposer, messageID: String, entityRef: String, date: Date,
    into output: inout ByteBuffer
  ) throws {
    let slots = try slotValues(values)
    var subject = ByteBuffer(capacity: 256)
    try renderSubject(values, slots, into: &subject)
    let ending = ending(values)
    try subject.withBytes { subject throws(CompositionFault) in
      try composer.compose(
        subject: Self.trimmed(subject), language: locale.rawValue, to: values.email, messageID: messageID,
        entityRef: entityRef, date: date, into: &output
      ) {
        encodedText.render(slots, ending: ending, into: &$0)
      } html: {
        encodedHTML.render(slots, into: &$0)
      }
    }
  }

  private func renderSubject(
    _ values: TemplateValues, _ slots: borrowing SlotValues, into line: inout ByteBuffer
  ) throws(RenderFault) {
    guard values.subjectShowsCode else { return subject.render(slots, into: &line) }
    guard let subjectWithCode else {
      throw RenderFault(
        code: "no-subject-with-code", field: "subjectShowsCode",
        message: "is on, but \(locale)/\(purpose) has no subject-with-code.txt")
    }
    subjectWithCode.render(slots, into: &line)
  }

  /// Without blanks at its ends, U+00A0 and U+3000 among them: a value there may be empty, and a header that ends with a
  /// blank is folded away by one program and shown encoded by the next.
  private static func trimmed(_ line: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    let blanks: [[UInt8]] = [[0x20], [0xC2, 0xA0], [0xE3, 0x80, 0x80]]
    var line = line[...]
    while let blank = blanks.first(where: { line.starts(with: $0) }) { line.removeFirst(blank.count) }
    while let blank = blanks.first(where: { line.suffix($0.count).elementsEqual($0) }) {
      line.removeLast(blank.count)
    }
    return UnsafeBufferPointer(rebasing: line)
  }

  /// Domain-bound codes: the last line of the text, whatever the template ends with.
  private func ending(_ values: TemplateValues) -> String? {
    guard let domain = values.codeDomain else { return nil }
    return "\n@\(domain) #\(values.code.reveal())\n"
  }

  /// The grey line of the inbox list, as text. It stands in the HTML already.
  package func renderPreheader(_ values: TemplateValues) throws(RenderFault) -> String {
    var line = ByteBuffer(capacity: 256)
    preheader.render(try slotValues(values), into: &line)
    return line.withBytes { String(decoding: $0, as: UTF8.self) }
  }

  private func slotValues(_ values: TemplateValues) throws(RenderFault) -> SlotValues {
    try Self.check(values.app, "app")
    if let tenant = values.tenant { try Self.check(tenant, "tenant") }
    if let ip = values.clientIP { try Self.check(ip, "clientIP") }
    if let agent = values.clientAgent { try Self.check(agent, "clientAgent") }
    if let domain = values.codeDomain { try Self.check(domain, "codeDomain") }
    if let logo = values.logo { try Self.check(logo, "logo") }
    for line in values.footer?.split(separator: "\n") ?? [] { try Self.check(String(line), "footer") }
    var slots = SlotValues(count: names.all.count)
    // In the order of the slots of `TemplateNames.Known`.
    slots.append(values.app)
    slots.append(values.code.reveal())
    let minutes = ValidityPhrases.minutes(of: values.validity)
    slots.append { phrases.append(minutes: minutes, to: &$0) }
    slots.append { $0.append(decimal: minutes) }
    slots.append(values.email.spoken)
    slots.append(values.tenant)
    slots.append(values.clientIP)
    slots.append(needsAgent ? values.clientAgent.flatMap(AgentName.init).map(requestPhrases.agent) : nil)
    slots.append(needsRequestedAt ? RequestPhrases.usual.time(of: values.requestedAt, in: .utc) : nil)
    slots.append(
      needsLocalTime ? requestPhrases.time(of: values.requestedAt, in: values.zone) : nil)
    slots.append(values.replyTo?.spoken)
    slots.append(values.codeDomain.map(SpokenDomain.of))
    slots.append(values.footer)
    slots.append(values.logo)
    let palette = values.palette
    for colour in [
      palette.accent, palette.text, palette.tint, palette.darkAccent, palette.darkText, palette.darkTint,
    ] {
      slots.append(colour.description)
    }
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

/// Which file a part comes from, and which were looked for before it.
package struct TemplateOrigin: Hashable, Sendable {
  /// `subject.txt`, `layout.html`, `code.html`, …
  package let part: String
  /// Relative to the directory of templates.
  package let file: String
  /// Nearer files that would have been taken had they been there, nearest first.
  package let passedOver: [String]
}
