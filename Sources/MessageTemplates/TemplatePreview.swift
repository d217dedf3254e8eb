internal import CodeRequests
internal import Foundation

/// A page that shows every mail there is, for people who change words: opens in any browser from the file system,
/// with no server, no network and no script.
///
/// On top an inbox list; below it each purpose with its locales side by side, each as HTML at desktop and phone width,
/// light and dark, as text, for several times of validity and for hostile values. Findings of lint stand beside the
/// part that has them.
package struct TemplatePreview {
  /// The files of the page, by name: `index.html` is the one to open.
  package let files: [String: String]
  /// What lint found; shown on the page too.
  package let findings: [TemplateFault]

  private struct Sample {
    let label: String
    let app: String
    let validity: Duration
  }

  private static let samples =
    [1, 2, 5, 22, 30].map { Sample(label: "\($0) min", app: "Fabrikam", validity: .seconds($0 * 60)) } + [
      Sample(label: "A&B <x>", app: "A&B <x>", validity: .seconds(1800)),
      Sample(
        label: "long name", app: "Vereinigte Straßenbahnbetriebsgesellschaften Überlingen-Łódź mbH & Co. KG",
        validity: .seconds(1800)),
    ]

  /// Renders everything that can be rendered; what cannot stands among the findings.
  package init(directory: String, needsSubjectWithCode: Bool = false, tenants: [String]? = nil) {
    let findings = TemplateLint.findings(
      in: directory, needsSubjectWithCode: needsSubjectWithCode, tenants: tenants)
    var loader = CatalogueLoader(
      files: TemplateFiles(directory: directory), needsSubjectWithCode: needsSubjectWithCode)
    let catalogue = loader.load()
    var body = ""
    var inbox = ""
    for template in catalogue.all {
      guard let first = Self.render(template, Self.samples[4]) else { continue }
      let id = Self.identifier(template)
      inbox += """
        <li><a href="#\(id)"><b>Fabrikam</b><span class="where">\(Self.escaped(Self.title(template)))</span>\
        <span class="line"><strong lang="\(template.locale)">\(Self.escaped(first.mail.subject))</strong> \
        <span lang="\(template.locale)">\(Self.escaped(first.preheader))</span></span></a></li>

        """
    }
    for purpose in catalogue.purposes {
      body += "<section><h2>\(purpose)</h2>\n<div class=\"locales\">\n"
      for template in catalogue.all where template.purpose == purpose {
        body += Self.card(template, findings)
      }
      body += "</div></section>\n"
    }
    self.findings = findings
    files = ["index.html": Self.page(inbox: inbox, body: body, problems: Self.list(findings))]
  }

  private static func card(_ template: MailTemplate, _ findings: [TemplateFault]) -> String {
    let id = Self.identifier(template)
    let own = findings.filter { finding in template.origins.contains { $0.file == finding.file } }
    var html = """
      <article id="\(id)" class="\(template.tenant == nil ? "" : "tenant")" style="--hue:\(Self.hue(template.tenant))">
      <h3>\(Self.escaped(Self.title(template)))</h3>
      \(Self.list(own))

      """
    for (index, sample) in Self.samples.enumerated() {
      guard let rendered = Self.render(template, sample) else { continue }
      let source = Self.escaped(String(decoding: rendered.mail.html, as: UTF8.self))
      let dark = Self.escaped(
        String(decoding: rendered.mail.html, as: UTF8.self).replacingOccurrences(
          of: "@media (prefers-color-scheme: dark)", with: "@media all"))
      let frames = [
        ("desktop, light", "wide", "light", source), ("desktop, dark", "wide", "dark", dark),
        ("phone, light", "phone", "light", source), ("phone, dark", "phone", "dark", dark),
      ].map { label, width, scheme, source in
        """
        <figure class="\(width)"><figcaption>\(label)</figcaption>\
        <iframe sandbox loading="lazy" title="\(Self.escaped(Self.title(template))), \(label)" \
        style="color-scheme:\(scheme)" srcdoc="\(source)"></iframe></figure>
        """
      }.joined(separator: "\n")
      html += """
        <details\(index == 4 ? " open" : "")><summary>\(Self.escaped(sample.label))</summary>
        <p class="subject" lang="\(template.locale)"><strong>\(Self.escaped(rendered.mail.subject))</strong> \
        <span>\(Self.escaped(rendered.preheader))</span></p>
        <div class="frames">\(frames)</div>
        <pre lang="\(template.locale)">\(Self.escaped(String(decoding: rendered.mail.text, as: UTF8.self)))</pre>
        </details>

        """
    }
    return html + "</article>\n"
  }

  // MARK: Pieces

  private static func render(_ template: MailTemplate, _ sample: Sample) -> (
    mail: RenderedMail, preheader: String
  )? {
    var variables: [String: String] = [:]
    for variable in template.names.variables { variables[variable.name] = variable.example }
    guard let code = try? Passcode("042917"), let email = try? EmailAddress("anna@example.org") else {
      return nil
    }
    let values = TemplateValues(
      app: sample.app, code: code, validity: sample.validity, email: email, tenant: template.tenant,
      clientIP: "192.0.2.1", clientAgent: "Firefox", requestedAt: Date(timeIntervalSince1970: 1_795_238_567),
      variables: variables)
    guard let mail = try? template.render(values), let line = try? template.renderPreheader(values) else {
      return nil
    }
    return (mail, line)
  }

  private static func title(_ template: MailTemplate) -> String {
    "\(template.locale)" + (template.tenant.map { " · \($0)" } ?? "") + " · \(template.purpose)"
  }

  private static func identifier(_ template: MailTemplate) -> String {
    escaped("\(template.tenant ?? "all")-\(template.locale)-\(template.purpose)")
  }

  /// The same colour for a tenant on every run.
  private static func hue(_ tenant: String?) -> Int {
    (tenant ?? "").utf8.reduce(222) { ($0 &* 31 &+ Int($1)) % 360 }
  }

  private static func list(_ findings: [TemplateFault]) -> String {
    guard !findings.isEmpty else { return "" }
    let items = findings.map { "<li><code>\($0.rule.rawValue)</code> \(escaped($0.description))</li>" }
    return "<ul class=\"findings\">\(items.joined())</ul>"
  }

  private static func escaped(_ text: String) -> String {
    var bytes: [UInt8] = []
    Array(text.utf8).withUnsafeBufferPointer { TemplateProgram.escapeHTML($0, into: &bytes) }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func page(inbox: String, body: String, problems: String) -> String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Passcode mails</title>
    <style>
    :root { color-scheme: light; font: 15px/1.5 system-ui, sans-serif; color: #1a1e29; background: #eef0f5 }
    * { box-sizing: border-box }
    body { margin: 0 auto; padding: 24px 16px 64px; max-width: 1800px }
    h1 { font-size: 24px; margin: 0 0 16px } h2 { font-size: 20px; margin: 40px 0 12px } h3 { margin: 0 0 12px; font-size: 16px }
    .inbox { list-style: none; margin: 0; padding: 0; background: #fff; border: 1px solid #d8dce6; border-radius: 12px; overflow: hidden }
    .inbox li + li { border-top: 1px solid #e8ebf2 }
    .inbox a { display: flex; gap: 16px; padding: 10px 16px; color: inherit; text-decoration: none }
    .inbox a:hover, .inbox a:focus { background: #f4f6fb }
    .inbox .where { width: 15em; flex: none; color: #596071 }
    .inbox .line { min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; color: #596071 }
    .inbox strong { color: #1a1e29; font-weight: 600 }
    .locales { display: grid; gap: 16px; grid-template-columns: repeat(auto-fill, minmax(min(100%, 560px), 1fr)) }
    article { min-width: 0; padding: 16px; background: #fff; border: 1px solid #d8dce6; border-top: 4px solid hsl(var(--hue) 60% 50%); border-radius: 12px }
    details { border-top: 1px solid #e8ebf2 } summary { padding: 8px 0; cursor: pointer; font-weight: 600 }
    .subject { margin: 0 0 12px; overflow-wrap: anywhere } .subject span { color: #596071 }
    .frames { display: flex; gap: 12px; overflow-x: auto; padding-bottom: 8px }
    figure { flex: none; margin: 0 } figcaption { font-size: 12px; color: #596071; margin-bottom: 4px }
    iframe { border: 1px solid #d8dce6; border-radius: 8px; height: 620px; background: #fff }
    .wide iframe { width: 640px } .phone iframe { width: 375px }
    pre { margin: 12px 0; padding: 14px; background: #f4f6fb; border-radius: 8px; white-space: pre-wrap; overflow-wrap: anywhere; font: 13px/1.5 ui-monospace, monospace }
    .findings { margin: 0 0 12px; padding: 12px 12px 12px 28px; background: #fdecec; color: #7c1414; border-radius: 8px; overflow-wrap: anywhere }
    @media (max-width: 640px) { .inbox a { flex-wrap: wrap; gap: 0 12px } .inbox .where { width: auto } .inbox .line { width: 100%; white-space: normal } }
    </style>
    </head>
    <body>
    <h1>Passcode mails</h1>
    \(problems)
    <ul class="inbox">
    \(inbox)</ul>
    \(body)</body>
    </html>

    """
  }
}
