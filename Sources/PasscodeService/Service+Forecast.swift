package import CodeRequests
internal import Configuration
internal import FoundationEssentials
internal import GuestPolicy
internal import LinuxSystem
package import Records

extension Service {
  /// Whether a request would be let through if it came now, by the rules that the worker admits by. Nothing is recorded,
  /// so asking takes nobody's place; what others ask meanwhile may still change it.
  ///
  /// - Throws: a `RequestFault` where nobody knows the tenant, else what keeps records or tenants from being read.
  package func forecast(_ request: CodeRequest) throws -> Forecast {
    let tenant = try tenants().resolve(request.tenant)
    let now = now()
    let lifetime = installation.settings.delivery.deadline.inSeconds
    let admission = AdmissionRequest(
      request: request, queuedAt: now, deadline: request.deadline ?? now.addingTimeInterval(lifetime),
      of: tenant, now: now)
    return try records { try $0.forecast(admission, now: now) }
  }
}
