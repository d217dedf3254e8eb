import Foundation
import TestSupport
import Testing

/// The verbs that say who gets a passcode, as an operator calls them.
@Suite(.waits) struct TenantVerbTests {
  private static let id = "72f988bf-86f1-41af-91ab-2d7cd011db47"

  /// The documented example, and a second tenant.
  private static let file = """
    { // tenants of this installation
      commonEndpoint: "allowed",
      tenants: [ {
        id: "\(id)", name: "Fabrikam", domains: ["fabrikam.onmicrosoft.com", "fabrikam.example"],
        passcodes: "default", // as everybody
        autoEnableAt: "2021-10-01T00:00:00Z", cloud: "public",
        federatedDomains: { "gmail.com": "google" },
        whenOff: { method: "microsoft-account", url: "https://signup.example" },
      }, { id: "contoso", name: "Contoso", cloud: "government" } ],
    }
    """

  private func rig(_ text: String = file) throws -> (scratch: Scratch, tenants: String) {
    let scratch = try Scratch(relay: "127.0.0.1:9", extra: "tenants: \"tenants.json5\",")
    let tenants = "\(scratch.path)/tenants.json5"
    try text.write(toFile: tenants, atomically: true, encoding: .utf8)
    return (scratch, tenants)
  }

  @Test(arguments: [
    (["--to", "nicole@firstupconsultants.com", "--tenant", "Fabrikam"], "passcode", "fallback"),
    (["--to", "teri@gmail.com", "--tenant", "Fabrikam"], "google", "federated-domain"),
    (
      ["--to", "teri@gmail.com", "--tenant", "fabrikam.example", "--account", "directory"], "directory",
      "directory-account"
    ),
    (
      ["--to", "nicole@firstupconsultants.com", "--tenant", "fabrikam", "--account", "microsoft"],
      "microsoft", "microsoft-account"
    ),
    (["--to", "teri@gmail.com", "--tenant", "contoso"], "ask-administrator", "government-cloud"),
    (["--to", "teri@gmail.com"], "passcode", "fallback"),
    (["--to", "a@b.example", "--tenant", "https://apps.example/?tenantid=\(id)"], "passcode", "fallback"),
  ])
  func `tells how a guest signs in and which rule decides`(
    _ arguments: [String], _ method: String, _ rule: String
  ) throws {
    let (scratch, _) = try rig()
    let result = try ChildProcess.run(
      scratch.command, ["method"] + arguments + ["--json", "--config", scratch.config])
    #expect(try result.object()["method"] as? String == method, "\(result)")
    #expect(try result.object()["rule"] as? String == rule)
  }

