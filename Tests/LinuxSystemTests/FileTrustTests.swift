import Foundation
import Glibc
import TestSupport
import Testing

@testable import LinuxSystem

/// Whose files are believed, and what the way to them may look like.
@Suite struct FileTrustTests {
  private func step(_ path: String, _ owner: UInt32, _ mode: UInt32, group: UInt32? = nil) -> FileTrail.Step {
    var status = stat()
    status.st_uid = owner
    status.st_gid = group ?? owner
    status.st_mode = mode
    return FileTrail.Step(path: path, status: FileStatus(status))
  }

  /// Owner, group, type and mode; and what the message says, nil where it is believed. Read by user 4321.
  static let rules: [(owner: UInt32, group: UInt32, mode: UInt32, says: String?)] = [
    (0, 0, S_IFREG | 0o644, nil), (4321, 4321, S_IFREG | 0o600, nil), (4400, 4400, S_IFREG | 0o644, nil),
    (0, 7, S_IFREG | 0o640, nil), (0, 0, S_IFREG | 0o664, nil), (4321, 4321, S_IFREG | 0o664, nil),
    (
      4322, 4322, S_IFREG | 0o600,
      "belongs to user 4322 and has mode 0600; accepted is what belongs to root or user 4321, as which this runs or user 4400 (the service's) and nobody else can write. Run: chown 4321 /x"
    ),
    (
      0, 0, S_IFREG | 0o646,
      "belongs to user 0 and has mode 0646, so that everybody can write it; accepted is what belongs to root or user 4321, as which this runs or user 4400 (the service's) and nobody else can write. Run: chmod o-w /x"
    ),
    (4321, 50, S_IFREG | 0o660, "group 50 can write it"), (0, 50, S_IFREG | 0o666, "Run: chmod go-w /x"),
    (4321, 4322, S_IFREG | 0o660, "group 4322 can write it"),
    // Directories on the way.
    (0, 0, S_IFDIR | 0o755, nil), (0, 0, S_IFDIR | 0o1777, nil), (0, 50, S_IFDIR | 0o3775, nil),
    (0, 0, S_IFDIR | 0o777, "everybody can write it"), (0, 50, S_IFDIR | 0o775, "group 50 can write it"),
    (4322, 4322, S_IFDIR | 0o1777, "belongs to user 4322"),
    // A file is no directory.
    (0, 0, S_IFREG | 0o1666, "everybody can write it"),
    // Links have no mode.
    (0, 0, S_IFLNK | 0o777, nil), (4322, 4322, S_IFLNK | 0o777, "Run: chown -h 4321 /x"),
  ]

  @Test(arguments: rules)
  func `believes what belongs to root, the user or the service, and nobody else can write`(
    _ rule: (owner: UInt32, group: UInt32, mode: UInt32, says: String?)
  ) throws {
    let directory = try TemporaryDirectory()
    var trust = FileTrust(user: 4321)
    chown(directory.path, 4400, 4400)
    let isService = getuid() == 0
    if isService { trust = trust.serving(directory.path) }
    guard isService || rule.owner != 4400 && rule.says?.contains("4400") != true else { return }
    let problem = trust.problem(of: step("/x", rule.owner, rule.mode, group: rule.group))
    if let says = rule.says {
      #expect(problem?.hasPrefix("/x ") == true && problem?.contains(says) == true, "\(problem ?? "nothing")")
    } else {
      #expect(problem == nil)
    }
    #expect(FileTrust.anybody.problem(of: step("/x", rule.owner, rule.mode, group: rule.group)) == nil)
  }

  @Test func `who can put another program in place is believed, and what leads to it is not asked about`() {
    let trust = FileTrust(
      user: 0, program: [step("/", 0, S_IFDIR | 0o755), step("/builds", 4322, S_IFDIR | 0o777)])
    #expect(trust.problem(of: step("/builds", 4322, S_IFDIR | 0o777)) == nil)
    #expect(trust.problem(of: step("/builds/Templates", 4322, S_IFDIR | 0o755)) == nil)
    #expect(trust.problem(of: step("/builds/Templates", 4323, S_IFDIR | 0o755)) != nil)
    #expect(trust.problem(of: step("/builds/Templates", 4322, S_IFDIR | 0o777)) != nil)
  }

