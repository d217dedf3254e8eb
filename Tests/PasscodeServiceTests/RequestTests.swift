import CodeRequests
import Configuration
import Foundation
import GuestPolicy
import LinuxSystem
import PasscodeService
import Records
import TestSupport
import Testing

@Suite struct RequestTests {
  @Test func `tells the language of the mail before it is asked for`() throws {
    let rig = try ServiceRig()
    let swedish = try rig.service.check(try rig.request(locale: "sv-FI"))
    #expect(swedish.locale?.rawValue == "sv" && !swedish.fellBack)
    let other = try rig.service.check(try rig.request(locale: "ja"))
    #expect(other.locale?.rawValue == "en" && other.fellBack)
  }

  @Test func `refuses what the worker would reject, and names the field`() throws {
    let rig = try ServiceRig(tenants: "{ tenants: [{ id: 'f', name: 'Fabrikam' }] }")
    let tenant = #expect(throws: RequestFault.self) {
      try rig.service.check(try rig.request(tenant: "Contoso"))
    }
    #expect(tenant?.field == "tenant")
    var request = try rig.request(tenant: "Fabrikam")
    request.purpose = try Purpose("unheard-of")
    let purpose = #expect(throws: RequestFault.self) { try rig.service.check(request) }
    #expect(purpose?.field == "purpose" && purpose?.message.contains("sign-in") == true)
    request.purpose = .signIn
    request.variables = ["a": "line\nbreak"]
    let variable = #expect(throws: RequestFault.self) { try rig.service.check(request) }
    #expect(variable?.field == "variables.a")
    request.variables = ["nobody": "x"]
    let undeclared = #expect(throws: RequestFault.self) { try rig.service.check(request) }
    #expect(undeclared?.field == "variables.nobody")
  }

  @Test func `tells a value that is too long or holds a link before the request is acknowledged`() throws {
    let directory = try TemporaryDirectoryOwner()
    let templates = try TemplateCopy(at: "\(directory.path)/T")
    try templates.write("{ city: {} }", to: "variables.json5")
    let rig = try ServiceRig(templates: templates.path)
    for value in ["evil.example/x", String(repeating: "x", count: 65)] {
      var request = try rig.request()
      request.variables = ["city": value]
      let checked = request
      let fault = #expect(throws: RequestFault.self) { try rig.service.check(checked) }
      #expect(fault?.field == "variables.city")
    }
    var good = try rig.request()
    good.variables = ["city": "Malm\u{F6}"]
    #expect(try rig.service.check(good).request.variables == ["city": "Malm\u{F6}"])
  }

  @Test func `takes requests while the templates are broken`() throws {
    let rig = try ServiceRig(templates: "/nowhere")
    let checked = try rig.service.check(try rig.request())
    #expect(checked.locale == nil && !checked.fellBack)
    try rig.service.enqueue(checked)
    #expect(try rig.service.status(of: checked.request.id)?.state == .queued)
  }

  @Test(.enabled(if: geteuid() == 0, "changes users: run it as root"))
  func `a member of the spool's group enqueues, and is told who may do more`() throws {
    let rig = try ServiceRig(
      keys: "spoolGroup: { name: \"games\" },", tenants: "{ tenants: [{ id: 'f', name: 'Fabrikam' }] }")
    let file = "\(rig.directory.path)/passcode.json5"
    try Data(rig.configuration.utf8).write(to: URL(fileURLWithPath: file))
    #expect(chmod(rig.directory.path, 0o711) == 0 && chmod(file, 0o644) == 0)
    #expect(chmod("\(rig.directory.path)/tenants.json5", 0o600) == 0)
    // The spool is there, and open to the group.
    let id = try rig.ask()
    #expect(try rig.service.status(of: id)?.state == .queued)
    let group = try #require(Accounts.group(named: "games"))
    let result = try OwnProcess.run("MemberTests", file, "\(group)")
    #expect(result.status == 0, "\(result)")
    #expect(try Directory("\(rig.spoolPath)/new").names().count == 2)
  }

  @Test func `follows a request from the spool through the records to its outcome`() throws {
    let rig = try ServiceRig()
    #expect(try rig.service.status(of: .random()) == nil)
    let id = try rig.ask()
    let queued = try #require(try rig.service.status(of: id))
    #expect(queued.state == .queued && queued.item != nil && queued.status == nil && queued.outcome == nil)
    let records = try rig.records()
    let ticket = try records.admit(id, at: rig.now)
    #expect(try rig.service.status(of: id)?.state == .sending)
    try records.settle(ticket, .deferred(until: rig.now + 5), at: rig.now)
    #expect(try rig.service.status(of: id)?.state == .deferred)
    try records.settle(try records.admit(id, at: rig.now + 5), .sent, at: rig.now + 6)
    let sent = try #require(try rig.service.status(of: id))
    #expect(sent.state == .sent && sent.outcome == .sent && sent.state.name == "sent")
  }

  @Test(arguments: [("failed", Outcome.failed), ("rejected", .rejected)])
  func `knows what was set aside before the records knew it`(folder: String, outcome: Outcome) throws {
    let rig = try ServiceRig()
    let id = try rig.ask()
    let name = try #require(try FileManager.default.contentsOfDirectory(atPath: "\(rig.spoolPath)/new").first)
    try FileManager.default.moveItem(
      atPath: "\(rig.spoolPath)/new/\(name)", toPath: "\(rig.spoolPath)/\(folder)/\(name)")
    #expect(try rig.service.status(of: id)?.outcome == outcome)
  }

  @Test func `says what a request without an outcome waits for`() throws {
    let rig = try ServiceRig()
    let id = try rig.ask()
    try rig.sayRelaysAreAway("a:25 refuses")
    // A worker that is dead has said so.
    #expect(try rig.service.status(of: id)?.waiting == .worker)
    let waiting = try rig.withWorker { try rig.service.status(of: id)?.waiting }
    #expect(waiting == .relay("a:25 refuses"))
    let records = try rig.records()
    try records.settle(try records.admit(id, at: rig.now), .sent, at: rig.now)
    #expect(try rig.service.status(of: id)?.waiting == nil)
  }

  @Test func `waits until the outcome is recorded`() throws {
    let rig = try ServiceRig()
    let id = try rig.ask()
    rig.pausing { count in
      guard count == 3, let records = try? rig.records(), let ticket = try? records.admit(id, at: rig.now)
      else { return }
      try? records.settle(ticket, .sent, at: rig.now)
    }
    #expect(try rig.service.wait(for: id, timeout: patience).outcome == .sent)
    #expect(rig.pauses.withLock { $0 } == 3)
  }

  @Test func `does not wait where no worker runs, and says so`() throws {
    let rig = try ServiceRig()
    let id = try rig.ask()
    let progress = try rig.service.wait(for: id, timeout: .seconds(3600))
    #expect(progress.state == .queued && progress.waiting == .worker)
    // One that is just started has half a second.
    #expect((5...15).contains(rig.pauses.withLock { $0 }))
  }

  @Test func `tells while it waits, and at the end, that no relay takes mail`() throws {
    let rig = try ServiceRig()
    let id = try rig.ask()
    try rig.sayRelaysAreAway("a:25 refuses")
    var told: [RequestProgress.Waiting] = []
    let late = try rig.withWorker {
      rig.pausing { if $0 == 30 { try? FileManager.default.removeItem(atPath: "\(rig.spoolPath)/lock") } }
      return try rig.service.wait(for: id, timeout: .seconds(3600)) { told.append($0) }
    }
    #expect(told == [.relay("a:25 refuses")] && late.waiting == .worker)
    let timely = try rig.withWorker { try rig.service.wait(for: id, timeout: .zero) }
    #expect(timely.waiting == .relay("a:25 refuses") && timely.state == .queued)
  }

  @Test func `names the variable and the purpose that were probably meant`() throws {
    let directory = try TemporaryDirectoryOwner()
    let templates = try TemplateCopy(at: "\(directory.path)/T")
    try templates.write("{ city: {}, street: {} }", to: "variables.json5")
    let rig = try ServiceRig(templates: templates.path)
    for (name, hint) in [("citty", "did you mean city?"), ("x", "declared are city, street")] {
      var request = try rig.request()
      request.variables = [name: "x"]
      let checked = request
      let fault = #expect(throws: RequestFault.self) { try rig.service.check(checked) }
      #expect(fault?.field == "variables.\(name)" && fault?.message.contains(hint) == true, "\(fault)")
    }
    var request = try rig.request()
    request.purpose = try Purpose("sign-on")
    let checked = request
    let fault = #expect(throws: RequestFault.self) { try rig.service.check(checked) }
    #expect(fault?.message.contains("did you mean sign-in?") == true)
  }

  @Test func `tells how far a request came where the time is over`() throws {
    let rig = try ServiceRig()
    let id = try rig.ask()
    #expect(try rig.service.wait(for: id, timeout: .zero).state == .queued)
    _ = try rig.records().admit(id, at: rig.now)
    #expect(try rig.service.wait(for: id, timeout: .zero).state == .sending)
    #expect(try rig.service.wait(for: .random(), timeout: .zero).state == .queued)
  }
}

@Suite(.enabled(if: OwnProcess.arguments != nil, "a part of RequestTests")) struct MemberTests {
  @Test func `enqueues, and may neither wait nor cancel`() throws {
    let arguments = try #require(OwnProcess.arguments)
    var groups = [try #require(gid_t(arguments[1]))]
    try #require(setgroups(1, &groups) == 0 && setgid(65_102) == 0 && setuid(65_102) == 0)
    let service = Service(try Installation(file: arguments[0], variable: nil))
    let request = CodeRequest(recipient: try EmailAddress("bo@example.org"), tenant: "Fabrikam")
    try service.enqueue(try service.check(request))
    #expect(throws: (any Error).self) { try service.prepareToWait() }
    #expect(throws: (any Error).self) { _ = try service.cancel(request.id) }
  }
}
