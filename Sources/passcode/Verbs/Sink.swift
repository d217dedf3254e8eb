internal import CodeRequests
internal import CommandVerbs
internal import Documents
internal import FoundationEssentials
internal import LinuxSystem
internal import SMTPSink

extension Verbs {
  static let sink = Verb(
    path: ["sink"], summary: "run a local SMTP server that keeps what it receives and sends nothing",
    options: [
      .value("listen", "HOST:PORT", "default 127.0.0.1:2525; port 0 takes a free one"),
      .value("store", "DIR", "keep each message as <n>.eml with <n>.json beside it"),
      .value("user", "NAME", "the one user that AUTH lets in; without it any"),
      .value("password-file", "F", "that user's password"),
      .value("fault", "RATE", "answer so many of 1 recipients with a random fault, 0 to 1"),
      .value("seed", "N", "repeats the same random faults"),
      .flag("quiet", "no line for each message and refusal"),
    ],
    discussion: """
      For testing delivery, never for the internet. Faults by recipient, so that tests are deterministic:
        rcpt-NNN, rcpt-NNN-X.Y.Z   answers RCPT with that code
        data-NNN, data-NNN-X.Y.Z   answers the final dot with it
        greylist-N                 answers 451 4.7.1 the first N times
        drop-rcpt, drop-data       closes the connection there
        drop-dot                   keeps the message and closes before the reply
        slow-Ns                    waits that long before the final reply
        quota-NNN                  accepts NNN messages on the connection, then 421
      What follows a + in the local part is free: greylist-1+anna@example.org. A fault that is misspelt is answered 550.
      What is refused, AUTH among it, is a line as well.
      """
  ) { invocation in
    var settings = SinkSettings()
    if let listen = invocation.string("listen") { (settings.host, settings.port) = try parse(listen) }
    if let store = invocation.string("store") { settings.store = try SinkStore(directory: store) }
    if let user = invocation.string("user") {
      let file = try invocation.required("password-file")
      guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
        throw CommandFault(.badInput, "\(file) cannot be read as a password file")
      }
      settings.credentials = SinkCredentials(
        user: user, password: String(text.prefix { $0 != "\n" && $0 != "\r\n" }))
    }
    if let rate = invocation.string("fault") {
      guard let number = Double(rate), (0...1).contains(number) else {
        throw CommandFault.usage("--fault takes a number from 0 to 1")
      }
      settings.faultRate = number
    }
    if let seed = try invocation.integer("seed", in: 0...Int.max) { settings.faultSeed = UInt64(seed) }
    let signals = try SignalQueue([.terminate, .interrupt])
    let isJSON = invocation.isJSON
    let isQuiet = invocation.has("quiet")
    let server = try SinkServer(settings: settings) { message in
      if !isQuiet { Terminal.print(line: isJSON ? json(of: message).text : line(of: message)) }
    } onRefusal: { refusal in
      if !isQuiet { Terminal.print(line: isJSON ? json(of: refusal).text : line(of: refusal)) }
    } onFault: { fault in
      Terminal.error("passcode: \(fault)")
    }
    try server.start()
    if isJSON {
      var line = JSONLine()
      line.add("event", "listening")
      line.add("listening", server.address)
      line.add("port", Int(server.port))
      line.add("store", settings.store?.path)
      Terminal.print(line.text)
    } else {
      Terminal.print(
        "listening on \(server.address)" + (settings.store.map { ", keeping mail in \($0.path)" } ?? ""))
    }
    while true {
      if try waitReadable([signals.pollDescriptor], milliseconds: -1)[0], signals.next() != nil { break }
    }
    server.stop()
    return .done
  }

  private static func parse(_ listen: String) throws -> (String, UInt16) {
    guard let colon = listen.lastIndex(of: ":"), let port = UInt16(listen[listen.index(after: colon)...]),
      colon > listen.startIndex
    else { throw CommandFault.usage("--listen takes HOST:PORT such as 127.0.0.1:2525") }
    return (listen[..<colon].filter { $0 != "[" && $0 != "]" }, port)
  }

  /// The recipient is shown whole: the sink is a test tool, and this is what it is asked for.
  private static func line(of message: ReceivedMessage) -> String {
    let recipients = message.recipients.joined(separator: ", ")
    return "\(message.receivedAt.rfc3339)  \(recipients)  \(message.subject)"
      + (message.file.map { "  \($0)" } ?? "")
  }

  private static func line(of refusal: SinkRefusal) -> String {
    let who =
      refusal.stage == .auth
      ? refusal.user.map { "user \($0)" } : refusal.stage == .mail ? refusal.sender.map { "from \($0)" } : nil
    let subject = [who ?? refusal.recipients.joined(separator: ", ")].filter { !$0.isEmpty }.map { "  \($0)" }
      .joined()
    let what =
      refusal.reply.map { "refused at \(refusal.stage.words): \($0)" }
      ?? "closed without a reply at \(refusal.stage.words)"
    return "\(refusal.time.rfc3339)\(subject)  \(what)"
  }

  private static func json(of refusal: SinkRefusal) -> JSONLine {
    var line = JSONLine()
    line.add("event", refusal.reply == nil ? "dropped" : refusal.stage == .auth ? "auth-failed" : "refused")
    line.add("time", refusal.time.rfc3339)
    line.add("stage", refusal.stage.rawValue)
    line.add("from", refusal.sender)
    line.add("to", refusal.recipients)
    line.add("user", refusal.user)
    line.add("reply", refusal.reply)
    line.add("client", refusal.client)
    return line
  }

  private static func json(of message: ReceivedMessage) -> JSONLine {
    let found = message.code
    var line = JSONLine()
    line.add("event", "received")
    line.add("time", message.receivedAt.rfc3339)
    line.add("from", message.sender)
    line.add("to", message.recipients)
    line.add("subject", message.subject)
    line.add("code", found?.code)
    line.add("codeFound", found?.note)
    line.add("file", message.file)
    line.add("size", message.content.count)
    return line
  }
}
