internal import CodeRequests
internal import CommandVerbs
internal import Documents
internal import MessageTemplates
internal import PasscodeService

extension Verbs {
  static let templateLint = Verb(
    path: ["template", "lint"], summary: "check every template of every tenant, locale and purpose",
    options: [TemplateSource.option, .flag("rules", "list what is checked, and check nothing")],
    discussion: "Exit status 1 where there is a finding."
  ) { invocation in
    if invocation.has("rules") {
      listRules(invocation)
      return .done
    }
    let source = try TemplateSource(invocation)
    let findings = source.findings()
    for finding in findings {
      invocation.answer("\(source.directory)/\(finding)  [\(finding.rule.rawValue)]") { line in
        line.add("rule", finding.rule.rawValue)
        line.add("file", finding.file)
        line.add("line", finding.line)
        line.add("column", finding.column)
        line.add("message", finding.message)
      }
    }
    if findings.isEmpty, !invocation.isJSON {
      let catalogue = try source.catalogue()
      Terminal.print(
        "\(catalogue.all.count) templates in \(catalogue.locales.map(\.rawValue).joined(separator: " ")): nothing found"
      )
    }
    return findings.isEmpty ? .done : .faultsFound
  }

  private static func listRules(_ invocation: Invocation) {
    for rule in TemplateRule.allCases.sorted(by: { $0.rawValue < $1.rawValue }) {
      invocation.answer("\(Help.padded(rule.rawValue, 19))\(rule.summary)") { line in
        line.add("rule", rule.rawValue)
        line.add("summary", rule.summary)
      }
    }
  }
}
