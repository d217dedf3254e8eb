import CodeRequests
import Foundation
import LinuxSystem
import MessageComposition
import MessageTemplates
import Testing

@Suite struct RenderingTests {
  static let plurals: [(locale: String, minutes: [String], hours: [String])] = [
    (
      "en", ["1 minute", "2 minutes", "5 minutes", "22 minutes", "30 minutes"],
      ["1 hour", "2 hours", "5 hours", "22 hours", "30 hours"]
    ),
    (
      "sv", ["1 minut", "2 minuter", "5 minuter", "22 minuter", "30 minuter"],
      ["1 timme", "2 timmar", "5 timmar", "22 timmar", "30 timmar"]
    ),
    (
      "pl", ["1 minutę", "2 minuty", "5 minut", "22 minuty", "30 minut"],
      ["1 godzinę", "2 godziny", "5 godzin", "22 godziny", "30 godzin"]
    ),
    (
      "de", ["1 Minute", "2 Minuten", "5 Minuten", "22 Minuten", "30 Minuten"],
      ["1 Stunde", "2 Stunden", "5 Stunden", "22 Stunden", "30 Stunden"]
    ),
    (
      "de-x-informal", ["1 Minute", "2 Minuten", "5 Minuten", "22 Minuten", "30 Minuten"],
      ["1 Stunde", "2 Stunden", "5 Stunden", "22 Stunden", "30 Stunden"]
    ),
    (
      "cs", ["1 minutu", "2 minuty", "5 minut", "22 minut", "30 minut"],
      ["1 hodinu", "2 hodiny", "5 hodin", "22 hodin", "30 hodin"]
    ),
    (
      "da", ["1 minut", "2 minutter", "5 minutter", "22 minutter", "30 minutter"],
      ["1 time", "2 timer", "5 timer", "22 timer", "30 timer"]
    ),
    (
      "es", ["1 minuto", "2 minutos", "5 minutos", "22 minutos", "30 minutos"],
      ["1 hora", "2 horas", "5 horas", "22 horas", "30 horas"]
    ),
    (
      "fi", ["1 minuutin", "2 minuuttia", "5 minuuttia", "22 minuuttia", "30 minuuttia"],
      ["1 tunnin", "2 tuntia", "5 tuntia", "22 tuntia", "30 tuntia"]
    ),
    (
      "fr", ["1 minute", "2 minutes", "5 minutes", "22 minutes", "30 minutes"],
      ["1 heure", "2 heures", "5 heures", "22 heures", "30 heures"]
    ),
    (
      "it", ["1 minuto", "2 minuti", "5 minuti", "22 minuti", "30 minuti"],
      ["1 ora", "2 ore", "5 ore", "22 ore", "30 ore"]
    ),
    (
      "nb", ["1 minutt", "2 minutter", "5 minutter", "22 minutter", "30 minutter"],
      ["1 time", "2 timer", "5 timer", "22 timer", "30 timer"]
    ),
    (
      "nl", ["1 minuut", "2 minuten", "5 minuten", "22 minuten", "30 minuten"],
      ["1 uur", "2 uur", "5 uur", "22 uur", "30 uur"]
    ),
    (
      "sk", ["1 minútu", "2 minúty", "5 minút", "22 minút", "30 minút"],
      ["1 hodinu", "2 hodiny", "5 hodín", "22 hodín", "30 hodín"]
    ),
    (
      "uk", ["1 хвилину", "2 хвилини", "5 хвилин", "22 хвилини", "30 хвилин"],
      ["1 годину", "2 години", "5 годин", "22 години", "30 годин"]
    ),
  ]

  @Test(arguments: plurals)
  func `tells the validity with the plural of the language`(
    locale: String, minutes: [String], hours: [String]
  ) throws {
    let catalogue = try TemplateCatalogue(directory: shipped)
    for purpose in catalogue.purposes {
      let template = try #require(catalogue.template(tenant: nil, locale: tag(locale), purpose: purpose))
      for (unit, phrases) in [(60, minutes), (3600, hours)] {
        for (count, phrase) in zip([1, 2, 5, 22, 30], phrases) {
          let mail = try template.render(values(validity: .seconds(unit * count)))
          // Number and unit stay on one line.
          let phrase = phrase.replacing(" ", with: "\u{A0}")
          #expect(String(decoding: mail.text, as: UTF8.self).contains(" \(phrase) "))
          #expect(String(decoding: mail.html, as: UTF8.self).contains(" \(phrase) "))
        }
      }
    }
  }