  @Test(.enabled(if: getuid() == 0, "needs root"))
  func `a configuration of the service names the service's secrets alone`() throws {
    let directory = try TemporaryDirectory()
    chown(directory.path, 4400, 4400)
    let trust = FileTrust(user: 0).serving(directory.path).ofServiceAlone
    #expect(trust.problem(of: step("/x", 4400, S_IFREG | 0o600), .secret) == nil)
    let problem = trust.problem(of: step("/x", 0, S_IFREG | 0o600), .secret)
    #expect(
      problem
        == "/x belongs to user 0 and has mode 0600; accepted is what belongs to user 4400, whose configuration names it and nobody else can write. Run: chown 4400 /x"
    )
    #expect(trust.problem(of: step("/x", 0, S_IFREG | 0o644)) == nil)
  }

  private func problem(of path: String) -> String? { FileTrust(user: geteuid()).problem(of: path) }

  @Test func `asks about each directory, each link and the end of a path`() throws {
    let directory = try TemporaryDirectory()
    let root = directory.path
    for folder in ["a", "a/b", "c", "open"] {
      try FileManager.default.createDirectory(
        atPath: "\(root)/\(folder)", withIntermediateDirectories: false,
        attributes: [.posixPermissions: 0o700])
    }
    for file in ["a/b/file", "open/file"] {
      try Data("x".utf8).write(to: URL(fileURLWithPath: "\(root)/\(file)"))
      chmod("\(root)/\(file)", 0o600)
    }
    symlink("../a", "\(root)/c/relative")
    symlink("\(root)/open/file", "\(root)/c/absolute")
    symlink("around", "\(root)/c/around")
    let path = "\(root)/c/relative/b/../b/./file"
    #expect(FileTrail(path).target?.path.hasSuffix("/a/b/file") == true)
    #expect(problem(of: path) == nil && problem(of: "\(root)/c/absolute") == nil)
    // Nothing there is no danger, and the one who opens it tells.
    for missing in ["nothing/there", "c/around", "a/b/file/below"] {
      #expect(FileTrail("\(root)/\(missing)").target == nil)
      #expect(problem(of: "\(root)/\(missing)") == nil)
    }
    chmod("\(root)/open", 0o777)
    #expect(problem(of: path) == nil)
    #expect(problem(of: "\(root)/c/absolute")?.contains("/open belongs to") == true)
    #expect(problem(of: "\(root)/open/later")?.contains("/open belongs to") == true)
    chmod("\(root)/open", 0o1777)
    #expect(problem(of: "\(root)/c/absolute") == nil)
    chmod("\(root)/open/file", 0o602)
    #expect(problem(of: "\(root)/c/absolute")?.contains("Run: chmod o-w") == true)
    chmod("\(root)/a", 0o707)
    #expect(problem(of: path)?.contains("/a belongs to") == true)
  }

  @Test(.enabled(if: getuid() == 0, "needs root"))
  func `asks whose each of them is`() throws {
    let directory = try TemporaryDirectory()
    let root = directory.path
    mkdir("\(root)/theirs", 0o755)
    for file in ["theirs/file", "file"] {
      try Data("x".utf8).write(to: URL(fileURLWithPath: "\(root)/\(file)"))
    }
    symlink("\(root)/file", "\(root)/link")
    #expect(problem(of: "\(root)/link") == nil)
    lchown("\(root)/link", 4322, 4322)
    #expect(problem(of: "\(root)/link")?.hasSuffix("Run: chown -h 0 \(root)/link") == true)
    lchown("\(root)/link", 0, 0)
    chown("\(root)/file", 4322, 4322)
    #expect(problem(of: "\(root)/link")?.contains("/file belongs to user 4322") == true)
    chown("\(root)/theirs", 4322, 4322)
    #expect(problem(of: "\(root)/theirs/file")?.contains("/theirs belongs to user 4322") == true)
  }

  @Test func `what is open already has no way that could be walked`() throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    defer { ends.forEach { close($0) } }
    let trail = FileTrail("/dev/fd/\(ends[0])")
    #expect(trail.target?.status.kind == .fifo)
    #expect(FileTrust(user: geteuid()).problem(of: trail) == nil)
  }
}