  @Test func `lists, shows, and gives the Graph resource out and takes it in`() throws {
    let (scratch, tenants) = try rig()
    let list = try scratch.run("tenant", "list", "--json")
    #expect(list.lines.count == 2)
    #expect(list.text.contains("\"isOn\":true") && list.text.contains("\"isOn\":false"))
    let graph = try scratch.run("tenant", "show", "Fabrikam", "--graph")
    let resource = try #require(
      try JSONSerialization.jsonObject(with: Data(graph.output)) as? [String: Any])
    #expect(resource["allowExternalIdToUseEmailOtp"] as? String == "default")
    #expect(resource["id"] as? String == "Email")
    // Changed as the Graph interface would give it, and taken from standard input.
    let changed = graph.text.replacing("\"default\"", with: "\"disabled\"")
    let applied = try scratch.run("tenant", "apply", "-", "--tenant", "Fabrikam", input: .text(changed))
    #expect(applied.status == 0, "\(applied)")
    let text = try String(contentsOfFile: tenants, encoding: .utf8)
    #expect(text == Self.file.replacing("passcodes: \"default\"", with: "passcodes: \"disabled\""))
    #expect(
      try scratch.run("tenant", "show", "Fabrikam", "--json").object()["switchState"] as? String == "disabled"
    )
    // Into a file, and back.
    let file = "\(scratch.path)/email.json"
    try Data(graph.output).write(to: URL(fileURLWithPath: file))
    #expect(try scratch.run("tenant", "apply", file, "--tenant", "Fabrikam").status == 0)
    #expect(try String(contentsOfFile: tenants, encoding: .utf8) == Self.file)
  }

  @Test(arguments: [
    (["tenant", "apply", "-"], "{}"), (["tenant", "apply", "-", "--tenant", "Fabrikam"], "[]"),
    (["tenant", "apply", "-", "--tenant", "Fabrikam"], "{\"allowExternalIdToUseEmailOtp\":\"on\"}"),
    (["tenant", "apply", "-", "--tenant", "Fabrikam"], "{\"id\":\"Sms\",\"state\":\"enabled\"}"),
    (["tenant", "apply", "-", "--tenant", "Fabrikam"], String(repeating: "[", count: 60_000)),
    (["tenant", "apply", "-", "--tenant", "Fabrikam"], String(repeating: " ", count: 70_000)),
    (["tenant", "apply", "-", "--tenant", "no such"], "{\"allowExternalIdToUseEmailOtp\":\"enabled\"}"),
    (["tenant", "apply", "/no/such/file", "--tenant", "Fabrikam"], ""),
    (["tenant", "set", "Fabrikam", "passcodes=maybe"], ""),
    (["tenant", "set", "Fabrikam", "passcode=on"], ""),
    (["tenant", "set", "Fabrikam", "id=contoso"], ""),
    (["tenant", "set", "no such", "passcodes=enabled"], ""),
    (["tenant", "set", "Fabrikam", "whenOff.url=javascript:alert(1)"], ""),
    (["tenant", "set", "Fabrikam", "name=x\u{202E}\n"], ""), (["tenant", "show", "no such"], ""),
  ])
  func `changes nothing where what is asked for is wrong`(_ arguments: [String], _ input: String) throws {
    let (scratch, tenants) = try rig()
    let result = try ChildProcess.run(
      scratch.command, arguments + ["--config", scratch.config], input: .text(input))
    #expect([64, 65, 66, 78].contains(result.status), "\(result)")
    #expect(!result.errors.isEmpty)
    #expect(try String(contentsOfFile: tenants, encoding: .utf8) == Self.file)
  }

  /// By the built command, which has no ICU; these tests have.
  @Test func `takes domains in letters of any script, and guests are sent to such a host`() throws {
    let (scratch, tenants) = try rig()
    for assignment in [
      "whenOff.url=https://bücher.example/ä?q=ö", "domains=[\"bücher.example\",\"żółć.pl\"]",
    ] {
      let result = try scratch.run("tenant", "set", "Fabrikam", assignment)
      #expect(result.status == 0, "\(result)")
    }
    let changed = try String(contentsOfFile: tenants, encoding: .utf8)
    for url in ["https://b%C3%BCcher.example", "https://bü cher.example", "https://☕.example"] {
      let result = try scratch.run("tenant", "set", "Fabrikam", "whenOff.url=\(url)")
      #expect(result.status == 65 || result.status == 78, "\(result)")
    }
    #expect(try String(contentsOfFile: tenants, encoding: .utf8) == changed)
    for reference in ["xn--bcher-kva.example", "BÜCHER.example", "ＦＡＢＲＩＫＡＭ"] {
      let result = try scratch.run("tenant", "resolve", reference, "--json")
      let tenant = try result.object()["tenant"] as? [String: Any]
      #expect(tenant?["name"] as? String == "Fabrikam", "\(result)")
    }
  }

  @Test func `resolves references and refuses hostile links with 65`() throws {
    let (scratch, _) = try rig()
    for reference in [
      "Fabrikam", Self.id.uppercased(), "https://portal.example/\(Self.id)", "FABRIKAM.example.",
    ] {
      let result = try scratch.run("tenant", "resolve", reference, "--json")
      #expect(
        (try result.object()["tenant"] as? [String: Any])?["name"] as? String == "Fabrikam", "\(result)")
    }
    #expect(try scratch.run("tenant", "resolve", "--json").object()["isCommonEndpoint"] as? Bool == true)
    for link in [
      "https://apps.example@evil.example/?tenantid=\(Self.id)", "javascript:alert(1)",
      "https://apps.example/%2e%2e",
      "https://apps.example/?tenantid=\(Self.id)&tenantid=contoso", "https://apps.example/fabrikam%2eexample",
    ] {
      let result = try scratch.run("tenant", "resolve", link)
      #expect(result.status == 65 && !result.errorText.contains("evil"), "\(result)")
      // A request with such a link is not even enqueued.
      #expect(try scratch.run("request", "--to", "a@example.org", "--tenant", link).status == 65)
    }
  }

  @Test func `a refused common endpoint says so to a request without a tenant`() throws {
    let (scratch, _) = try rig(Self.file.replacing("\"allowed\"", with: "\"refused\""))
    let result = try scratch.run("request", "--to", "a@example.org")
    #expect(result.status == 65 && result.errorText.contains("common endpoint is refused"), "\(result)")
    #expect(try scratch.run("request", "--to", "a@example.org", "--tenant", "Fabrikam").status == 0)
  }

  @Test func `the audit trail tells what happened since, about whom, and no code`() throws {
    let rig = try makeRig()
    let worker = try rig.startWorker()
    let id = try rig.request(to: "secret.person@example.org")
    let code = try rig.code(for: "secret.person@example.org")
    // The mail is there before the worker has recorded that it is.
    #expect(try eventually { try rig.status(id)["outcome"] as? String } == "sent")
    #expect(try rig.verify(id, code == "000000" ? "000001" : "000000").status == 10)
    #expect(try rig.verify(id, code).status == 0)
    let all = try rig.run("audit", "--json")
    let events = try all.lines.map {
      let line = try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
      return "\(line["event"] ?? "") \(line["result"] ?? "")"
    }
    #expect(events == ["decision send", "send sent", "check incorrect", "check verified"])
    #expect(!all.text.contains(code) && !all.text.contains("secret.person") && !all.text.contains(id))
    #expect(try rig.run("audit", "--to", "secret.person@EXAMPLE.org.", "--json").lines.count == 4)
    #expect(try rig.run("audit", "--to", "other@example.org").lines.isEmpty)
    #expect(try rig.run("audit", "--since", "1h").lines.count == 4)
    #expect(try rig.run("audit", "--since", "2100-01-01T00:00:00Z").lines.isEmpty)
    _ = worker
  }
}
