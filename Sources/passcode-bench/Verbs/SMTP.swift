internal import CBaselines
internal import CodeRequests
internal import CommandVerbs
internal import Configuration
internal import Foundation
internal import LinuxSystem
internal import MailWorker
internal import SMTPDelivery

extension Verbs {
  static let smtp = Verb(
    path: ["smtp"], summary: "measure bare SMTP: ready-made messages over kept connections",
    options: [
      .value(
        "relay", "URL",
        "smtp:// or smtps://HOST:PORT to send to; without it our sink, as a process of its own"),
      .flag("tls", "over TLS, without --relay to a small server in C"),
      .value("ca", "FILE", "the authority of the certificate that an smtps:// relay shows"),
      .value("count", "N", "messages a run; default 20000"),
      .lanes,
      .value("runs", "N", "runs of each, in turn; default 3"),
    ],
    discussion: """
      Baselines in the same run: a C program that does the same over libcurl's CONNECT_ONLY, libcurl's own upload
      mode in C, and where Postfix is installed its smtp-source -d with as many sessions. Over TLS: the same C program,
      once with connections that are kept and once with one for each mail. Never point it at a relay that is not
      yours: every message counts as mail.
      """
  ) { invocation in
    let count = try invocation.integer("count", in: 1...10_000_000) ?? 20_000
    let lanes = try invocation.lanes()
    let runs = try invocation.runs(3)
    let relay = invocation.string("relay")
    let isEncrypted = invocation.has("tls") || relay?.hasPrefix("smtps://") == true
    if let relay, isEncrypted, !relay.hasPrefix("smtps://") {
      throw CommandFault.usage("--tls takes --relay smtps://HOST:PORT")
    }
    let bench = try Bench(relay: relay, needsRelay: !isEncrypted)
    defer { bench.end() }
    let run = SMTPRun(message: try BenchMail.message(), count: count, lanes: lanes, runs: runs)
    let figures =
      isEncrypted
      ? try run.encrypted(relay: relay, authority: invocation.string("ca"), directory: bench.directory)
      : try run.plaintext(relay: bench.relay!)
    figures.print(
      title:
        "smtp\(isEncrypted ? " over TLS" : ""): \(count) messages of \(run.message.count) bytes, \(lanes) connections",
      isJSON: invocation.isJSON)
    return .done
  }
}

/// What one call of the bench measures, ours and the baselines in turn.
private struct SMTPRun {
  let message: [UInt8]
  let count: Int
  let lanes: Int
  let runs: Int

  func plaintext(relay: String) throws -> Figures {
    let url = "smtp://\(relay)"
    let settings = try RelaySettings(url: url, security: .plaintext, lanes: lanes)
    let baseline = SMTPBaseline(url: url, wire: BenchMail.wire(message), count: count, threads: lanes)
    let source = SMTPSource(relay: relay, length: message.count, count: count, sessions: lanes)
    var (ours, pipelined, upload, sourced) = ([Double](), [Double](), [Double](), [Double]())
    for _ in 0..<runs {
      ours.append(try deliver(settings))
      pipelined.append(try baseline.pipelined())
      upload.append(try baseline.upload())
      if let source { sourced.append(try source.run()) }
    }
    var figures = Figures()
    figures.add("SMTPDelivery", "messagesPerSecond", ours, "messages/s")
    figures.add("C, CONNECT_ONLY, pipelined", "connectOnlyPerSecond", pipelined, "messages/s")
    figures.add("C, libcurl upload", "uploadPerSecond", upload, "messages/s")
    if source != nil {
      figures.add("smtp-source -d -s \(lanes)", "smtpSourcePerSecond", sourced, "messages/s")
    }
    addMemory(to: &figures)
    figures.addRatio("ratio to CONNECT_ONLY in C", "ratio", ours, pipelined)
    figures.addRatio("ratio to libcurl upload in C", "uploadRatio", ours, upload)
    if source != nil { figures.addRatio("ratio to smtp-source", "smtpSourceRatio", ours, sourced) }
    return figures
  }

