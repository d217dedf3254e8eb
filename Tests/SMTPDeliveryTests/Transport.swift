import TestSupport

@testable import SMTPDelivery

/// How a connection to a scripted relay is protected. What is true of a relay's quirks is so over each.
enum Transport: String, Sendable, CaseIterable {
  case plaintext, starttls, implicit

  private static let certificate = Result { try TestCertificate() }

  /// A relay that speaks so. Its scripts begin with what `greet` gives.
  func relay(_ scripts: [[ScriptedRelayStep]] = [], afterwards: [ScriptedRelayStep]? = nil) throws
    -> ScriptedRelay
  {
    try ScriptedRelay(
      scripts, afterwards: afterwards ?? greet() + [.serve],
      certificate: self == .plaintext ? nil : Self.certificate.get(), startsWithTLS: self == .implicit)
  }

  /// Greeting, STARTTLS where that is the way, and EHLO with these keyword lines.
  func greet(
    _ keywords: [String] = ["PIPELINING", "8BITMIME", "SMTPUTF8"],
    greeting: ScriptedRelayStep = .say("220 scripted.example ESMTP"), startTLS: String = "STARTTLS"
  ) -> [ScriptedRelayStep] {
    let upgrade: [ScriptedRelayStep] =
      self == .starttls
      ? ScriptedRelayStep.answerEHLO([startTLS]) + [.expect("STARTTLS"), .say("220 go"), .startTLS] : []
    return [greeting] + upgrade + ScriptedRelayStep.answerEHLO(keywords)
  }

  func settings(
    _ relay: ScriptedRelay, lanes: Int = 1, maxPerConnection: Int? = nil, pipelines: Bool = true,
    username: String? = nil, passwordFile: String? = nil, mechanism: String? = nil,
    _ change: (inout RelayTiming) -> Void = { _ in }
  ) throws -> RelaySettings {
    let security: RelaySettings.Security =
      switch self {
      case .plaintext: .plaintext
      case .starttls: .starttls
      case .implicit: .implicit
      }
    return try RelaySettings(
      url: relay.url, security: security, username: username, passwordFile: passwordFile,
      mechanism: mechanism, caFile: relay.tls?.certificate.certificateFile, lanes: lanes,
      maxPerConnection: maxPerConnection, pipelines: pipelines, timing: testTiming(change))
  }

  /// Each of the values over each transport.
  static func each<Value: Sendable>(_ values: [Value]) -> [(Transport, Value)] {
    allCases.flatMap { transport in values.map { (transport, $0) } }
  }
}
