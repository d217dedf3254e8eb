internal import CodeRequests
package import FoundationEssentials
internal import LinuxSystem
internal import RecordKeys

/// What admission would come to if a request came now.
package enum Forecast: Hashable, Sendable {
  case letThrough
  /// The guest signs in another way: `rule` is which rule says so.
  case refused(method: String, url: String?, rule: String)
  /// A limit or a lock; the same request would be let through at `until`.
  case limited(until: Date, rule: String)
  /// It can come to nothing, now or later: the challenge it joins is used, locked, expired or another's, or the guest is
  /// locked for good.
  case closed(reason: String)
}

extension RecordStore {
  /// Asks the rules of admission what they would decide, and records nothing: no place in a window is taken, no row
  /// made. The worker's word is final, since others ask meanwhile.
  package func forecast(_ admission: AdmissionRequest, now: Date) throws(RecordError) -> Forecast {
    let batch = AdmissionBatch(
      settlements: [], admissions: [admission], rules: rules, keyring: keyring, run: run, placesInFlight: [:])
    let circumstances = AdmissionDesk.Circumstances(
      rules: rules, keyring: keyring, key: keyring.current, now: now.unixMilliseconds, bootTime: bootTime(),
      run: run, unsynced: [])
    let decision = try engine.look { reader throws(RecordError) in
      var random = RandomBytes()
      return try AdmissionDesk.decide(
        batch, facts: try reader.facts(for: batch.question), circumstances, random: &random,
        windows: { scopes throws(RecordError) in try reader.windows(scopes) })
    }
    return Forecast(decision.admissions[0], now: now)
  }
}

extension Forecast {
  fileprivate init(_ admission: Admission, now: Date) {
    guard case .settled(let settled) = admission else {
      self = .letThrough
      return
    }
    let reason = settled.reason ?? ""
    switch settled.outcome {
    case .refused:
      self =
        settled.method.map { .refused(method: $0, url: settled.url, rule: reason) } ?? .closed(reason: reason)
    case .limited:
      let wait = settled.retryAfter.map { Double($0.milliseconds) / 1000 } ?? 0
      self = .limited(until: now.addingTimeInterval(wait), rule: reason)
    case .rejected, .expired, .failed, .cancelled: self = .closed(reason: reason)
    // A newer one took its place, or it is on its way: whoever asked gets a mail.
    case .sent, .superseded, nil: self = .letThrough
    }
  }
}
