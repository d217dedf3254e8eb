import CodeRequests
import Foundation
import LinuxSystem
import TestSupport
import Testing

@testable import RequestSpool

@Suite(.waits) struct SpoolTests {
  @Test func `makes its directories for its owner alone`() throws {
    let fixture = try SpoolFixture()
    for name in ["new", "deferred", "failed", "rejected", "tmp"] {
      #expect(try FileStatus.following("\(fixture.path)/\(name)").mode == 0o700)
    }
    // A second opening changes nothing.
    try fixture.spool.enqueue(try fixture.request())
    _ = try Spool(at: fixture.path)
    #expect(try fixture.names("new").count == 1)
  }

  @Test func `enqueues under time and id, readable by its owner alone, and leaves tmp empty`() throws {
    let fixture = try SpoolFixture()
    let request = try fixture.request()
    try fixture.spool.enqueue(request, now: fixture.start)
    let name = "1795238400000.\(request.id.rawValue).json"
    #expect(try fixture.names("new") == [name])
    #expect(try fixture.names("tmp") == [])
    #expect(try FileStatus.following("\(fixture.path)/new/\(name)").mode == 0o600)
    #expect(try CodeRequest(json: Array(fixture.text("new/\(name)").utf8)).recipient == request.recipient)
  }

  @Test func `enqueues many at once, each whole`() throws {
    let fixture = try SpoolFixture()
    let requests = try (0..<300).map { try fixture.request("a\($0)@example.org") }
    try fixture.spool.enqueue(requests, now: fixture.start)
    let read = try fixture.names("new").map {
      try CodeRequest(json: Array(fixture.text("new/\($0)").utf8)).recipient.rawValue
    }
    #expect(Set(read) == Set(requests.map(\.recipient.rawValue)))
    #expect(try fixture.names("tmp") == [])
    try fixture.spool.enqueue([])
  }

  private static let oddities: [(String, @Sendable (inout CodeRequest) -> Void)] = [
    ("client.agent", { $0.client = .init(agent: "a\u{0}b") }),
    ("client.agent", { $0.client = .init(agent: String(repeating: "a", count: 1025)) }),
    ("client.ip", { $0.client = .init(ip: "1.2.3") }), ("accounts", { $0.accounts = ["Not A Name"] }),
    ("variables", { $0.variables = ["no name": "x"] }), ("tenant", { $0.tenant = "" }),
  ]

  @Test(arguments: oddities)
  func `what the worker would reject is said before it is acknowledged`(
    field: String, change: @Sendable (inout CodeRequest) -> Void
  ) throws {
    let fixture = try SpoolFixture()
    var request = try fixture.request()
    change(&request)
    let odd = request
    let error = #expect(throws: SpoolError.self) { try fixture.spool.enqueue(odd) }
    #expect(error?.code == .unacceptable && error?.message.contains(field) == true, "\(error as Any)")
    #expect(try fixture.names("new").isEmpty && fixture.names("tmp").isEmpty)
  }

  @Test func `seals a code, and takes none that it cannot seal`() throws {
    let fixture = try SpoolFixture()
    var request = try fixture.request()
    request.code = try Passcode("424242")
    let error = #expect(throws: SpoolError.self) { try fixture.spool.enqueue(request) }
    #expect(error?.code == .unsealed)
    #expect(try fixture.names("new") == [])
    let id = request.id
    let sealing = try Spool(at: fixture.path) { code, sealedID in
      #expect(sealedID == id)
      return "sealed-\(code.reveal().reversed().map(String.init).joined())"
    }
    try sealing.enqueue(request)
    let text = try fixture.text("new/\(fixture.names("new")[0])")
    #expect(!text.contains("424242"))
    #expect(try CodeRequest(json: Array(text.utf8)).sealedCode == "sealed-242424")
    struct NoKey: Error, CustomStringConvertible { let description = "no key" }
    let broken = try Spool(at: fixture.path) { (_, _) throws in throw NoKey() }
    #expect(throws: SpoolError.self) { try broken.enqueue(request) }
    #expect(try fixture.names("new").count == 1)
  }

