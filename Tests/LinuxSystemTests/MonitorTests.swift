import LinuxSystem
import TestSupport
import Testing

struct MonitorTests {
  @Test func `a change wakes every waiter whose condition holds`() throws {
    let monitor = Monitor(0)
    let woken = Monitor(0)
    let threads = try (1...4).map { goal in
      try LinuxThread("waiter") {
        _ = monitor.wait { $0 >= goal ? true : nil }
        woken.change { $0 += 1 }
      }
    }
    for goal in 1...4 {
      monitor.change { $0 = goal }
      #expect(woken.wait(timeout: patience) { $0 >= goal ? $0 : nil } == goal)
    }
    for thread in threads { thread.join() }
  }

  @Test(arguments: [Duration.zero, .seconds(-1), .milliseconds(20), .nanoseconds(999_999_999 - 980_000_000)])
  func `a wait ends when its time is over, and not before`(timeout: Duration) {
    let monitor = Monitor(0)
    let start = ContinuousClock.now
    #expect(monitor.wait(timeout: timeout) { $0 > 0 ? $0 : nil } == nil)
    #expect(ContinuousClock.now - start >= timeout)
  }

  @Test func `a wait without end takes the longest duration there is`() throws {
    let monitor = Monitor(0)
    let result = Monitor<Int?>(nil)
    let thread = try LinuxThread("waiter") {
      let found = monitor.wait(timeout: .seconds(Int64.max)) { $0 > 0 ? $0 : nil }
      result.withLock { $0 = found }
    }
    monitor.change { $0 = 3 }
    thread.join()
    #expect(result.withLock { $0 } == 3)
  }

  @Test func `keeps threads apart`() throws {
    let monitor = Monitor(0)
    let threads = try (0..<8).map { _ in
      try LinuxThread("adder") { for _ in 0..<5000 { monitor.withLock { $0 += 1 } } }
    }
    for thread in threads { thread.join() }
    #expect(monitor.withLock { $0 } == 40000)
  }

  @Test func `lets go of its lock when the body throws`() {
    struct Trouble: Error {}
    let monitor = Monitor(0)
    #expect(throws: Trouble.self) { try monitor.withLock { _ throws(Trouble) in throw Trouble() } }
    #expect(throws: Trouble.self) { try monitor.change { _ throws(Trouble) in throw Trouble() } }
    #expect(monitor.withLock { $0 } == 0)
  }
}
