package import CodeRequests
internal import Configuration
internal import FoundationEssentials
internal import GuestPolicy
internal import LinuxSystem
internal import MailWorker
internal import MessageTemplates
internal import Records
internal import RequestSpool

/// A request that passed `Service.check`: what the worker would reject it for, as far as that can be known before it is
/// queued, is not there.
package struct CheckedRequest: Sendable {
  package let request: CodeRequest
  /// The language that the mail will be in as things stand; nil where the templates cannot be read now.
  package let locale: LocaleTag?
  /// No language that was asked for has templates. The mail goes out all the same.
  package let fellBack: Bool
}

extension Service {
  /// Looks at a request before it is acknowledged.
  ///
  /// - Throws: a `RequestFault` that names the field, or what keeps the tenants from being read.
  package func check(_ request: CodeRequest) throws -> CheckedRequest {
    // The rules of a request file, its limits of size among them, are those of its reader.
    let request = try CodeRequest(json: try request.json())
    // A user who may enqueue and nothing else: what he asks for is looked at by the worker.
    if let file = installation.settings.tenants, !FilePath.mayRead(file), FilePath.isThere(file) {
      return CheckedRequest(request: request, locale: nil, fellBack: false)
    }
    let tenant = try tenants().resolve(request.tenant)
    // Templates that are faulty at this moment hold up the mail, not the asking for it.
    guard let templates = try? templates() else {
      return CheckedRequest(request: request, locale: nil, fellBack: false)
    }
    try templates.check(request.variables)
    let choice = try templates.choice(
      for: request.locale, purpose: request.purpose, of: tenant, installation.settings)
    return CheckedRequest(request: request, locale: choice.locale, fellBack: choice.fellBack)
  }

  /// Puts a request into the spool. Durable when it returns.
  package func enqueue(_ request: CheckedRequest) throws {
    try spool().enqueue(request.request, now: now())
  }

  /// Where a request stands, and what it waits for; nil where no request has this id.
  package func status(of id: RequestID) throws -> RequestProgress? {
    var progress = try progress(of: id)
    if progress?.outcome == nil { progress?.waiting = waiting() }
    return progress
  }

  /// What keeps every request that has no outcome from going on; nil where nothing does, or where this user may not see it.
  package func waiting() -> RequestProgress.Waiting? {
    let settings = installation.settings
    guard let isThere = try? SpoolLock.isHeld(at: settings.spoolPath) else { return nil }
    // What a dead worker said of its relays is not believed.
    return isThere ? RelayOutage.reason(in: settings.state).map { .relay($0) } : .worker
  }

  /// Opens what waiting needs: a user who may enqueue and not look into the records is told before anything is queued.
  package func prepareToWait() throws {
    try records { _ in }
    _ = try spool()
  }

  /// Waits for the outcome of a request that was enqueued, as long as a worker runs that can bring it about. One that is
  /// just started gets half a second to take the lock.
  ///
  /// - Parameter onWaiting: is told once that no relay takes mail, and why.
  /// - Returns: how far it came, where `timeout` was over first, or where no worker runs.
  package func wait(
    for id: RequestID, timeout: Duration, onWaiting: (RequestProgress.Waiting) -> Void = { _ in }
  ) throws -> RequestProgress {
    // Opened before the clock runs.
    try prepareToWait()
    let deadline = ContinuousClock.now + timeout
    var interval = Duration.milliseconds(20)
    var isTold = false
    while true {
      // The records answer by an index; the spool's directories are read, so less and less often.
      let isSlow = interval >= .milliseconds(100)
      let isTimeOver = ContinuousClock.now >= deadline
      let waiting = isSlow || isTimeOver ? waiting() : nil
      let isLate = isTimeOver || waiting == .worker
      if let status = try records({ try $0.status(of: id) }), status.outcome != nil || isLate {
        return RequestProgress(id, status, waiting)
      }
      if isSlow || isLate, let progress = try progress(of: id), progress.outcome != nil || isLate {
        return RequestProgress(progress, waiting)
      }
      if isLate { return RequestProgress(RequestProgress(justQueued: id), waiting) }
      if let waiting, !isTold {
        onWaiting(waiting)
        isTold = true
      }
      pause(interval)
      interval = min(interval * 1.2, .milliseconds(250))
    }
  }

  func progress(of id: RequestID) throws -> RequestProgress? {
    if let status = try records({ try $0.status(of: id) }) { return RequestProgress(id, status) }
    let spool = try spool()
    return try spool.items(of: id).first.map { RequestProgress(id, $0, of: spool.request(of: $0)) }
  }
}