  @Test func `one bad request keeps all of its batch out`() throws {
    let fixture = try SpoolFixture()
    var bad = try fixture.request()
    bad.variables = Dictionary(
      uniqueKeysWithValues: (0..<20).map { ("v\($0)", String(repeating: "x", count: 4096)) })
    let error = #expect(throws: SpoolError.self) {
      try fixture.spool.enqueue([try fixture.request(), bad])
    }
    #expect(error?.code == .unacceptable)
    #expect(try fixture.names("new") == [])
  }

  @Test func `leaves nothing behind where the rename fails`() throws {
    let fixture = try SpoolFixture()
    let request = try fixture.request()
    mkdir("\(fixture.path)/new/1795238400000.\(request.id.rawValue).json", 0o700)
    #expect(throws: SpoolError.self) {
      try fixture.spool.enqueue([request, try fixture.request()], now: fixture.start)
    }
    #expect(try fixture.names("tmp") == [])
  }

  @Test func `says what is wrong with its path`() throws {
    let directory = try TemporaryDirectory()
    try Data().write(to: URL(fileURLWithPath: directory.path + "/file"))
    symlink("loop", directory.path + "/loop")
    let cases: [(String, SpoolError.Code)] = [
      ("", .badPath), ("a\0b", .badPath), (directory.path + "/file", .badPath),
      (directory.path + "/file/spool", .badPath), (directory.path + "/loop", .badPath),
      (directory.path + "/" + String(repeating: "x", count: 300), .badPath),
    ]
    for (path, code) in cases {
      let error = #expect(throws: SpoolError.self) { try Spool(at: path) }
      #expect(error?.code == code, "\(path): \(String(describing: error))")
      if !path.isEmpty, !path.contains("\0") { #expect(error?.description.contains(path) == true) }
    }
  }

  @Test(arguments: [
    (ENOENT, SpoolError.Code.missing), (ENOTDIR, .badPath), (EACCES, .permission), (EPERM, .permission),
    (EROFS, .readOnly), (ENOSPC, .noSpace), (EDQUOT, .noSpace), (EMFILE, .busy), (ENFILE, .busy), (EIO, .io),
    (ENODEV, .io),
  ])
  func `sorts the errors of the system`(code: Int32, expected: SpoolError.Code) {
    let error = SpoolError(SystemCallError("fsync", "/spool/new", code: code), at: "/spool")
    #expect(error.code == expected)
    #expect(error.place == "/spool/new")
    #expect(error.description.contains("fsync"))
  }

  @Test(.enabled(if: getuid() == 0, "needs root to become somebody else"))
  func `tells a missing permission`() throws {
    let fixture = try SpoolFixture()
    chmod(fixture.directory.path, 0o755)
    chmod(fixture.path, 0o755)
    // This user has every permission; another has not.
    #expect(try fixture.shell("setpriv --reuid=65534 --clear-groups touch new/x.json 2>/dev/null") != 0)
  }

  @Test func `a directory that was taken away is an error, not an empty queue`() throws {
    let fixture = try SpoolFixture()
    let intake = try SpoolIntake(fixture.spool)
    #expect(try intake.take().isEmpty)
    try fixture.shell("mv new old && mkdir new")
    let error = #expect(throws: SpoolError.self) { try intake.take(at: fixture.start + 61) }
    #expect(error?.code == .missing)
    try fixture.shell("rmdir new")
    #expect(throws: SpoolError.self) { try intake.take(at: fixture.start + 61) }
    #expect(throws: SpoolError.self) { try fixture.spool.enqueue(try fixture.request()) }
  }

  @Test func `one worker holds the lock, and the kernel wakes the next one as soon as it dies`() throws {
    let fixture = try SpoolFixture()
    let holder = Process()
    let output = Pipe()
    holder.executableURL = URL(fileURLWithPath: "/bin/sh")
    holder.arguments = ["-c", "exec 9>\"$0\"; flock 9; echo held; exec sleep 600", fixture.path + "/lock"]
    holder.standardOutput = output
    try holder.run()
    defer { holder.terminate() }
    #expect(output.fileHandleForReading.availableData == Data("held\n".utf8))
    let isThere = try SpoolLock.tryAcquire(fixture.spool) != nil
    #expect(!isThere)
    // A signal came: nothing is held, also when the lock gets free later.
    let gaveUp = try SpoolLock.acquire(fixture.spool) { _ in false }
    let isGivenUp = gaveUp == nil
    #expect(isGivenUp)
    let inode = try FileStatus.following("\(fixture.path)/lock").inode
    var looks = 0
    let lock = try SpoolLock.acquire(fixture.spool) { free in
      looks += 1
      // The kernel has it in the lock's queue, beside the one that gave up.
      let waiting = try eventually { () -> Bool? in
        let locks = try String(contentsOfFile: "/proc/locks", encoding: .utf8).split(separator: "\n")
        return locks.count { $0.contains("-> FLOCK") && $0.contains(":\(inode) ") } == 2 ? true : nil
      }
      #expect(waiting == true)
      let isEarly = try waitReadable([free], milliseconds: 0)[0]
      #expect(!isEarly)
      kill(holder.processIdentifier, SIGKILL)
      return try waitReadable([free], milliseconds: 20_000)[0]
    }
    let isTaken = lock != nil
    #expect(isTaken && looks == 1, "told once, and never asked")
    let isFree = try SpoolLock.tryAcquire(fixture.spool) != nil
    #expect(!isFree)
  }

  @Test func `a lock file that cannot be opened is an error, not a free lock`() throws {
    let fixture = try SpoolFixture()
    symlink("/dev/null", fixture.path + "/lock")
    let errors = [
      #expect(throws: SpoolError.self) { _ = try SpoolLock.tryAcquire(fixture.spool) },
      #expect(throws: SpoolError.self) {
        _ = try SpoolLock.acquire(fixture.spool) { try waitReadable([$0], milliseconds: 20_000)[0] }
      },
    ]
    for error in errors { #expect(error?.place == fixture.path + "/lock") }
  }

  @Test func `removes old files in tmp, not young ones`() throws {
    let fixture = try SpoolFixture()
    for (name, age) in [("old", 3601.0), ("young", 3599)] {
      let path = "\(fixture.path)/tmp/\(name)"
      try Data().write(to: URL(fileURLWithPath: path))
      try FileManager.default.setAttributes([.modificationDate: fixture.start - age], ofItemAtPath: path)
    }
    let intake = try fixture.intake()
    _ = try intake.take()
    #expect(try fixture.names("tmp") == ["young"])
    _ = try intake.take(at: fixture.start + 3600)
    #expect(try fixture.names("tmp") == [])
  }
}