  func encrypted(relay: String?, authority: String?, directory: String) throws -> Figures {
    var (url, authority) = (relay ?? "", authority)
    if relay == nil {
      let file = "\(directory)/certificate.pem"
      let port = try Bench.baseline("TLS server") { why in Double(cbaselines_tls_sink(file, why)) }
      url = "smtps://127.0.0.1:\(Int(port))"
      authority = file
    }
    let settings = try RelaySettings(url: url, security: .implicit, caFile: authority, lanes: lanes)
    if let trouble = RelayProbe(settings).trouble { throw CommandFault(.unavailable, trouble.message) }
    let wire = BenchMail.wire(message)
    // A handshake for each mail is so slow that fewer tell as much.
    let few = max(lanes, count / 10)
    let kept = SMTPBaseline(url: url, wire: wire, count: count, threads: lanes, authority: authority)
    let single = SMTPBaseline(url: url, wire: wire, count: few, threads: lanes, authority: authority)
    var (ours, pipelined, reconnecting) = ([Double](), [Double](), [Double]())
    for _ in 0..<runs {
      ours.append(try deliver(settings))
      pipelined.append(try kept.pipelined())
      reconnecting.append(try single.pipelined(isReconnecting: true))
    }
    var figures = Figures()
    figures.add("SMTPDelivery, connections kept", "messagesPerSecond", ours, "messages/s")
    figures.add("C, CONNECT_ONLY, connections kept", "connectOnlyPerSecond", pipelined, "messages/s")
    figures.add("C, a connection for each mail", "reconnectingPerSecond", reconnecting, "messages/s")
    addMemory(to: &figures)
    figures.addRatio("ratio to CONNECT_ONLY in C", "ratio", ours, pipelined)
    figures.addRatio("ratio to a connection for each mail", "reconnectingRatio", ours, reconnecting)
    return figures
  }

  private func addMemory(to figures: inout Figures) {
    figures.add("peak memory", "peakMiB", [Double(ProcessUsage.current().peakMemory) / 1_048_576], "MiB")
  }

  /// Messages a second over our lanes.
  private func deliver(_ settings: RelaySettings) throws -> Double {
    let mails = BoundedQueue<ReadyMail>(capacity: 256)
    let verdicts = Monitor((done: 0, sent: 0))
    let dispatcher = try RelayDispatcher(
      relays: [settings], mails: mails,
      report: { (_: ReadyMail, report: DeliveryReport) in
        let isLast = verdicts.withLock { state -> Bool in
          state.done += 1
          if report.verdict == .sent { state.sent += 1 }
          return state.done == count
        }
        if isLast { verdicts.change { _ in } }
      })
    let mail = ReadyMail(
      sender: try EmailAddress(BenchMail.sender), recipient: try EmailAddress(BenchMail.recipient),
      bytes: message)
    let start = ContinuousClock.now
    try dispatcher.start()
    for _ in 0..<count { mails.push(mail) }
    let sent = verdicts.wait(timeout: .seconds(600)) { $0.done == count ? $0.sent : nil }
    let seconds = (ContinuousClock.now - start).inSeconds
    dispatcher.finish(grace: .seconds(1))
    guard sent == count else {
      throw CommandFault(.unavailable, "the relay took \(sent ?? 0) of \(count) messages")
    }
    return Double(count) / seconds
  }
}

/// The C programs that send the same bytes.
struct SMTPBaseline {
  let url: String
  let wire: [UInt8]
  let count: Int
  let threads: Int
  /// PEM; for smtps:// URLs.
  var authority: String?

  /// Messages a second over CONNECT_ONLY, MAIL, RCPT and DATA pipelined.
  func pipelined(isReconnecting: Bool = false) throws(CommandFault) -> Double {
    let seconds = try Bench.baseline("CONNECT_ONLY") { why in
      wire.withUnsafeBytes { bytes in
        cbaselines_smtp_pipelined(
          url, BenchMail.sender, BenchMail.recipient, bytes.assumingMemoryBound(to: CChar.self).baseAddress,
          bytes.count, count, Int32(threads), 0, isReconnecting ? 1 : 0, authority, why)
      }
    }
    return Double(count) / seconds
  }

  /// Messages a second in libcurl's upload mode. libcurl adds the final dot itself.
  func upload() throws(CommandFault) -> Double {
    let body = wire.dropLast(3)
    let seconds = try Bench.baseline("upload") { why in
      body.withUnsafeBytes { bytes in
        cbaselines_smtp_upload(
          url, BenchMail.sender, BenchMail.recipient, bytes.assumingMemoryBound(to: CChar.self).baseAddress,
          bytes.count, count, Int32(threads), why)
      }
    }
    return Double(count) / seconds
  }
}

/// Postfix's own load generator, where it is installed.
private struct SMTPSource {
  private let program: String
  private let arguments: [String]
  private let count: Int

  init?(relay: String, length: Int, count: Int, sessions: Int) {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
    guard
      let program = (folders + ["/usr/sbin", "/usr/local/sbin"]).map({ "\($0)/smtp-source" })
        .first(where: { FileManager.default.isExecutableFile(atPath: $0) })
    else { return nil }
    self.program = program
    self.count = count
    arguments = [
      "-d", "-s", "\(sessions)", "-m", "\(count)", "-l", "\(length)", "-f", BenchMail.sender, "-t",
      BenchMail.recipient, relay,
    ]
  }

  /// Messages a second.
  func run() throws -> Double {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    let start = ContinuousClock.now
    try process.run()
    process.waitUntilExit()
    let seconds = (ContinuousClock.now - start).inSeconds
    guard process.terminationStatus == 0 else {
      throw CommandFault(.unavailable, "smtp-source ended with status \(process.terminationStatus)")
    }
    return Double(count) / seconds
  }
}
