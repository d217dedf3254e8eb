import Foundation
import LinuxSystem
import TestSupport
import Testing

@Suite struct ServiceNotificationTests {
  @Test(arguments: [true, false])
  func `sends to a socket with a path and to an abstract one`(isAbstract: Bool) throws {
    let directory = try TemporaryDirectory()
    let socket = try NotifySocket(
      isAbstract ? "@passcode-test-\(UUID().uuidString)" : "\(directory.path)/notify")
    let service = ServiceNotification(environment: ["NOTIFY_SOCKET": socket.name])
    service.send("READY=1\nSTATUS=standby")
    #expect(try socket.wait { _ in true } == "READY=1\nSTATUS=standby")
    service.sendReloading()
    let lines = try #require(try socket.wait { _ in true }).split(separator: "\n")
    #expect(lines.first == "RELOADING=1")
    let time = try #require(lines.last.flatMap { Int64($0.dropFirst("MONOTONIC_USEC=".count)) })
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    #expect((0...60).contains(Int64(now.tv_sec) - time / 1_000_000))
  }

  @Test(arguments: [
    [:], ["NOTIFY_SOCKET": ""], ["NOTIFY_SOCKET": "/nowhere/notify"], ["NOTIFY_SOCKET": "@nobody-listens"],
    ["NOTIFY_SOCKET": "/" + String(repeating: "x", count: 200)],
  ])
  func `works the same without a supervisor`(environment: [String: String]) {
    ServiceNotification(environment: environment).send("READY=1")
  }

  @Test func `beats twice as often as the watchdog asks, for the process that it means`() {
    func interval(_ environment: [String: String]) -> Duration? {
      ServiceNotification(environment: environment).watchdogInterval
    }
    #expect(interval(["WATCHDOG_USEC": "30000000"]) == .seconds(15))
    #expect(interval(["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "\(getpid())"]) == .seconds(15))
    #expect(interval(["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"]) == nil)
    #expect(interval(["WATCHDOG_USEC": "0"]) == nil && interval(["WATCHDOG_USEC": "x"]) == nil)
    #expect(interval([:]) == nil)
  }
}
