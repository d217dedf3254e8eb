internal import LinuxSystem
internal import Records

/// Syncs the records' log on a thread of its own, so that the ledger goes on with the next turn while the disk writes
/// this one. One sync at a time.
///
/// On failure: where a sync failed, the answer says so, and the ledger syncs in another way or does the turn again.
final class RecordSyncer: Sendable {
  private struct State: Sendable {
    var log: (any RecordLog)?
    var isSynced: Bool?
    var isClosed = false
  }

  private let state: Monitor<State>
  private let thread: LinuxThread

  /// Nil where its thread cannot be started.
  ///
  /// - Parameter done: called on its thread after each sync.
  init?(done: @escaping @Sendable () -> Void) {
    let state = Monitor(State())
    self.state = state
    let thread = try? LinuxThread("sync") {
      while let log = state.wait(until: { $0.isClosed ? .some(nil) : $0.log.map { .some($0) } }) ?? nil {
        let isSynced = log.sync()
        state.change { state in
          state.log = nil
          state.isSynced = isSynced
        }
        done()
      }
    }
    guard let thread else { return nil }
    self.thread = thread
  }

  func begin(_ log: any RecordLog) { state.change { $0.log = log } }

  var isDone: Bool { state.withLock { $0.isSynced != nil } }

  /// Waits for the sync that was begun.
  ///
  /// - Returns: whether all that was committed before it is on the disk.
  func wait() -> Bool {
    state.wait { state in
      defer { if state.isSynced != nil { state.isSynced = nil } }
      return state.isSynced
    } ?? false
  }

  /// Ends the thread. No sync is under way.
  func close() {
    state.change { $0.isClosed = true }
    thread.join()
  }
}
