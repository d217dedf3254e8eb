internal import CommandVerbs
internal import Documents
internal import PasscodeService

extension Verbs {
  static let doctor = Verb(
    path: ["doctor"],
    summary: "check configuration, state, templates, and each relay to the end of AUTH, without sending",
    discussion: "Exit status 1 where a check found a fault, 78 where the configuration cannot be read at all."
  ) { invocation in
    let isHealthy = try Service(invocation).examine { finding in
      invocation.answer(
        "\(finding.grade.mark) \(Help.padded(finding.subject.name, 15))\(finding.text)"
      ) { line in
        line.add("check", finding.subject.name)
        line.add("finding", finding.grade.name)
        line.add("detail", finding.text)
      }
    }
    return isHealthy ? .done : .faultsFound
  }
}

extension Finding.Subject {
  fileprivate var name: String {
    switch self {
    case .configuration: "configuration"
    case .limits: "limits"
    case .state: "state"
    case .spool: "spool"
    case .worker: "worker"
    case .keys: "keys"
    case .records: "records"
    case .templates: "templates"
    case .tenants: "tenants"
    case .relays: "relays"
    case .secret: "secret"
    case .token: "token"
    case .certificate: "certificate"
    case .relay(let name): "relay \(name)"
    }
  }
}

extension Finding.Grade {
  fileprivate var name: String {
    switch self {
    case .good: "ok"
    case .doubtful: "warning"
    case .bad: "fault"
    }
  }

  fileprivate var mark: String {
    switch self {
    case .good: Terminal.styled("✓", .green)
    case .doubtful: Terminal.styled("!", .yellow)
    case .bad: Terminal.styled("✗", .red)
    }
  }
}
