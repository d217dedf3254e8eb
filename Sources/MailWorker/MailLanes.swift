internal import LinuxSystem
internal import SMTPDelivery

/// Where a worker's mails go: whoever takes them from the queue, sends them and reports on each exactly once.
///
/// On failure: what one cannot begin is reported as `untouched` at the latest when it finishes.
protocol MailLanes: Sendable {
  /// False while no mail is taken from the queue.
  var isServing: Bool { get }

  func start() throws

  /// Closes the queue, and has reported on each mail when it returns.
  ///
  /// - Parameter grace: how long mails in flight may take.
  func finish(grace: Duration)
}

/// What lanes are made with.
struct MailLaneEnds: Sendable {
  let mails: BoundedQueue<PasscodeMail>
  /// Called on any thread.
  let report: @Sendable (PasscodeMail, DeliveryReport) -> Void
  let event: @Sendable (RelayEvent) -> Void
}

extension RelayDispatcher: MailLanes where Mail == PasscodeMail {}
