internal import CBaselines
internal import CodeRequests
internal import Configuration
internal import Foundation
internal import LinuxSystem
internal import MailWorker
internal import SMTPDelivery

extension Verbs {
  static let benchSMTP = Verb(
    path: ["bench", "smtp"], summary: "measure bare SMTP: ready-made messages over the lanes",
    options: [
      .value("relay", "URL", "smtp://HOST:PORT to send to; without it our sink, as a process of its own"),
      .value("count", "N", "messages a run; default 20000"),
      .value("lanes", "N", "connections; default 4"),
      .value("runs", "N", "runs of each, in turn; default 3"),
    ],
    discussion: """
      Baselines in the same run: a C program that does the same over libcurl's CONNECT_ONLY, and libcurl's own upload
      mode in C. Never point it at a relay that is not yours: every message counts as mail.
      """
  ) { invocation in
    let count = try invocation.integer("count", in: 1...10_000_000) ?? 20_000
    let lanes = try invocation.integer("lanes", in: 1...64) ?? 4
    let runs = try invocation.integer("runs", in: 1...100) ?? 3
    let bench = try Bench(relay: invocation.string("relay"))
    defer { bench.end() }
    let url = "smtp://\(bench.relay!)"
    let message = try BenchMail.message()
    let baseline = SMTPBaseline(url: url, wire: BenchMail.wire(message), count: count, threads: lanes)
    var ours: [Double] = []
    var pipelined: [Double] = []
    var upload: [Double] = []
    for _ in 0..<runs {
      ours.append(try deliver(message, count: count, lanes: lanes, url: url))
      pipelined.append(try baseline.pipelined())
      upload.append(try baseline.upload())
    }
    var figures = Figures()
    figures.add("SMTPDelivery", "messagesPerSecond", ours, "messages/s")
    figures.add("C, CONNECT_ONLY, pipelined", "connectOnlyPerSecond", pipelined, "messages/s")
    figures.add("C, libcurl upload", "uploadPerSecond", upload, "messages/s")
    figures.add("peak memory", "peakMiB", [Double(ProcessUsage.current().peakMemory) / 1_048_576], "MiB")
    figures.addRatio("ratio to CONNECT_ONLY in C", "ratio", ours, pipelined)
    figures.addRatio("ratio to libcurl upload in C", "uploadRatio", ours, upload)
    figures.print(
      title: "smtp: \(count) messages of \(message.count) bytes, \(lanes) lanes", isJSON: invocation.isJSON)
    return .done
  }

  private static func deliver(_ message: [UInt8], count: Int, lanes: Int, url: String) throws -> Double {
    let mails = BoundedQueue<ReadyMail>(capacity: 256)
    let verdicts = Monitor((done: 0, sent: 0))
    let settings = try RelaySettings(url: url, security: .plaintext, lanes: lanes)
    let dispatcher = try RelayDispatcher(
      relays: [settings], mails: mails,
      settle: { (_: ReadyMail, report: DeliveryReport) in
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

  /// Messages a second over CONNECT_ONLY, MAIL, RCPT and DATA pipelined.
  func pipelined() throws(CommandFault) -> Double {
    let seconds = try Bench.baseline("CONNECT_ONLY") { why in
      wire.withUnsafeBytes { bytes in
        cbaselines_smtp_pipelined(
          url, BenchMail.sender, BenchMail.recipient, bytes.assumingMemoryBound(to: CChar.self).baseAddress,
          bytes.count, count, Int32(threads), 0, why)
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
