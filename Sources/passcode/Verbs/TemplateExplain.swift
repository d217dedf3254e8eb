internal import CodeRequests
internal import CommandVerbs
internal import Documents
internal import MessageTemplates
internal import PasscodeService

extension Verbs {
  static let templateExplain = Verb(
    path: ["template", "explain"], summary: "tell which file each part of a mail comes from, and why",
    options: [
      .value("locale", "L", "a tag such as de-AT, or an Accept-Language value"),
      .value("tenant", "T", "tenant id, name, verified domain, or a sign-in link"),
      .value("purpose", "P", "default sign-in"),
      .value("templates", "DIR", "the directory; else the configuration's"),
    ],
    discussion: """
      With --templates no configuration is needed: where there is none, --tenant is the name of a folder in DIR/tenants,
      and the default language English.
      """
  ) { invocation in
    let mail = try Service.MailKind(invocation)
    let choice =
      if let directory = mail.templates, !Installation.isThere(invocation) {
        try TemplateSource(directory: directory).template(for: mail)
      } else { try Service(invocation).template(for: mail) }
    invocation.answer(lines: choice.explanation) { line in
      line.add("locale", choice.locale.rawValue)
      line.add("reason", choice.reason.name)
      line.add("fellBack", choice.fellBack)
      line.add(
        "parts",
        choice.template.origins.map { origin in
          var part = JSONLine()
          part.add("part", origin.part)
          part.add("file", origin.file)
          part.add("passedOver", origin.passedOver)
          return part
        })
    }
    return .done
  }
}
