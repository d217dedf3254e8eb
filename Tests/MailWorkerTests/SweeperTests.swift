import CodeRequests
import Foundation
import LinuxSystem
import RequestSpool
import TestSupport
import Testing

@testable import MailWorker

/// How files of ended requests go: removed, or put aside first where removing stays behind.
@Suite struct SweeperTests {
  /// A spool with requests, each handed out by an intake.
  private struct Ended: ~Copyable {
    let directory: TemporaryDirectory
    let intake: SpoolIntake
    let entries: [SpoolEntry]

    init(_ count: Int) throws {
      let directory = try TemporaryDirectory()
      let spool = try Spool(at: "\(directory.path)/spool")
      try spool.enqueue(
        try (0..<count).map { CodeRequest(recipient: try EmailAddress("guest\($0)@example.org")) })
      let intake = try SpoolIntake(spool)
      entries = try intake.next(max: count, now: { Date() }, timeout: .zero)
      self.directory = directory
      self.intake = intake
    }

    func names(_ folder: String) throws -> [String] {
      try Directory("\(directory.path)/spool/\(folder)").names()
    }

    /// Sweeps all at once, as after a burst.
    func sweep() throws {
      let sweeper = Sweeper(intake: intake, log: EventLog(.none))
      for entry in entries { sweeper.sweep(entry) }
      sweeper.close()
      sweeper.run(WorkerLife())
    }
  }

  @Test(arguments: [(100, 0), (500, 0), (700, 128)])
  func `puts files aside only while more wait than it can remove soon, and removes all in the end`(
    _ count: Int, _ aside: Int
  ) throws {
    let ended = try Ended(count)
    #expect(ended.entries.count == count)
    let watch = try DirectoryWatch()
    try watch.add("\(ended.directory.path)/spool/tmp")
    try ended.sweep()
    #expect(try watch.changes().names.count { $0.name.hasPrefix("done.") } == aside)
    #expect(try ended.names("new").isEmpty)
    #expect(try ended.names("tmp").isEmpty)
    #expect(ended.intake.isDrained)
  }

  #if DEBUG
    @Test func `what a killed worker had put aside is removed after the next start`() async throws {
      let ended = try Ended(700)
      let path = ended.directory.path
      await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
        setenv("PASSCODE_FAIL_POINT", "filePutAside:5", 1)
        let intake = try SpoolIntake(try Spool(at: "\(path)/spool"))
        let sweeper = Sweeper(intake: intake, log: EventLog(.none))
        for entry in try intake.next(max: 700, now: { Date() }, timeout: .zero) { sweeper.sweep(entry) }
        sweeper.run(WorkerLife())
      }
      #expect(try ended.names("tmp").count == 5)
      #expect(try ended.names("new").count == 695)
      let sweeper = Sweeper(intake: ended.intake, log: EventLog(.none))
      sweeper.close()
      sweeper.run(WorkerLife())
      #expect(try ended.names("tmp").isEmpty)
    }
  #endif
}
