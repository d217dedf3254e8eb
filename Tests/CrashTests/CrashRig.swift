import CodeRequests
import Foundation
import LinuxSystem
import RecordKeys
import RequestSpool
import SMTPSink
import TestSupport

/// What ends a worker.
enum Kill: Sendable, CustomStringConvertible {
  case step(FailPoint, Int)
  /// The n-th of all steps.
  case anyStep(Int)
  /// After so many microseconds.
  case moment(Int)
  /// As soon as it has told an outcome so often.
  case outcome(Int)

  var environment: [String: String?] {
    switch self {
    case .step(let step, let count): ["PASSCODE_FAIL_POINT": "\(step):\(count)"]
    case .anyStep(let count): ["PASSCODE_FAIL_POINT": "any:\(count)"]
    case .moment, .outcome: [:]
    }
  }

  var description: String {
    switch self {
    case .step(let step, let count): "\(step):\(count)"
    case .anyStep(let count): "any:\(count)"
    case .moment(let microseconds): "after \(microseconds) µs"
    case .outcome(let count): "at outcome \(count)"
    }
  }
}

/// An installation whose workers are killed, with its sink, and the evidence that they leave.
final class CrashRig {
  let scratch: Scratch
  private let sink: SinkServer
  private(set) var requests: [EnqueuedRequest] = []
  private(set) var kills: [Snapshot] = []
  private(set) var logs: [[UInt8]] = []
  /// What was done, for whoever has to understand a breach.
  private(set) var story: [String] = []
  private var spool: Spool?

  /// - Parameter delivery: further keys of `delivery`.
  init(extra: String = "", delivery: String = "") throws {
    let directory = try TemporaryDirectoryOwner()
    sink = try SinkServer(store: "\(directory.path)/mail")
    scratch = try Scratch(
      in: directory, relay: sink.address,
      extra: """
        verification: { broughtCodes: "verify" }, limits: { perSubject: [], perMailbox: [], perClient: [] }, delivery: { \(delivery) retryDelays: ["20ms"] }, \(extra)
        """)
  }

  // MARK: Enqueueing

  /// Enqueues as a frontend in Swift does; acknowledged when this returns.
  func enqueue(_ requests: [EnqueuedRequest], challenge: String? = nil) throws {
    if spool == nil {
      let keys = "\(scratch.state)/keys"
      spool = try Spool(at: scratch.spool) { code, id in try Keyring(directory: keys).seal(code, for: id) }
    }
    try spool!.enqueue(
      requests.map { request in
        CodeRequest(
          id: try RequestID(request.id), recipient: try EmailAddress(request.recipient),
          challenge: try request.isResend ? challenge.map { try RequestID($0) } : nil,
          code: try request.code.map { try Passcode($0) }, deadline: request.deadline)
      })
    self.requests += requests
    story.append("enqueued \(requests.map(\.recipient).joined(separator: ", "))")
  }

  /// Enqueues through the command, which dies where `kill` says. What it did not acknowledge may be in the spool all
  /// the same; then it counts.
  func enqueue(to recipient: String, _ kill: Kill) throws {
    let result = try ChildProcess.run(
      scratch.command, ["request", "--to", recipient, "--json", "--config", scratch.config],
      environment: kill.environment)
    story.append("request to \(recipient), \(kill): \(result.ending)")
    if result.status == 0 {
      requests.append(EnqueuedRequest(id: try result.string("id"), recipient: recipient))
      return
    }
    guard result.ending == .signalled(SIGKILL) else { throw Unexpected("request failed", "\(result)") }
    logs += [result.output, result.errors]
    let snapshot = try takeSnapshot()
    kills.append(snapshot)
    for found in try snapshot.waiting() where found.recipient == recipient {
      requests.append(EnqueuedRequest(id: found.id, recipient: recipient))
    }
  }

  // MARK: Workers

  /// Runs a worker until it is killed or has nothing left to do.
  ///
  /// - Returns: whether it was killed.
  func work(_ kill: Kill?) throws -> Bool {
    let worker = try ChildProcess(
      scratch.command, ["worker", "--drain", "--config", scratch.config],
      environment: kill?.environment ?? [:])
    switch kill {
    case .moment(let microseconds):
      // Not a wait for something to be done: the moment is what is tried.
      _ = worker.wait(for: "\0", timeout: .microseconds(microseconds))
      worker.signal(SIGKILL)
    case .outcome(let count):
      _ = worker.wait(for: "\"reply\"", count: count)
      worker.signal(SIGKILL)
    default: break
    }
    let result = try worker.wait()
    story.append("worker \(kill.map { "\($0)" } ?? "undisturbed"): \(result.ending)")
    logs += [result.output, result.errors]
    switch result.ending {
    case .signalled(SIGKILL):
      kills.append(try takeSnapshot())
      return true
    case .exited(0): return false
    default: throw Unexpected("the worker ended otherwise", "\(result)\n\(story.joined(separator: "\n"))")
    }
  }

  /// Runs a worker and kills it as soon as the sink has a mail to `recipient` of it.
  func work(killedWhenStored recipient: String) throws {
    let count = try StoredMail.all(in: scratch.store).count { $0.recipient == recipient }
    let worker = try scratch.startWorker()
    try awaitMail(to: recipient, count: count + 1)
    worker.signal(SIGKILL)
    let result = try worker.wait()
    logs += [result.output, result.errors]
    story.append("worker, killed when the sink had the mail to \(recipient)")
    kills.append(try takeSnapshot())
  }

  /// Waits until the sink has stored so many mails to `recipient`.
  func awaitMail(to recipient: String, count: Int = 1) throws {
    let watch = try DirectoryWatch()
    try watch.add(scratch.store)
    let deadline = ContinuousClock.now + patience
    while try StoredMail.all(in: scratch.store).count(where: { $0.recipient == recipient }) < count {
      guard ContinuousClock.now < deadline else { throw Unexpected("no mail to \(recipient) came", "") }
      _ = try waitReadable([watch.pollDescriptor], milliseconds: 1000)
      _ = try watch.changes()
    }
  }

  private func takeSnapshot() throws -> Snapshot {
    // Before the copy: the code of each of these mails has to work with it.
    let count = StoredMail.count(in: scratch.store)
    let copy = "\(scratch.path)/after-kill-\(kills.count)"
    if FileManager.default.fileExists(atPath: scratch.state) {
      try FileManager.default.copyItem(atPath: scratch.state, toPath: copy)
    }
    return try Snapshot(of: copy, mailCount: count)
  }

  /// Lets a last worker finish, ends the sink, and collects what is to be judged.
  func finish() throws -> Evidence {
    if try work(nil) { throw Unexpected("the last worker was killed", "") }
    sink.stop()
    try FileManager.default.copyItem(atPath: scratch.state, toPath: end)
    return try collect()
  }

  /// Where the state at the end lies.
  var end: String { "\(scratch.path)/end" }

  /// Reads what lies there now.
  private func collect() throws -> Evidence {
    let mails = try StoredMail.all(in: scratch.store)
    return Evidence(
      requests: requests, kills: kills, end: try Snapshot(of: end, mailCount: mails.count), mails: mails,
      logs: logs)
  }

  func check(_ evidence: Evidence) throws -> [Breach] {
    try EvidenceChecker.check(evidence, scratch: scratch.path)
  }
}