  @Test(arguments: [
    (90 * 60, "90 minutes"), (59, "1 minute"), (119, "1 minute"), (86400, "24 hours"), (3599, "59 minutes"),
  ])
  func `never promises more time than there is`(seconds: Int, phrase: String) throws {
    let rendered = try renderText("{{validity}}", values(validity: .seconds(seconds)))
    #expect(rendered == phrase.replacing(" ", with: "\u{A0}"))
  }

  @Test(arguments: shippedLocales)
  func
    `asks for no answer only where nobody reads it, and names the one place for the code where it is known`(
      locale: String
    ) throws
  {
    let catalogue = try TemplateCatalogue(directory: shipped)
    for purpose in catalogue.purposes {
      let template = try #require(catalogue.template(tenant: nil, locale: tag(locale), purpose: purpose))
      func texts(_ change: (inout TemplateValues) -> Void) throws -> [String] {
        var given = values()
        change(&given)
        let mail = try template.render(given)
        return [mail.text, mail.html].map { String(decoding: $0, as: UTF8.self) }
      }
      let plain = try texts { _ in }
      let answered = try texts { $0.replyTo = try? EmailAddress("help@fabrikam.example") }
      let bound = try texts { $0.codeDomain = "login.fabrikam.example" }
      for (plain, (answered, bound)) in zip(plain, zip(answered, bound)) {
        let request = try #require(Self.noReply[locale])
        #expect(plain.contains(request) && !answered.contains(request))
        #expect(!plain.contains("fabrikam.example") && bound.contains(" login.fabrikam.example"))
        #expect(plain.localizedStandardContains(Self.textMessage[locale] ?? "SMS"))
      }
    }
  }

  private static let noReply = [
    "cs": "neodpovídejte", "da": "kan ikke besvare", "de": "antworten Sie nicht",
    "de-x-informal": "antworte nicht", "en": "Please don’t reply", "es": "no respondas",
    "fi": "Älä vastaa", "fr": "ne pas y répondre", "it": "non rispondere", "nb": "kan ikke svare",
    "nl": "kunt er niet op antwoorden", "pl": "Prosimy na nią nie odpowiadać", "sk": "neodpovedajte",
    "sv": "Det går inte att svara", "uk": "не відповідайте",
  ]

  private static let textMessage = ["en": "text message", "fi": "tekstiviesti"]

  /// Two moments and a browser, as each language writes them.
  private static let requests: [(locale: String, evening: String, morning: String, agent: String)] = [
    ("cs", "21. 11. 2026 18:05", "3. 2. 2027 4:07", "Firefox v systému Windows"),
    ("da", "21. nov. 2026, 18.05", "3. feb. 2027, 04.07", "Firefox på Windows"),
    ("de", "21.11.2026, 18:05", "03.02.2027, 04:07", "Firefox unter Windows"),
    ("de-x-informal", "21.11.2026, 18:05", "03.02.2027, 04:07", "Firefox unter Windows"),
    ("en", "Nov 21, 2026, 6:05\u{202F}PM", "Feb 3, 2027, 4:07\u{202F}AM", "Firefox on Windows"),
    ("es", "21 nov 2026, 18:05", "3 feb 2027, 4:07", "Firefox en Windows"),
    ("fi", "21.11.2026 klo 18.05", "3.2.2027 klo 4.07", "Firefox, Windows"),
    ("fr", "21 nov. 2026, 18:05", "3 févr. 2027, 04:07", "Firefox sur Windows"),
    ("it", "21 nov 2026, 18:05", "3 feb 2027, 04:07", "Firefox su Windows"),
    ("nb", "21. nov. 2026, 18:05", "3. feb. 2027, 04:07", "Firefox på Windows"),
    ("nl", "21 nov 2026, 18:05", "3 feb 2027, 04:07", "Firefox op Windows"),
    ("pl", "21 lis 2026, 18:05", "3 lut 2027, 04:07", "Firefox w systemie Windows"),
    ("sk", "21. 11. 2026, 18:05", "3. 2. 2027, 4:07", "Firefox v systéme Windows"),
    ("sv", "21 nov. 2026 18:05", "3 feb. 2027 04:07", "Firefox på Windows"),
    ("uk", "21 лист. 2026 р., 18:05", "3 лют. 2027 р., 04:07", "Firefox на Windows"),
  ]

