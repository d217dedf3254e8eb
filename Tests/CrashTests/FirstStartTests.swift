import CodeRequests
import LinuxSystem
import TestSupport
import Testing

/// An installation whose very first process is killed while it makes keys and tables.
@Suite(.waits) struct FirstStartTests {
  @Test(
    arguments: [FailPoint.keyPublished, .schemaUncommitted].map { ($0, 1) } + [(.keyPublished, 2)]
      + [2, 5, 9, 14, 20, 27, 35].map { (.systemCall, $0) })
  func `goes on from whatever the first process left`(_ step: FailPoint, _ count: Int) throws {
    let rig = try CrashRig()
    try rig.enqueue([EnqueuedRequest(id: RequestID.random().rawValue, recipient: "anna@example.org")])
    #expect(try rig.work(.step(step, count)))
    #expect(try rig.check(try rig.finish()).map(\.description) == [])
  }

  @Test func `a name that is no step ends the process, so that no test passes by a typing error`() throws {
    let scratch = try CrashRig().scratch
    let misspelt = try ChildProcess.run(
      scratch.command, ["queue", "--config", scratch.config],
      environment: ["PASSCODE_FAIL_POINT": "messageSnet:1"])
    #expect(misspelt.status == 64)
    #expect(misspelt.errorText.contains("expected the name of a step"))
  }
}
