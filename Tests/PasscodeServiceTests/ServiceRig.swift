import CodeRequests
import Configuration
import Foundation
import LinuxSystem
import MailWorker
import PasscodeService
import Records
import RequestSpool
import TestSupport

/// An installation of its own, its service, and what a worker would do beside it. The clock stands unless it is set.
final class ServiceRig: Sendable {
  let directory: TemporaryDirectoryOwner
  let service: Service
  /// The text of its configuration, which is in no file.
  let configuration: String
  let clock: Monitor<Date>
  /// Pauses that the service made; each runs what stands in `onPause`.
  let pauses: Monitor<Int>
  let onPause: Monitor<(@Sendable (Int) -> Void)?>

  /// - Parameter tenants: the text of a tenants file.
  init(
    relay: String = "127.0.0.1:9", keys: String = "", tenants: String? = nil,
    templates: String = Scratch.templates
  ) throws {
    let directory = try TemporaryDirectoryOwner()
    let file = "\(directory.path)/passcode.json5"
    let text = """
      {
        state: "state", templates: "\(templates)", app: "Fabrikam",
        sender: { name: "Fabrikam", address: "no-reply@fabrikam.example" },
        relays: [{ url: "smtp://\(relay)", security: "plaintext" }],
        \(tenants == nil ? "" : "tenants: \"tenants.json5\",") \(keys)
      }
      """
    if let tenants {
      try Data(tenants.utf8).write(to: URL(fileURLWithPath: "\(directory.path)/tenants.json5"))
    }
    let clock = Monitor(Date(timeIntervalSince1970: 1_795_000_000))
    let pauses = Monitor(0)
    let onPause = Monitor<(@Sendable (Int) -> Void)?>(nil)
    service = Service(
      Installation(try Settings(json5: Data(text.utf8), file: file)), now: { clock.withLock { $0 } },
      pause: { _ in
        let count = pauses.change { count in
          count += 1
          return count
        }
        onPause.withLock { $0 }?(count)
      })
    configuration = text
    self.directory = directory
    self.clock = clock
    self.pauses = pauses
    self.onPause = onPause
  }

  var now: Date { clock.withLock { $0 } }
  var spoolPath: String { service.installation.settings.spoolPath }

  func advance(_ seconds: TimeInterval) { clock.change { $0 += seconds } }

  func pausing(_ body: @escaping @Sendable (Int) -> Void) { onPause.withLock { $0 = body } }

  /// Enqueues as a front end does.
  @discardableResult
  func ask(
    _ recipient: String = "anna@example.org", locale: String = "sv", tenant: String? = nil,
    resend: RequestID? = nil, ip: String? = nil
  ) throws -> RequestID {
    let checked = try service.check(
      try request(recipient, locale: locale, tenant: tenant, resend: resend, ip: ip))
    try service.enqueue(checked)
    return checked.request.id
  }

  func request(
    _ recipient: String = "anna@example.org", locale: String = "sv", tenant: String? = nil,
    resend: RequestID? = nil, ip: String? = nil
  ) throws -> CodeRequest {
    var request = CodeRequest(recipient: try EmailAddress(recipient))
    request.locale = LocalePreference(acceptLanguage: locale)
    request.tenant = tenant
    request.challenge = resend
    request.client = ip.map { CodeRequest.Client(ip: $0) }
    return request
  }

  /// Holds the spool's lock meanwhile, as a worker does.
  func withWorker<Result>(_ body: () throws -> Result) throws -> Result {
    let lock = try SpoolLock.tryAcquire(try Spool(at: spoolPath))
    defer { withExtendedLifetime(lock) {} }
    return try body()
  }

  /// What a worker says that no relay takes mail from.
  func sayRelaysAreAway(_ reason: String) throws {
    let file = URL(fileURLWithPath: "\(service.installation.settings.state)/relays.json")
    try Data(#"{"relays":["a:25"],"reason":"\#(reason)"}"#.utf8).write(to: file)
  }

  /// Records as the worker has them.
  func records() throws -> RecordStore { try service.installation.records() }
}

extension RecordStore {
  /// Admits a request that must be sent.
  func admit(
    _ id: RequestID, _ recipient: String = "anna@example.org", tenant: String? = nil,
    resend: RequestID? = nil, ip: String? = nil, at now: Date
  ) throws -> Ticket {
    let request = CodeRequest(
      id: id, recipient: try EmailAddress(recipient), challenge: resend,
      client: ip.map { CodeRequest.Client(ip: $0) })
    let admission = try commit(
      settlements: [],
      admissions: [
        AdmissionRequest(
          request: request, queuedAt: now, deadline: now.addingTimeInterval(600), tenant: tenant)
      ], now: now)[0]
    guard case .send(let ticket) = admission else {
      throw Unexpected("it was not let through", "\(admission)")
    }
    return ticket
  }

  func settle(_ ticket: Ticket, _ result: Settlement.Result, at now: Date) throws {
    _ = try commit(
      settlements: [Settlement(requestKey: ticket.requestKey, result: result, at: now)], admissions: [],
      now: now)
  }
}
