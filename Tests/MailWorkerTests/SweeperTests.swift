import CodeRequests
import Foundation
import LinuxSystem
import RequestSpool
import TestSupport
import Testing

@testable import MailWorker

/// How files of ended requests go: removed, or put aside first where removing stays behind.
@Suite(.waits) struct SweeperTests {
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

  }

  /// How many files go through `tmp/` where all are swept at once, as after a burst.
  private func putAside(_ ended: borrowing Ended, _ sweeper: Sweeper, endingFirst: Bool) throws -> Int {
    let watch = try DirectoryWatch()
    try watch.add("\(ended.directory.path)/spool/tmp")
    for entry in ended.entries { sweeper.sweep(entry) }
    if endingFirst { sweeper.close() }
    let life = WorkerLife()
    let thread = try LinuxThread("sweeper") { sweeper.run(life) }
    // A file that is put aside leaves the intake's view like one that is removed.
    let intake = ended.intake
    #expect(try eventually { intake.remainder == [] ? true : nil } == true)
    sweeper.close()
    thread.join()
    #expect(try ended.names("new").isEmpty)
    #expect(try ended.names("tmp").isEmpty)
    let changes = try watch.changes()
    #expect(!changes.isIncomplete)
    return changes.moved.count { $0.name.hasPrefix("done.") }
  }

  @Test(arguments: [(100, false, 0), (500, false, 0), (700, false, 128), (400, true, 192)])
  func `puts files aside only while more wait than may lie, and removes all in the end`(
    _ count: Int, _ isEnding: Bool, _ aside: Int
  ) throws {
    let ended = try Ended(count)
    #expect(ended.entries.count == count)
    let sweeper = Sweeper(intake: ended.intake, log: EventLog(.none), mostInPlace: 512, mostAtEnd: 150)
    let found = try putAside(ended, sweeper, endingFirst: isEnding)
    #expect(found == aside)
  }

  @Test func `what a killed worker had put aside is removed after the next start`() throws {
    let ended = try Ended(7)
    for entry in ended.entries.prefix(5) { try ended.intake.putAside(entry) }
    #expect(try ended.names("tmp").count == 5)
    #expect(try ended.names("new").count == 2)
    // Its intake is not asked again: the next start has one of its own.
    let intake = try SpoolIntake(try Spool(at: "\(ended.directory.path)/spool"))
    let sweeper = Sweeper(intake: intake, log: EventLog(.none))
    sweeper.close()
    sweeper.run(WorkerLife())
    #expect(try ended.names("tmp").isEmpty)
    #expect(try ended.names("new").count == 2)
  }

  @Test func `empties failed and rejected of what has lain there for the retention`() throws {
    let rig = try LedgerRig()
    func reject() throws {
      try rig.drop("{}", as: "\(rig.time.now.unixMilliseconds).bad.json")
      rig.take()
    }
    try reject()
    rig.time.pass(.seconds(6 * 86_400))
    try reject()
    #expect(try rig.names("rejected").count == 4)
    rig.time.pass(.seconds(2 * 86_400))
    try rig.sweep()
    #expect(try rig.names("rejected").count == 2)
  }
}
