import Foundation
import Glibc
import GuestPolicy
import LinuxSystem
import Synchronization
import TestSupport
import Testing

@Suite struct TenantDirectoryReloaderTests {
  @Test func `a file that others can write is not believed, and the last good one stays in force`() throws {
    let directory = try TemporaryDirectory()
    let path = "\(directory.path)/tenants.json5"
    func write(_ name: String) throws {
      try Data("{ tenants: [{ id: \"t1\", name: \"\(name)\" }] }".utf8).write(to: URL(fileURLWithPath: path))
    }
    try write("Fabrikam")
    let access = TenantDirectoryReloader.Access.fileSystem(FileTrust(user: geteuid()))
    var reloader = try TenantDirectoryReloader(path: path, access: access)
    try write("Mallory")
    chmod(path, 0o666)
    guard case .broken(let faults) = reloader.refresh() else { return #expect(Bool(false), "it was taken") }
    #expect(faults.description.contains("is not believed: ") && faults.description.contains("Run: chmod o-w"))
    #expect(reloader.directory.tenants.map(\.name) == ["Fabrikam"])
    #expect(throws: TenantFaults.self) { try TenantDirectoryReloader(path: path, access: access) }
  }

  /// A file in memory whose times the test decides, and which counts how often it is looked at.
  final class FakeFile: Sendable {
    struct State {
      var text: String?
      var stamp: FileStamp?
      var reads = 0
      var stats = 0
    }
    let state: Mutex<State>

    init(_ text: String) {
      state = Mutex(State(text: text, stamp: Self.stamp(text, changed: 0)))
    }

    static func stamp(_ text: String, changed: Double) -> FileStamp {
      let time = Int64(changed * 1e9)
      return FileStamp(device: 1, inode: 2, size: Int64(text.utf8.count), modified: time, changed: time)
    }

    /// Writes at a moment in seconds; nil removes the file.
    func write(_ text: String?, at moment: Double) {
      state.withLock {
        $0.text = text
        $0.stamp = text.map { Self.stamp($0, changed: moment) }
      }
    }

    var reads: Int { state.withLock { $0.reads } }
    var stats: Int { state.withLock { $0.stats } }

    var access: TenantDirectoryReloader.Access {
      TenantDirectoryReloader.Access(
        stamp: { [self] _ in
          state.withLock {
            $0.stats += 1
            return $0.stamp
          }
        },
        bytes: { [self] (path) throws(TenantFaults) in
          let text = state.withLock {
            $0.reads += 1
            return $0.text
          }
          guard let text else { throw TenantFaults([TenantFault(.unreadable, "does not exist", file: path)]) }
          return Array(text.utf8)
        })
    }
  }

  static let one = "{tenants:[{id:'a',name:'One'}]}"
  static let two = "{tenants:[{id:'a',name:'Two'}]}"
  static let broken = "{tenants:[{id:'a',name:'Two'}"
  static func date(_ seconds: Double) -> Date { Date(timeIntervalSince1970: seconds) }

  @Test func `an unchanged file costs one stat and no reading`() throws {
    let file = FakeFile(Self.one)
    var reloader = try TenantDirectoryReloader(path: "t", access: file.access, now: Self.date(100))
    for second in 100..<200 { #expect(reloader.refresh(now: Self.date(Double(second))) == nil) }
    #expect(file.reads == 1)
    #expect(file.stats == 101)
  }

  @Test func `a changed file is taken over`() throws {
    let file = FakeFile(Self.one)
    var reloader = try TenantDirectoryReloader(path: "t", access: file.access, now: Self.date(100))
    file.write(Self.two, at: 110)
    #expect(reloader.refresh(now: Self.date(120)) == .reloaded)
    #expect(reloader.directory.tenants[0].name == "Two")
    #expect(reloader.refresh(now: Self.date(120)) == nil)
  }

  @Test func `a broken file keeps the last good one and says so once, until it is mended`() throws {
    let file = FakeFile(Self.one)
    var reloader = try TenantDirectoryReloader(path: "t", access: file.access, now: Self.date(100))
    file.write(Self.broken, at: 110)
    // Just written: read several times, told once.
    var changes: [TenantDirectoryReloader.Change] = []
    for tenth in 0..<50 {
      if let change = reloader.refresh(now: Self.date(110 + Double(tenth) / 10)) { changes.append(change) }
    }
    #expect(changes.count == 1)
    guard case .broken(let faults) = try #require(changes.first) else {
      Issue.record("expected broken, got \(changes)")
      return
    }
    #expect(faults.description.hasPrefix("t:1:"))
    #expect(reloader.directory.tenants[0].name == "One")
    // Broken in another way: told again.
    file.write("{tenants:[]}", at: 120)
    #expect(reloader.refresh(now: Self.date(130)) != nil)
    #expect(reloader.directory.tenants[0].name == "One")
    // Back to what it was: the operator hears that it is good.
    file.write(Self.one, at: 140)
    #expect(reloader.refresh(now: Self.date(150)) == .reloaded)
    #expect(reloader.refresh(now: Self.date(151)) == nil)
  }

  @Test func `a file that is gone keeps the last good one and says so once`() throws {
    let file = FakeFile(Self.one)
    var reloader = try TenantDirectoryReloader(path: "t", access: file.access, now: Self.date(100))
    file.write(nil, at: 0)
    guard case .broken = reloader.refresh(now: Self.date(110)) else {
      Issue.record("expected broken")
      return
    }
    #expect(reloader.refresh(now: Self.date(111)) == nil)
    #expect(reloader.directory.tenants[0].name == "One")
    file.write(Self.one, at: 112)
    #expect(reloader.refresh(now: Self.date(120)) == .reloaded)
  }

  @Test func `two writings within one tick of the clock are both seen`() throws {
    let file = FakeFile(Self.one)
    var reloader = try TenantDirectoryReloader(path: "t", access: file.access, now: Self.date(100))
    #expect(Self.one.utf8.count == Self.two.utf8.count)
    file.write(Self.broken, at: 110)
    _ = reloader.refresh(now: Self.date(110))
    file.write(Self.one, at: 110)
    #expect(reloader.refresh(now: Self.date(110.001)) == .reloaded)
    // Same size, same times, other content.
    file.write(Self.two, at: 110)
    #expect(reloader.refresh(now: Self.date(110.002)) == .reloaded)
    #expect(reloader.directory.tenants[0].name == "Two")
    // Once settled, it is not read any more.
    _ = reloader.refresh(now: Self.date(113))
    let reads = file.reads
    #expect(reloader.refresh(now: Self.date(114)) == nil)
    #expect(file.reads == reads)
  }

  @Test func `a touched file with the same content is no change`() throws {
    let file = FakeFile(Self.one)
    var reloader = try TenantDirectoryReloader(path: "t", access: file.access, now: Self.date(100))
    file.write(Self.one, at: 110)
    #expect(reloader.refresh(now: Self.date(120)) == nil)
  }

  @Test func `a broken file at the start is an error`() {
    let file = FakeFile(Self.broken)
    #expect(throws: TenantFaults.self) {
      try TenantDirectoryReloader(path: "t", access: file.access, now: Self.date(100))
    }
  }

