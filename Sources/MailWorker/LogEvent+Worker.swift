internal import LinuxSystem
internal import CodeRequests
internal import FoundationEssentials
internal import GuestPolicy
internal import MessageTemplates
internal import Records
internal import SMTPDelivery

extension LogEvent {
  /// The line about an event; nil for what happens all the time.
  package init?(_ event: WorkerEvent) {
    switch event {
    case .started(let version, let process, let spool, let relays):
      self = LogEvent(.started).with(.version, version).with(.pid, process).with(.spool, spool)
        .with(.relay, relays.joined(separator: ", "))
    case .standingBy(let spool): self = LogEvent(.standby).with(.spool, spool)
    case .stopping: self = LogEvent(.stopping)
    case .stopped(let tally):
      self = LogEvent(.stopped).with(.sent, tally[.sent]).with(.ended, tally.ended)
        .with(.deferrals, tally.deferrals)
    case .reloaded(.configuration(let file)): self = LogEvent(.reloaded).with(.configuration, file)
    case .reloaded(.templates(let directory)): self = LogEvent(.reloaded).with(.templates, directory)
    case .reloaded(.tenants(let file)): self = LogEvent(.reloaded).with(.tenants, file)
    case .reloaded(.records(let file)): self = LogEvent(.reloaded).with(.records, file)
    case .reloadRefused(let reason): self = LogEvent(.reloadRefused, .error).with(.error, reason)
    case .templatePassedOver(let fault):
      self = LogEvent(.templateWarning, .warning).with(.file, fault.file).with(.reason, fault.message)
    case .storageError(let code, let file, let error):
      self = LogEvent(.storageError, .error).with(.code, code?.rawValue).with(.file, file)
        .with(.error, error)
    case .storageRecovered(let file): self = LogEvent(.storageRecovered).with(.file, file)
    case .limitNear(let notice):
      self = LogEvent(.limitNear, .warning).with(.count, notice.taken)
        .with(
          .reason,
          "limits.total: at most \(notice.limit.count) in \(notice.limit.window.milliseconds / 1000) s")
    case .logLinesLost(let count): self = LogEvent(.logLinesLost, .warning).with(.count, count)
    case .setAside(let file, let reason):
      self = LogEvent(.rejected, .warning).with(.file, file).with(.reason, reason)
    case .rejected(let file, let fault):
      self = LogEvent(.rejected, .warning).with(.file, file)
        .with(.field, fault.field.isEmpty ? nil : fault.field).with(.reason, fault.message)
    case .localeFellBack(let prepared):
      self = LogEvent(.localeFallback, .warning).about(prepared)
        .with(.locale, prepared.template.locale.rawValue)
        .with(.asked, prepared.request.locale.tags.prefix(3).map(\.rawValue).joined(separator: ", "))
    case .concluded(let prepared, let settled): self = LogEvent(prepared, settled)
    case .delivered(let mail, let report, let settled): self = LogEvent(mail, report, settled)
    case .relay(let event):
      guard let line = LogEvent(event) else { return nil }
      self = line
    }
  }

  private init(_ prepared: PreparedRequest, _ settled: SettledRequest) {
    // One that was cancelled from outside, after its file was read, is told here for the first time.
    let isTold = settled.isRepetition && settled.outcome != .cancelled
    let name = isTold ? .duplicate : Name(settled.outcome)
    let isFine = isTold || settled.outcome == .superseded || settled.outcome == .cancelled
    self = LogEvent(name, isFine ? .info : .warning).about(prepared).with(.reason, settled.reason)
      .with(.retryAfterSeconds, settled.retryAfter.map { Int($0.components.seconds) })
      .with(.method, settled.method)
  }

  private init(_ mail: PasscodeMail, _ report: DeliveryReport, _ settled: Settled) {
    let isFine = settled.event == .sent || settled.event == .deferred || settled.event == .cancelled
    self = LogEvent(settled.event, isFine ? .info : .warning)
      .about(mail.prepared, recipient: mail.ticket.audited.recipient)
      .with(.locale, mail.prepared.template.locale.rawValue)
      .with(.tenant, mail.prepared.tenant.id == Tenant.only.id ? nil : mail.prepared.tenant.id)
      .with(.relay, settled.settlement.relay).with(.attempts, mail.ticket.attempt)
      .with(.reply, report.reply?.description).with(.meaning, report.meaning?.rawValue)
      .with(.reason, report.reply == nil ? settled.settlement.replyText : nil)
      .with(.earlier, Self.earlier(report))
      .with(.queuedSeconds, Self.time(from: mail.ticket.queuedAt, to: mail.ticket.madeAt))
      .with(.connectSeconds, report.times.connect).with(.envelopeSeconds, report.times.envelope)
      .with(.messageSeconds, report.times.message)
      .with(.totalSeconds, Self.time(from: mail.ticket.queuedAt, to: settled.settlement.at))
  }

  /// The fields that every event about a request begins with.
  ///
  /// - Parameter recipient: where it is there already, redacted.
  private consuming func about(_ prepared: PreparedRequest, recipient: String? = nil) -> LogEvent {
    with(guarded: .id, prepared.request.id.description)
      .with(guarded: .recipient, recipient ?? prepared.request.recipient.redacted)
  }

  /// What the relays said that were asked before in the same attempt.
  private static func earlier(_ report: DeliveryReport) -> String? {
    report.earlier.isEmpty
      ? nil
      : report.earlier.map { "\($0.name): \($0.reply.map { "\($0)" } ?? "connection lost")" }
        .joined(separator: "; ")
  }

  /// To the millisecond, which is what records keep.
  private static func time(from start: Date, to end: Date) -> Duration {
    .milliseconds(max(0, Int((end.timeIntervalSince(start) * 1000).rounded())))
  }
}

extension LogEvent.Name {
  /// Events of outcomes are named like them.
  init(_ outcome: Outcome?) { self = outcome.flatMap { Self(rawValue: $0.rawValue) } ?? .duplicate }
}
