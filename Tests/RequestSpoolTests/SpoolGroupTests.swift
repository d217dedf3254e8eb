import CodeRequests
import Foundation
import LinuxSystem
import TestSupport
import Testing

@testable import RequestSpool

/// A spool that other users of the machine may put requests into. These tests change users, so they run as root alone.
@Suite(.waits, .enabled(if: geteuid() == 0, "changes users: run it as root")) struct SpoolGroupTests {
  private static let group = SpoolGroup(name: "games")
  /// Users that need no entry in passwd: the spool's owner, two members of the group, and one who is none.
  private static let owner: UInt32 = 65_101
  private static let members: [UInt32] = [65_102, 65_103]
  private static let stranger: UInt32 = 65_104

  private let directory: TemporaryDirectoryOwner
  private let path: String
  private let group: UInt32

  /// An installation of `owner`, opened to the group by root.
  init() throws {
    directory = try TemporaryDirectoryOwner()
    path = "\(directory.path)/state/spool"
    group = try #require(Accounts.group(named: Self.group.name))
    #expect(chmod(directory.path, 0o711) == 0)
    #expect(mkdir("\(directory.path)/state", 0o700) == 0)
    #expect(chown("\(directory.path)/state", Self.owner, Self.owner) == 0)
    _ = try Spool(at: path, group: Self.group)
  }

  private func shell(as user: UInt32, _ script: String) throws -> ChildResult {
    let groups = user == Self.stranger ? "\(user)" : "\(group)"
    return try ChildProcess.run(
      ExternalTool.require("setpriv"),
      [
        "--reuid=\(user)", "--regid=\(user)", "--groups=\(groups)", "sh", "-c",
        "spool=\(path); umask 077; \(script)",
      ])
  }

  private static func enqueue(_ name: String) -> String {
    """
    printf '{"version":1}' > $spool/tmp/\(name) && chmod 640 $spool/tmp/\(name) && sync $spool/tmp/\(name) &&
      mv $spool/tmp/\(name) $spool/new/\(name).json && sync $spool/new/\(name).json
    """
  }

  @Test func `what root makes is its owner's, and open to the group as far as needed`() throws {
    for (name, mode) in [
      ("", 0o710), ("/new", 0o3730), ("/tmp", 0o3730), ("/deferred", 0o700), ("/failed", 0o700),
    ] {
      let status = try FileStatus.following(path + name)
      #expect(status.mode == UInt32(mode) && status.owner == Self.owner, "\(name)")
    }
    #expect(try FileStatus.following("\(directory.path)/state").mode == 0o701)
    // Closed again where the group has gone from the configuration.
    _ = try Spool(at: path, group: nil)
    #expect(try FileStatus.following("\(path)/new").mode == 0o700)
  }

  @Test func `members enqueue from a shell, and neither list, read nor replace what others put there`() throws
  {
    let spool = try Spool(at: path, group: Self.group)
    let request = CodeRequest(recipient: try EmailAddress("anna@example.org"))
    try spool.enqueue(request)
    let own = try #require(try Directory("\(path)/new").names().first)
    #expect(try FileStatus.following("\(path)/new/\(own)").owner == Self.owner, "root hands it over")
    let put = try shell(as: Self.members[0], Self.enqueue("by-shell"))
    #expect(put.status == 0, "\(put)")
    let status = try FileStatus.following("\(path)/new/by-shell.json")
    #expect(status.group == group && status.mode == 0o640 && status.owner == Self.members[0])
    for attempt in [
      "ls $spool/new", "ls $spool", "ls $spool/tmp", "cat $spool/new/\(own)",
      "rm -f $spool/new/by-shell.json",
      "touch $spool/tmp/x && mv -f $spool/tmp/x $spool/new/by-shell.json",
      "mv $spool/new/\(own) $spool/tmp/x",
      "echo x >> $spool/new/by-shell.json", "ls $spool/failed", "cat $spool/../records.sqlite",
    ] {
      #expect(try shell(as: Self.members[1], attempt).status != 0, "\(attempt)")
    }
    #expect(try shell(as: Self.stranger, Self.enqueue("by-stranger")).status != 0)
    #expect(try Directory("\(path)/new").names().count == 2)
  }

  @Test(.enabled(if: ExternalTool.has("python3"))) func `members enqueue from Python as the readme has it`()
    throws
  {
    let text = try String(contentsOfFile: "\(Scratch.repository)/README.md", encoding: .utf8)
    let program = try #require(text.components(separatedBy: "```python\n").dropFirst().first)
      .components(separatedBy: "```")[0].replacingOccurrences(of: "\".passcode/spool\"", with: "\"\(path)\"")
    let file = "\(directory.path)/enqueue.py"
    try Data(program.utf8).write(to: URL(fileURLWithPath: file))
    #expect(chmod(file, 0o644) == 0)
    // Not a shim of some user's, which others cannot reach.
    let result = try shell(as: Self.members[0], "PATH=/usr/bin:/bin python3 \(file)")
    #expect(result.status == 0, "\(result)")
    #expect(try FileStatus.following("\(path)/new/\(Directory("\(path)/new").names()[0])").mode == 0o640)
  }

  @Test func `members enqueue by the module, and others are told which group or user helps`() throws {
    let member = Self.members[0]
    let put = try OwnProcess.run("SpoolMemberTests", path, "\(member)", "\(group)")
    #expect(put.status == 0, "\(put)")
    let names = try Directory("\(path)/new").names()
    #expect(names.count == 1)
    let status = try FileStatus.following("\(path)/new/\(names[0])")
    #expect(status.mode == 0o640 && status.owner == member && status.group == group)
    let refused = try OwnProcess.run("SpoolStrangerTests", path, "\(Self.stranger)", "\(Self.stranger)")
    #expect(refused.status == 0, "\(refused)")
  }

  @Test func `a file of another user is known as such, and no more of them wait than may`() throws {
    for number in 0..<5 {
      let name = "\(path)/new/\(number).json"
      try Data("{}".utf8).write(to: URL(fileURLWithPath: name))
      #expect(chown(name, number == 0 ? Self.owner : Self.members[number % 2], group) == 0)
    }
    // Nothing of theirs that is no file stays either.
    #expect(mkdir("\(path)/new/folder", 0o700) == 0 && mkdir("\(path)/tmp/folder", 0o700) == 0)
    var settings = IntakeSettings()
    settings.mostOfUser = 1
    settings.reapAfter = .seconds(0)
    let intake = try SpoolIntake(try Spool(at: path, group: Self.group), settings: settings)
    let batch = try intake.next(max: 10, now: { Date() + 5 }, timeout: .zero)
    #expect(batch.count == 3 && batch.contains { $0.name == "0.json" })
    for entry in batch { #expect(try intake.read(entry).isForeign == (entry.name != "0.json")) }
    #expect(try Directory("\(path)/rejected").names().count == 6)
    #expect(try !Directory("\(path)/tmp").names().contains("folder"))
    // There is room again when they are done with.
    for entry in batch { try intake.remove(entry) }
    let next = "\(path)/new/6.json"
    try Data("{}".utf8).write(to: URL(fileURLWithPath: next))
    #expect(chown(next, Self.members[0], group) == 0)
    #expect(try intake.next(max: 10, now: { Date() + 100 }, timeout: .zero).count == 1)
  }

  @Test func `a group that is not there is an error that says how to make it`() throws {
    let error = #expect(throws: SpoolError.self) {
      try Spool(at: path, group: SpoolGroup(name: "no-such-group"))
    }
    #expect(error?.message.contains("groupadd --system no-such-group") == true)
  }
}