  @Test(arguments: requests)
  func `says when and with what the code was asked for, as CLDR has it, and leaves no lone dot`(
    locale: String, evening: String, morning: String, agent: String
  ) throws {
    #expect(Self.requests.map(\.locale) == shippedLocales)
    let catalogue = try TemplateCatalogue(directory: shipped)
    for purpose in catalogue.purposes {
      let template = try #require(catalogue.template(tenant: nil, locale: tag(locale), purpose: purpose))
      func lines(_ moment: String, _ agent: String?) throws -> [String] {
        var given = values()
        given.requestedAt = Date(rfc3339: moment)!
        given.clientAgent = agent
        let mail = try template.render(given)
        return [mail.text, mail.html].flatMap {
          String(decoding: $0, as: UTF8.self).split(separator: "\n").map { String($0.prefix { $0 != "\r" }) }
            .filter { $0.contains("2026") || $0.contains("2027") }.map { $0.replacing("</p>", with: "") }
        }
      }
      let windows = "Mozilla/5.0 (Windows NT 10.0) Firefox/130.0"
      for (line, end) in zip(try lines("2026-11-21T18:05:59Z", windows), [0, 1]) {
        #expect(line.hasSuffix(" \(evening) UTC · \(agent)"), "\(line) \(end)")
      }
      for (nobody, known) in [
        (nil, ""), ("curl/8.0", ""), ("Firefox/1", " · Firefox"), ("on Windows", " · Windows"),
      ] {
        let found = try lines("2027-02-03T04:07:00Z", nobody)
        #expect(found.count == 2 && found.allSatisfy { $0.hasSuffix(" \(morning) UTC\(known)") }, "\(found)")
      }
    }
  }

  @Test(arguments: [
    ("time: 'yyyy-MM-dd HH:mm', agent: '{{browser}} {{system}}'", "has the field 'yyyy'"),
    ("time: 'd MMM y HH:mm', agent: '{{browser}} {{system}}'", "months must list their names"),
    ("time: 'd.M.y h:mm', agent: '{{browser}} {{system}}'", "h and a belong together"),
    ("time: 'd.M.y h:mm a', agent: '{{browser}} {{system}}'", "dayPeriods must list two names"),
    ("time: 'd.M.y HH', agent: '{{browser}} {{system}}'", "does not tell the minute"),
    ("time: 'd.M HH:mm', agent: '{{browser}} {{system}}'", "does not tell the year"),
    ("time: \"d.M.y 'klo HH:mm\", agent: '{{browser}} {{system}}'", "a ' is never closed"),
    ("time: 'd.M.y HH:mm', agent: '{{browser}}'", "each once"),
    ("time: 'd.M.y HH:mm', agent: '{{browser}} {{system}} {{code}}'", "each once"),
    ("time: 'd.M.y HH:mm', months: ['a'], agent: '{{browser}} {{system}}'", "lists 1; expected 12"),
    ("time: 'd.M.y\\nHH:mm', agent: '{{browser}} {{system}}'", "holds the control character U+000A"),
    ("time: 'd.M.y HH:mm'", "'agent' is missing"), ("agent: '{{browser}} {{system}}'", "'time' is missing"),
    ("time: 'd.M.y HH:mm', agent: '{{browser}} {{system}}', zone: 'x'", "zone"),
  ])
  func `a pattern of date and time that is no such is told with its place`(text: String, message: String)
    throws
  {
    let faults = try TemplateFolder(["en/request.json5": "{ \(text) }"]).faults()
    #expect(faults.map(\.rule) == [.badRequestWords])
    #expect(faults.first?.description.hasPrefix("en/request.json5:1:") == true)
    #expect(faults.first?.message.contains(message) == true, "\(faults)")
  }

  @Test func `a language puts the system first where it says so, and a mark in quotes is text`() throws {
    let folder = try TemplateFolder([
      "en/request.json5": "{ time: \"d''M''y 'at' H:mm\", agent: '{{system}}: {{browser}}' }",
      "en/sign-in/body.txt": "{{code}}\n{{requestedAtLocal}}|{{clientAgentName}}",
    ])
    var given = values()
    given.clientAgent = "Firefox/1 {{system}} on Windows"
    let mail = try folder.catalogue().all[0].render(given)
    #expect(String(decoding: mail.text, as: UTF8.self).contains("21'11'2026 at 5:22 UTC|Windows: Firefox"))
  }

