import LinuxSystem
import TestSupport
import Testing

@testable import MailWorker

@Suite(.waits) struct LedgerInboxTests {
  @Test func `an interrupted wait takes nothing, and the next one everything`() {
    let inbox = LedgerInbox(capacity: 8, batch: 4, most: 8)
    inbox.interrupt()
    inbox.wake()
    let room = LedgerInbox.LaneRoom(admissible: 8, isLow: true)
    #expect(inbox.next(lanes: { room }, gathering: .zero, timeout: patience).isEmpty)
    // It still has been woken, and is interrupted no more.
    let start = ContinuousClock.now
    #expect(inbox.next(lanes: { room }, gathering: patience, timeout: patience).isEmpty)
    #expect(ContinuousClock.now - start < patience)
  }
}
