internal import CommandVerbs
internal import Configuration
internal import FoundationEssentials
internal import LinuxSystem
internal import MailWorker
internal import PasscodeService
internal import Records
internal import RequestSpool
internal import SMTPDelivery

/// The life of a worker process: waits for the lock, starts a `Worker`, and follows signals.
struct WorkerProcess {
  private let installation: Installation
  private let invocation: Invocation
  let log: EventLog
  private let signals: SignalQueue
  private let supervisor: ServiceNotification

  private enum End {
    case stop, reload
    /// What is left, since nothing can be done with its files.
    case drained([String])
  }

  init(_ installation: Installation, _ invocation: Invocation) throws {
    self.installation = installation
    self.invocation = invocation
    // Before any thread starts, the log's among them: they inherit the mask.
    signals = try SignalQueue([.terminate, .interrupt, .hangUp])
    log = EventLog(
      invocation.isJSON || !Terminal.isOutputTerminal ? .json : Terminal.hasColour ? .coloured : .readable)
    supervisor = ServiceNotification(environment: ProcessInfo.processInfo.environment)
  }

  func run() throws -> ExitStatus {
    let spool = try installation.spool()
    guard let lock = try acquireLock(spool) else { return .done }
    // Not by a function that does nothing: the optimiser drops its call, and lets go of the lock at once.
    defer { withExtendedLifetime(lock) {} }
    var settings = installation.settings
    var worker = try Worker(settings: settings, log: log)
    try start(worker)
    log.post(
      .started(
        version: Command.version, process: Int(CurrentProcess.identifier), spool: settings.spoolPath,
        relays: try settings.relaySettings().map(\.url)))
    while true {
      switch follow(worker, spool) {
      case .reload:
        // The new one is made first: where it cannot be, the old one goes on.
        guard let (fresh, replacement) = reload() else { continue }
        supervisor.sendReloading()
        let stopped = stop(worker, isEnding: false)
        if stopped.isEnding {
          supervisor.send("STOPPING=1")
          return end(worker, stopped.isRecorded)
        }
        (settings, worker) = (fresh, replacement)
        try start(worker)
        log.post(.reloaded(.configuration(settings.file)))
      case .stop: return finish(worker)
      case .drained(let remainder):
        let status = finish(worker)
        guard status == .done, !remainder.isEmpty else { return status }
        throw Self.leftOver(remainder)
      }
    }
  }

  private func finish(_ worker: Worker) -> ExitStatus {
    supervisor.send("STOPPING=1")
    log.post(.stopping)
    return end(worker, stop(worker, isEnding: true).isRecorded)
  }

  private static func leftOver(_ files: [String]) -> CommandFault {
    let more = files.count > 10 ? " and \(files.count - 10) more" : ""
    return CommandFault(
      .inputOutput,
      "all else is done, but the disk does not let the worker read, move or remove \(files.prefix(10).joined(separator: ", "))\(more); the log says why. Nothing of them is lost: mend the disk and drain again"
    )
  }

  private func end(_ worker: Worker, _ isRecorded: Bool) -> ExitStatus {
    log.post(.stopped(worker.tally))
    return isRecorded ? .done : .inputOutput
  }

  private func start(_ worker: Worker) throws {
    try worker.start()
    supervisor.send("READY=1")
  }

  /// Nil where a signal came first.
  private func acquireLock(_ spool: Spool) throws -> SpoolLock? {
    if let lock = try SpoolLock.tryAcquire(spool) { return lock }
    log.post(.standingBy(spool: spool.path))
    supervisor.send("READY=1\nSTATUS=standby")
    return try SpoolLock.acquire(spool) { free in
      while true {
        // The supervisor alone makes it look up before the kernel does.
        supervisor.send("WATCHDOG=1")
        let isReady = try waitReadable([free, signals.pollDescriptor], milliseconds: watchdogMilliseconds)
        if isReady[0] { return true }
        if isReady[1], signals.next() != .hangUp { return false }
      }
    }
  }

  /// How often the supervisor is told that this process lives; -1 where it does not ask.
  private var watchdogMilliseconds: Int {
    supervisor.watchdogInterval.map { max(1, Int($0.inSeconds * 500)) } ?? -1
  }

  /// Until a signal comes, or nothing is left to do where that was asked for.
  private func follow(_ worker: Worker, _ spool: Spool) -> End {
    let isDraining = invocation.has("drain")
    var progress = DrainProgress(
      of: spool, log, isShown: isDraining && Terminal.canRewrite && !invocation.isJSON)
    defer { progress.end() }
    var watchdog = Watchdog(supervisor, milliseconds: watchdogMilliseconds)
    while true {
      let milliseconds = isDraining ? 20 : watchdogMilliseconds
      let isReady = (try? waitReadable([signals.pollDescriptor], milliseconds: milliseconds)[0]) ?? false
      if isReady, let signal = signals.next() { return signal == .hangUp ? .reload : .stop }
      watchdog.tell(of: worker)
      if isDraining {
        progress.show(worker.tally)
        if let remainder = worker.remainder { return .drained(remainder) }
      }
    }
  }

  private func reload() -> (Settings, Worker)? {
    do {
      let settings = try Settings(file: installation.settings.file)
      // The lock that this process holds is the old spool's.
      guard settings.state == installation.settings.state else {
        throw ConfigurationFault(
          file: settings.file, key: "state", "cannot change while the worker runs; restart it instead")
      }
      return (settings, try Worker(settings: settings, log: log))
    } catch {
      log.post(.reloadRefused(reason: Command.explain(error).1))
      return nil
    }
  }

  /// Stops within the grace. A SIGINT after the signal that asked to end, ends the process at once, as `kill -9` would.
  ///
  /// - Parameter isEnding: false where it is stopped for a reload alone.
  /// - Returns: whether outcomes could be recorded, and whether the process is to end now.
  @discardableResult
  private func stop(_ worker: Worker, isEnding: Bool) -> (isRecorded: Bool, isEnding: Bool) {
    var isEnding = isEnding
    let result = Monitor<Bool?>(nil)
    let thread = try? LinuxThread("stopping") {
      let isRecorded = worker.stop()
      result.change { $0 = isRecorded }
    }
    guard let thread else { return (worker.stop(), isEnding) }
    var watchdog = Watchdog(supervisor, milliseconds: watchdogMilliseconds)
    while true {
      if let isRecorded = result.withLock({ $0 }) {
        thread.join()
        return (isRecorded, isEnding)
      }
      watchdog.tell(of: worker)
      let isReady = (try? waitReadable([signals.pollDescriptor], milliseconds: 10)[0]) ?? false
      guard isReady, let signal = signals.next() else { continue }
      if signal == .interrupt, isEnding { CurrentProcess.exitAtOnce(signal.exitStatus) }
      if signal != .hangUp { isEnding = true }
    }
  }
}