  /// Two that look alike and differ in width: what is thin stands before `;`, `!` and `?`.
  @Test func `French has its blanks before double punctuation, and each language its own quotes and dashes`()
    throws
  {
    for template in try TemplateCatalogue(directory: shipped).all {
      var given = values()
      given.codeDomain = "login.fabrikam.example"
      let mail = try template.render(given)
      let preheader = try template.renderPreheader(given)
      let texts = [mail.subject, preheader, String(decoding: mail.text, as: UTF8.self)]
      for text in texts {
        #expect(
          !text.contains("'") && !text.contains("\"") && !text.contains(" - "), "\(template.locale): \(text)")
        for (index, character) in zip(text.indices, text)
        where ":;!?".contains(character) && index > text.startIndex {
          let before = text[text.index(before: index)]
          // A time of day.
          if before.isNumber { continue }
          let expected: [Character] = character == ":" ? ["\u{A0}"] : ["\u{202F}"]
          #expect(
            template.locale == tag("fr") ? expected.contains(before) : !before.isWhitespace,
            "\(template.locale): \(text)")
        }
        if template.locale == tag("uk") { #expect(!text.contains("–")) } else { #expect(!text.contains("—")) }
      }
    }
  }

  @Test func `escapes for HTML, and for nothing else`() throws {
    let folder = try TemplateFolder([
      "en/sign-in/body.html": "<p title=\"{{app}}\">{{app}}</p>{{code}}",
      "en/sign-in/body.txt": "{{app}} {{code}}",
      "en/sign-in/preheader.txt": "A & B <{{app}}>",
      "layout.html": "<title>{{> subject}}</title><i>{{> preheader}}</i>{{> content}}",
    ])
    let hostile = #"A&B <x> "q" 'a'"#
    let mail = try folder.catalogue().all[0].render(values(app: hostile))
    let escaped = "A&amp;B &lt;x&gt; &quot;q&quot; &#39;a&#39;"
    #expect(mail.subject == "Your \(hostile) code")
    #expect(String(decoding: mail.text, as: UTF8.self) == "\(hostile) 042917")
    #expect(
      String(decoding: mail.html, as: UTF8.self)
        == "<title>Your \(escaped) code</title><i>A &amp; B &lt;\(escaped)&gt;</i><p title=\"\(escaped)\">\(escaped)</p>042917"
    )
    #expect(try folder.catalogue().all[0].renderPreheader(values(app: hostile)) == "A & B <\(hostile)>")
  }

  @Test(arguments: [
    String(repeating: "Überlänge & Söhne ", count: 40), "🏦 Bank 👩‍👩‍👧", "بنك \u{202B}עברית",
    "${x} {{y}} <%= z %>",
  ])
  func `passes names on whole`(app: String) throws {
    let mail = try TemplateCatalogue(directory: shipped)
      .template(tenant: nil, locale: tag("pl"), purpose: .signIn)!.render(values(app: app))
    #expect(mail.subject == "Kod logowania do serwisu \(app)".trimmingCharacters(in: .whitespaces))
    #expect(String(decoding: mail.text, as: UTF8.self).contains("do serwisu \(app), wpisz"))
  }

  @Test(arguments: [
    ("  Code for {{app}}", "Code for Fabrikam"), ("Code for {{app}} {{tenant}}", "Code for Fabrikam"),
    ("{{tenant}} code", "code"), ("Code\u{A0}\u{3000} ", "Code"),
  ])
  func `trims blanks at the ends of a subject`(template: String, subject: String) throws {
    let template = try TemplateFolder(["en/sign-in/subject.txt": template]).catalogue().all[0]
    #expect(try template.render(values()).subject == subject)
    var output = ByteBuffer(capacity: 4096)
    let composer = try MessageComposer(sender: Mailbox(address: EmailAddress("no-reply@fabrikam.example")))
    try template.compose(
      values(), by: composer, messageID: "a", entityRef: "b", date: Date(timeIntervalSince1970: 0),
      into: &output)
    let message = String(decoding: [UInt8](output), as: UTF8.self)
    #expect(message.contains("\r\nSubject: \(subject)\r\n"))
  }

  @Test func `shows an address as its owner writes it`() throws {
    #expect(try renderText("{{email}}", values(email: "a..b@docomo.ne.jp")) == "a..b@docomo.ne.jp")
    #expect(try renderText("{{email}}", values(email: "\"a b\"@example.org")) == "\"a b\"@example.org")
  }

  @Test(arguments: ["a\r\nBcc: x@y.z", "a\nb", "a\u{0}b", "a\u{85}b", "a\u{2028}b", "a\u{2029}b"])
  func `refuses a control character in a value and names the value`(app: String) throws {
    let template = try TemplateCatalogue(directory: shipped).all[0]
    var fault: RenderFault?
    do throws(RenderFault) { _ = try template.render(values(app: app)) } catch { fault = error }
    #expect(fault?.code == "control-character")
    #expect(fault?.field == "app")
    #expect(fault?.description.contains("Bcc") == false)
  }

  @Test func `takes declared variables, and misses required ones`() throws {
    let declared = "{ city: { required: true, example: 'Malmö' }, note: {} }"
    var given = values()
    given.variables = ["city": "Brno", "other": "x"]
    #expect(try renderText("{{city}}{{#note}}!{{/note}}", given, variables: declared) == "Brno")
    given.variables = [:]
    #expect(throws: RenderFault.self) { try renderText("{{city}}", given, variables: declared) }
  }

  @Test func `shows time and minutes, and the locale and direction of the template`() throws {
    #expect(
      try renderText("{{requestedAt}} {{validityMinutes}} {{locale}} {{direction}} {{email}}")
        == "2026-11-21 05:22 UTC 30 en ltr anna@example.org")
  }

  @Test(arguments: [nil, "", "Fabrikam AB\nStorgatan 1 <2>"])
  func `a footer has lines of its own below the mail, and is left out where there is none`(
    footer: String?
  ) throws {
    for template in try TemplateCatalogue(directory: shipped).all {
      var given = values()
      let bare = try template.render(given)
      given.footer = footer
      let mail = try template.render(given)
      if footer?.isEmpty ?? true {
        #expect(mail.text == bare.text && mail.html == bare.html)
        continue
      }
      #expect(
        String(decoding: mail.text, as: UTF8.self)
          == String(decoding: bare.text, as: UTF8.self) + "\nFabrikam AB\nStorgatan 1 <2>\n")
      #expect(
        String(decoding: mail.html, as: UTF8.self).contains(">Fabrikam AB<br>\nStorgatan 1 &lt;2&gt;</td>"))
    }
  }

  @Test func `a footer breaks no line but its own, and no attribute`() throws {
    let folder = try TemplateFolder([
      "en/sign-in/body.html": "<p title=\"{{footer}}\">{{code}}</p><textarea>{{footer}}</textarea>"
    ])
    var given = values()
    given.footer = "a\nb"
    let html = String(decoding: try folder.catalogue().all[0].render(given).html, as: UTF8.self)
    #expect(html.contains("title=\"a\nb\"") && html.contains("<textarea>a\nb</textarea>"))
    given.footer = "a\rb"
    #expect(throws: RenderFault.self) { try folder.catalogue().all[0].render(given) }
    let subject = try TemplateFolder(["en/sign-in/subject.txt": "Code {{#footer}}{{footer}}{{/footer}}"])
    #expect(subject.faults().map(\.rule) == [.notOneLine])
    #expect(subject.faults().first?.description.hasPrefix("en/sign-in/subject.txt:1:17: {{footer}}") == true)
  }

  @Test func `shows domains in the letters of their owners, and binds the code to what browsers compare`()
    throws
  {
    var given = values(email: "anna@żółw.pl")
    given.replyTo = try EmailAddress("hilfe@bücher.example")
    given.codeDomain = "xn--bcher-kva.example"
    #expect(
      try renderText("{{email}} {{replyTo}} {{signInDomain}}", given)
        == "anna@żółw.pl hilfe@bücher.example bücher.example\n\n@xn--bcher-kva.example #042917\n")
    given.codeDomain = try EmailAddress("a@pаypal.example").domain
    #expect(try renderText("{{signInDomain}}", given).hasPrefix("xn--"))
  }

  @Test func `binds the code to a domain on the last line of the text`() throws {
    var given = values()
    given.codeDomain = "example.com"
    #expect(try renderText("{{code}}\n", given) == "042917\n\n@example.com #042917\n")
  }

  @Test func `shows the code in the subject only where asked to`() throws {
    let catalogue = try TemplateCatalogue(directory: shipped, needsSubjectWithCode: true)
    for template in catalogue.all {
      var given = values()
      #expect(try !template.render(given).subject.contains("042917"))
      given.subjectShowsCode = true
      #expect(try template.render(given).subject.hasPrefix("042917 "))
    }
  }

  @Test func `what ships has the code alone on its line, as one text node, in less than 25 KB`() throws {
    for template in try TemplateCatalogue(directory: shipped).all {
      let mail = try template.render(values())
      let lines = String(decoding: mail.text, as: UTF8.self).split(
        separator: "\n", omittingEmptySubsequences: false)
      let index = try #require(lines.firstIndex(of: "042917"))
      #expect(lines[index - 2].hasSuffix(":"))
      let html = String(decoding: mail.html, as: UTF8.self)
      #expect(html.components(separatedBy: ">042917<").count == 2)
      #expect(html.contains("<html lang=\"\(template.locale)\""))
      #expect(
        html.contains(
          "lang=\"\(template.locale)\" dir=\"ltr\" style=\"direction:ltr\">\n    <table role=\"presentation\""
        ))
      #expect(mail.html.count < 25_000)
      #expect(!html.contains("<img") && !html.contains("url("))
    }
  }
}
