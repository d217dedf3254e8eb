internal import FoundationEssentials
package import LinuxSystem
internal import Synchronization

/// Delivers mails from a bounded queue over lanes, each a thread with a connection of its own.
///
/// Every mail taken from the queue is reported exactly once, with a verdict from `VerdictTable`. When a relay is
/// down, held or backing off, mails stay in the queue, and other relays take them; only their deadlines run.
/// `report` and `event` are called on lane threads, `report` in the order a lane finishes.
package final class RelayDispatcher<Mail: OutgoingMail>: Sendable {
  let mails: BoundedQueue<Mail>
  let board: RelayBoard
  let clock: DeliveryClock
  let report: @Sendable (Mail, DeliveryReport) -> Void
  let event: @Sendable (RelayEvent) -> Void
  let cancel: CancelFlag
  let refusedAddresses = RefusedAddresses()
  let addressMemory = AddressMemory()
  /// For each relay, what others have passed on to it. Bounded by what is in flight.
  let passedOn: [BoundedQueue<Mail>]
  private let threads = Monitor<[LinuxThread]>([])
  private let runningLanes = Monitor(0)

  /// Takes what it needs and starts nothing.
  ///
  /// - Parameter relays: in order of preference, at least one.
  /// - Throws: a `LibcurlFault` or `SystemCallError`.
  package init(
    relays: [RelaySettings], mails: BoundedQueue<Mail>, clock: DeliveryClock = .system,
    report: @escaping @Sendable (Mail, DeliveryReport) -> Void,
    event: @escaping @Sendable (RelayEvent) -> Void = { _ in }
  ) throws {
    precondition(!relays.isEmpty)
    // Now, and not in the middle of a mail: without it every mail would wait for nothing.
    try LibcurlFault.check()
    self.mails = mails
    self.clock = clock
    self.report = report
    self.event = event
    board = RelayBoard(relays)
    passedOn = relays.map { _ in BoundedQueue(capacity: .max) }
    cancel = try CancelFlag()
  }

  /// Starts the lanes. They connect when the first mail comes.
  package func start() throws(SystemCallError) {
    ignoreBrokenPipes()
    for (index, relay) in board.relays.enumerated() {
      for lane in 0..<relay.lanes {
        runningLanes.withLock { $0 += 1 }
        do throws(SystemCallError) {
          let thread = try LinuxThread("lane \(index).\(lane)") { [self] in
            Lane(self, relay: index, lane: lane).run()
            runningLanes.change { $0 -= 1 }
          }
          threads.withLock { $0.append(thread) }
        } catch {
          runningLanes.withLock { $0 -= 1 }
          finish(grace: .zero)
          throw error
        }
      }
    }
  }

  /// False while every relay pauses: no lane takes a mail then.
  package var isServing: Bool { board.isAnyRelayServing }

  /// Stops: closes the queue, finishes mails in flight, reports what was not begun as `untouched`, says QUIT.
  ///
  /// - Parameter grace: after this, connections are cut. A mail whose final dot had gone out is then `ambiguous`.
  package func finish(grace: Duration) {
    board.stop()
    mails.close()
    let isDone = runningLanes.wait(timeout: grace) { $0 == 0 ? true : nil } ?? false
    if !isDone { cancel.set() }
    let lanes = threads.withLock { all in
      defer { all = [] }
      return all
    }
    for lane in lanes { lane.join() }
    for relay in board.relays { relay.stopTokenRenewal() }
    for queue in passedOn + [mails] {
      while let mail = queue.pop(timeout: .zero) { report(mail, DeliveryReport(verdict: .untouched)) }
    }
  }
}