/// Becomes another user for good.
private func becomeUser(_ arguments: [String]) throws {
  let user = try #require(uid_t(arguments[1]))
  var groups = [try #require(gid_t(arguments[2]))]
  try #require(setgroups(1, &groups) == 0 && setgid(user) == 0 && setuid(user) == 0)
}

private func fault(_ body: () throws -> Void) -> SpoolError? {
  do { try body() } catch { return error as? SpoolError }
  return nil
}

@Suite(.enabled(if: OwnProcess.arguments != nil, "a part of SpoolGroupTests")) struct SpoolMemberTests {
  @Test func `enqueues what a member may, and is told what not`() throws {
    let arguments = try #require(OwnProcess.arguments)
    try becomeUser(arguments)
    let spool = try Spool(at: arguments[0])
    var request = CodeRequest(recipient: try EmailAddress("anna@example.org"))
    try spool.enqueue(request)
    request.code = try Passcode("918273")
    #expect(fault { try spool.enqueue(request) }?.code == .unacceptable)
    #expect(fault { _ = try spool.items() }?.code == .permission)
  }
}

@Suite(.enabled(if: OwnProcess.arguments != nil, "a part of SpoolGroupTests")) struct SpoolStrangerTests {
  @Test func `is told which group or user helps`() throws {
    let arguments = try #require(OwnProcess.arguments)
    try becomeUser(arguments)
    let error = fault { _ = try Spool(at: arguments[0]) }
    let text = error.map { "\($0)" } ?? ""
    #expect(text.contains("sudo -u 65101") && text.contains("usermod -aG games"), "\(text)")
  }
}