  @Test func `without a file there is nothing to follow`() {
    var reloader = TenantDirectoryReloader()
    #expect(reloader.refresh() == nil)
    #expect(reloader.directory.tenants == [.only])
  }

  @Test func `a real file is followed through replacing, writing in place and removing`()
    throws
  {
    let directory = try TemporaryDirectory(on: .disk)
    let path = directory.path + "/tenants.json5"
    let url = URL(fileURLWithPath: path)
    try Data(Self.one.utf8).write(to: url)
    var reloader = try TenantDirectoryReloader(path: path)
    #expect(reloader.refresh() == nil)
    try Data(Self.two.utf8).write(to: url, options: .atomic)
    #expect(reloader.refresh() == .reloaded)
    // In place, same size, and the modification time set back as rsync would.
    let times = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate]
    let handle = try FileHandle(forWritingTo: url)
    try handle.write(contentsOf: Data(Self.one.utf8))
    try handle.close()
    try FileManager.default.setAttributes([.modificationDate: try #require(times)], ofItemAtPath: path)
    #expect(reloader.refresh() == .reloaded)
    #expect(reloader.directory.tenants[0].name == "One")
    try FileManager.default.removeItem(atPath: path)
    guard case .broken = reloader.refresh() else {
      Issue.record("expected broken")
      return
    }
    #expect(reloader.directory.tenants[0].name == "One")
  }
}
