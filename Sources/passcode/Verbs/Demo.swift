internal import CodeRequests
internal import CommandVerbs
internal import Configuration
internal import Documents
internal import FoundationEssentials
internal import LinuxSystem
internal import MessageTemplates
internal import MailWorker
internal import PasscodeService
internal import PasscodeVerifier
internal import Records
internal import SMTPSink

extension Verbs {
  static let demo = Verb(
    path: ["demo"],
    summary: "show the whole road in a few seconds: request, mail and check in every language",
    discussion: """
      Starts a sink and a worker in a scratch directory, requests a code in each language, shows each mail as it
      arrives, and checks its code: a wrong one fails, the right one signs in, a second use fails. Nothing leaves this
      machine. The directory stays, with the mails in it.
      """
  ) { invocation in
    let demo = try Demo()
    defer { demo.end() }
    return try demo.run(isJSON: invocation.isJSON)
  }
}

/// One run of the demo: real spool, records, templates, SMTP and sink, in a directory of its own.
private struct Demo {
  private let directory: String
  private let service: Service
  private let sink: SinkServer
  private let store: SinkStore
  private let worker: Worker
  private let locales: [LocaleTag]
  private let began = ContinuousClock.now

  /// One language's way from request to sign-in.
  private struct Row {
    let locale: LocaleTag
    let message: StoredMessage
    let html: String
    /// From the request being durable to the sink's having the mail.
    let mailed: Duration
    let checked: Duration
    let wrong: Verification
    let right: Verification
    let again: Verification

    /// Everything came out as it should.
    var isGood: Bool {
      guard case .incorrect = wrong, case .verified = right, case .used = again else { return false }
      return true
    }
  }

  init() throws {
    let templates = try TemplatePlaces.find()
    directory = FileManager.default.temporaryDirectory.path + "/passcode-demo-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(
      atPath: "\(directory)/html", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    store = try SinkStore(directory: "\(directory)/mail")
    var sinkSettings = SinkSettings()
    sinkSettings.store = store
    sink = try SinkServer(settings: sinkSettings)
    try sink.start()
    // The configuration is a file like any other, so that every other command works on what the demo leaves.
    let file = "\(directory)/passcode.json5"
    let text = """
      // Made by passcode demo.
      {
        state: "state", templates: "\(templates)", app: "Fabrikam",
        sender: { name: "Fabrikam", address: "no-reply@fabrikam.example" },
        relays: [{ url: "smtp://\(sink.address)", security: "plaintext" }],
      }

      """
    try Data(text.utf8).write(to: URL(fileURLWithPath: file))
    // Its own text, and templates that come with the program, whosever checkout that is.
    service = Service(Installation(try Settings(json5: Data(text.utf8), file: file)))
    locales = try TemplateCatalogue(directory: templates).locales
    worker = try Worker(settings: service.installation.settings, log: EventLog(.none))
    try worker.start()
  }

  func end() {
    worker.stop()
    sink.stop()
  }

  func run(isJSON: Bool) throws -> ExitStatus {
    if !isJSON {
      Terminal.print(
        Terminal.styled("Passcode Mailer", .bold) + ": one code in each language, mailed and checked")
      Terminal.print(
        Terminal.styled(
          "sink on \(sink.address), worker on \(directory)/state, nothing leaves this machine\n", .dim))
    }
    var rows: [Row] = []
    for locale in locales {
      let row = try walk(locale)
      rows.append(row)
      Terminal.print(isJSON ? json(row).text : picture(of: row))
    }
    if !isJSON { summarise(rows) }
    return rows.allSatisfy(\.isGood) ? .done : .faultsFound
  }

