internal import Configuration
package import FoundationEssentials
internal import MailWorker
internal import RequestSpool

// The worker, seen from outside.
extension Service {
  /// What is known of the worker of this installation. Nothing is asked of it, and nothing is made.
  package struct WorkerReport: Hashable, Sendable {
    package let isRunning: Bool
    package let process: Int?
    package let startedAt: Date?
    /// When it last came round, within five seconds.
    package let turnedAt: Date?
    /// Further ones that wait to take over.
    package let standbyCount: Int
  }

  package func worker() throws -> WorkerReport {
    let settings = installation.settings
    let isRunning = try SpoolLock.isHeld(at: settings.spoolPath)
    let account = isRunning ? WorkerSign.account(in: settings.state) : nil
    return WorkerReport(
      isRunning: isRunning, process: account?.process, startedAt: account?.startedAt,
      turnedAt: account?.turnedAt, standbyCount: SpoolLock.standbyCount(at: settings.spoolPath))
  }
}
