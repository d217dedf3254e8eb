import Foundation
import MailWorker
import Testing

private let now = Date(timeIntervalSince1970: 1_795_262_400)

@Suite struct RetryScheduleTests {
  private let schedule = RetrySchedule(delays: [.seconds(2), .seconds(5), .seconds(15)])

  @Test(arguments: [(1, 2.0), (2, 5.0), (3, 15.0), (4, 15.0), (1000, 15.0)])
  func `waits each delay in turn, and the last one from then on`(attempts: Int, seconds: Double) {
    let due = schedule.next(after: attempts, now: now, deadline: .distantFuture, chance: 0.5)
    #expect(abs((due ?? .distantPast).timeIntervalSince(now) - seconds) < 0.001)
  }

  @Test(arguments: [(0.0, 4.0), (1.0, 6.0)])
  func `moves a try by up to a fifth`(chance: Double, seconds: Double) {
    let due = schedule.next(after: 2, now: now, deadline: .distantFuture, chance: chance)
    #expect(abs((due ?? .distantPast).timeIntervalSince(now) - seconds) < 0.001)
  }

  @Test func `plans nothing at or after the deadline`() {
    #expect(schedule.next(after: 1, now: now, deadline: now.addingTimeInterval(2), chance: 0.5) == nil)
    #expect(schedule.next(after: 1, now: now, deadline: now.addingTimeInterval(2.001), chance: 0.5) != nil)
  }

  @Test func `plans nothing where no delays are configured`() {
    #expect(
      RetrySchedule(delays: []).next(after: 1, now: now, deadline: .distantFuture, chance: 0) == nil)
  }
}