  private func walk(_ locale: LocaleTag) throws -> Row {
    let address = try EmailAddress("guest+\(locale.rawValue.lowercased())@example.org")
    let request = CodeRequest(recipient: address, locale: LocalePreference(tags: [locale]))
    try service.enqueue(try service.check(request))
    let queued = ContinuousClock.now
    guard let message = try store.wait(to: address.rawValue, timeout: .seconds(20)) else {
      let progress = try service.status(of: request.id)
      throw CommandFault(
        .unavailable, "the mail in \(locale) did not come; it stands: \(progress?.sentence ?? "unknown")")
    }
    let mailed = ContinuousClock.now - queued
    guard let code = message.code else {
      throw CommandFault(.faultsFound, "no code in the mail \(message.file)")
    }
    let raw = try Data(contentsOf: URL(fileURLWithPath: message.file))
    let html = "\(directory)/html/\(locale.rawValue).html"
    try Data(MessageReader(Array(raw)).part("text/html") ?? []).write(to: URL(fileURLWithPath: html))
    let challenge = Service.Answered.challenge(ChallengeID(request.id))
    let wrong = try service.verify(TypedCode(code.hasSuffix("0") ? "000001" : "000000"), challenge)
    let start = ContinuousClock.now
    let right = try service.verify(TypedCode(code), challenge)
    let checked = ContinuousClock.now - start
    let again = try service.verify(TypedCode(code), challenge)
    return Row(
      locale: locale, message: message, html: html, mailed: mailed, checked: checked, wrong: wrong,
      right: right,
      again: again)
  }

  private func picture(of row: Row) -> String {
    let name = LanguageNames.own(row.locale.language) ?? ""
    let title = "\(row.locale.rawValue)  \(name)\(row.locale.rawValue.contains("-x-informal") ? " (du)" : "")"
    var lines = [Terminal.styled(title, .bold, .cyan)]
    lines.append("  \(Terminal.styled("Subject", .dim))  \(row.message.subject)")
    let raw = (try? Data(contentsOf: URL(fileURLWithPath: row.message.file))) ?? Data()
    let text = String(decoding: MessageReader(Array(raw)).part("text/plain") ?? [], as: UTF8.self)
    for line in text.split(whereSeparator: \.isNewline) {
      let isCode = String(line) == row.message.code
      lines.append(
        "  \(Terminal.styled("│", .dim)) "
          + (isCode ? Terminal.styled(String(line), .bold, .green) : String(line)))
    }
    lines.append(
      "  \(Terminal.styled("mailed", .dim)) in \(milliseconds(row.mailed))  ·  "
        + "\(Terminal.styled("wrong code", .dim)) \(refusal(row.wrong))  ·  "
        + "\(Terminal.styled("its code", .dim)) \(row.right.name) in \(milliseconds(row.checked))  ·  "
        + "\(Terminal.styled("second use", .dim)) \(refusal(row.again))  \(row.isGood ? Terminal.styled("✓", .green) : Terminal.styled("✗", .red))\n"
    )
    return lines.joined(separator: "\n")
  }

  /// As a stranger reads it: what became of the code, and what the verifier calls that.
  private func refusal(_ answer: Verification) -> String {
    if case .verified = answer { return answer.name }
    return "refused (\(answer.name))"
  }

  private func summarise(_ rows: [Row]) {
    let mails = rows.map(\.mailed).sorted()
    let good = rows.filter(\.isGood).count
    let verdict = "\(good) of \(rows.count) languages: mailed, signed in once, refused twice"
    Terminal.print(
      Terminal.styled(verdict, .bold, good == rows.count ? .green : .red)
        + " in \(milliseconds(ContinuousClock.now - began)); a mail took \(milliseconds(mails[mails.count / 2])) (median)"
    )
    Terminal.print(
      """

      Where to look next
        HTML mails     \(directory)/html/*.html  (open in a browser)
        as received    \(directory)/mail/*.eml
        what happened  passcode audit --config \(directory)/passcode.json5
        by hand        README.md, "Try it by hand"
      """)
  }

  private func json(_ row: Row) -> JSONLine {
    var line = JSONLine()
    line.add("locale", row.locale.rawValue)
    line.add("subject", row.message.subject)
    line.add("mailedSeconds", decimal: row.mailed.inSeconds)
    line.add("verifiedSeconds", decimal: row.checked.inSeconds)
    line.add("wrongCode", row.wrong.name)
    line.add("rightCode", row.right.name)
    line.add("secondUse", row.again.name)
    line.add("html", row.html)
    line.add("message", row.message.file)
    return line
  }

  private func milliseconds(_ duration: Duration) -> String {
    let value = duration.inSeconds * 1000
    return value < 10 ? "\((value * 10).rounded() / 10) ms" : "\(Int(value.rounded())) ms"
  }
}
