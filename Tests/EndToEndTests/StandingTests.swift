import Foundation
import TestSupport
import Testing

/// What `status` and `queue` say and do in each state that a request can be in.
@Suite(.waits) struct StandingTests {
  /// A request in one state, in an installation without a worker.
  private struct Case: Sendable, CustomStringConvertible {
    let state: String
    let recipient: String
    /// Of `queue cancel` and `queue retry`.
    let cancel: Int32
    let retry: Int32
    /// `queue` lists it, `queue failed` lists it.
    let isListed: Bool
    let isFailed: Bool
    var description: String { state }
  }

  private static let cases = [
    Case(
      state: "queued", recipient: "anna@example.org", cancel: 0, retry: 66, isListed: true, isFailed: false),
    Case(
      state: "deferred", recipient: "greylist-9+anna@example.org", cancel: 0, retry: 0, isListed: true,
      isFailed: false),
    Case(
      state: "sent", recipient: "anna@example.org", cancel: 66, retry: 66, isListed: false, isFailed: false),
    Case(
      state: "failed", recipient: "rcpt-550-5.1.1+anna@example.org", cancel: 66, retry: 0, isListed: false,
      isFailed: true),
    Case(
      state: "limited", recipient: "anna@example.org", cancel: 66, retry: 66, isListed: false, isFailed: false
    ),
    Case(
      state: "superseded", recipient: "greylist-9+anna@example.org", cancel: 66, retry: 66, isListed: false,
      isFailed: false),
    Case(
      state: "cancelled", recipient: "anna@example.org", cancel: 66, retry: 66, isListed: false,
      isFailed: false),
    Case(
      state: "expired", recipient: "anna@example.org", cancel: 66, retry: 66, isListed: false, isFailed: false
    ),
    Case(
      state: "refused", recipient: "anna@example.org", cancel: 66, retry: 66, isListed: false, isFailed: false
    ),
    Case(
      state: "rejected", recipient: "anna@example.org", cancel: 66, retry: 66, isListed: false, isFailed: true
    ),
  ]

  /// Brings a request into the state and returns its id.
  private func bring(_ scratch: Scratch, _ item: Case) throws -> String {
    func worker(until events: String...) throws {
      let worker = try scratch.startWorker()
      for event in events { #expect(worker.wait(for: "\"event\":\"\(event)\""), "\(worker.text())") }
      worker.signal(SIGTERM)
      #expect(try worker.wait().status == 0)
    }
    let id: String
    switch item.state {
    case "expired":
      id = "expired-AAAAAAAAAAAAAAAAAAAAAA"
      try scratch.drop(
        """
        {"version":1,"id":"\(id)","recipient":"\(item.recipient)","deadline":"2020-01-01T00:00:00Z"}
        """, as: "\(Int(Date().timeIntervalSince1970 * 1000)).\(id).json")
    case "rejected":
      id = "rejected-AAAAAAAAAAAAAAAAAAAAAA"
      try scratch.drop("{}", as: "\(Int(Date().timeIntervalSince1970 * 1000)).\(id).json")
    case "refused":
      let first = try scratch.request(to: item.recipient)
      try worker(until: "sent")
      #expect(try scratch.verify(first, try scratch.code(for: item.recipient)).status == 0)
      id = try scratch.request(to: item.recipient, "--resend", first)
    case "limited":
      _ = try scratch.request(to: item.recipient)
      try worker(until: "sent")
      id = try scratch.request(to: item.recipient)
    default: id = try scratch.request(to: item.recipient)
    }
    switch item.state {
    case "queued": break
    case "cancelled": #expect(try scratch.run("queue", "cancel", id).status == 0)
    case "superseded":
      try worker(until: "deferred")
      _ = try scratch.request(to: item.recipient)
      try worker(until: "deferred")
    default: try worker(until: item.state)
    }
    return id
  }

  @Test(arguments: cases)
  private func `status and queue tell each state, and do what it allows`(item: Case) throws {
    let limits = item.state == "limited" ? "1" : "100"
    let scratch = try makeRig(
      extra: """
        delivery: { retryDelays: ["60s", "2s"], deadline: "5m" },
        limits: { perSubject: [ { count: \(limits), window: "30s" } ], perClient: [] },
        """)
    let id = try bring(scratch, item)
    let status = try scratch.status(id)
    #expect(status["state"] as? String == item.state, "\(status)")
    let isEnded = item.state != "queued" && item.state != "deferred"
    #expect(status["outcome"] as? String == (isEnded ? item.state : nil))
    #expect(status["id"] as? String == id)
    if item.state == "deferred" { #expect(status["nextAttemptAt"] != nil && status["attempts"] as? Int == 1) }
    if item.state == "limited" { #expect(status["retryAt"] != nil) }
    if item.state == "sent" { #expect(status["sentAt"] != nil && status["relay"] != nil) }
    if item.isFailed { #expect(status[item.state == "failed" ? "reply" : "reason"] != nil) }
    #expect(try scratch.run("status", id).text.hasPrefix(item.state))
    #expect(try scratch.run("queue", "list", "--json").text.contains(id) == item.isListed)
    #expect(try scratch.run("queue", "failed", "--json").text.contains(id) == item.isFailed)
    let retry = try scratch.run("queue", "retry", id)
    #expect(retry.status == item.retry, "\(retry)")
    if item.retry == 0 {
      #expect(try scratch.run("queue", "list", "--json").text.contains(id))
      return
    }
    let cancel = try scratch.run("queue", "cancel", id)
    #expect(cancel.status == item.cancel, "\(cancel)")
    #expect(try scratch.status(id)["outcome"] as? String == (isEnded ? item.state : "cancelled"))
    #expect(try scratch.run("queue", "list", "--json").text.contains(id) == false)
  }

  @Test func `says that nobody has this id`() throws {
    let scratch = try Scratch(relay: "127.0.0.1:9")
    let id = "nobody-AAAAAAAAAAAAAAAAAAAA"
    for words in [["status"], ["queue", "cancel"], ["queue", "retry"]] {
      let result = try ChildProcess.run(scratch.command, words + [id, "--config", scratch.config])
      #expect(result.status == 66, "\(result)")
    }
  }
}
