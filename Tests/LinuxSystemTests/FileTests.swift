import Foundation
import Glibc
import LinuxSystem
import TestSupport
import Testing

struct FileLockTests {
  @Test func `one open file at a time holds it`() throws {
    let directory = try TemporaryDirectory(on: .disk)
    let path = directory.path + "/lock"
    func isFree() throws -> Bool {
      switch try FileLock.tryLock(path) {
      case .some: true
      case .none: false
      }
    }
    var states: [Bool] = []
    try withHeld(path) { states.append(try isFree()) }
    states.append(try isFree())
    #expect(states == [false, true])
  }

  private func withHeld(_ path: String, _ body: () throws -> Void) throws {
    let lock = try FileLock.lock(path)
    try body()
    _ = consume lock
  }

  @Test func `a look at it takes nothing, makes nothing, and counts who waits`() throws {
    let directory = try TemporaryDirectory(on: .disk)
    let path = directory.path + "/lock"
    #expect(try !FileLock.isHeld(path) && FileLock.waiterCount(path) == 0)
    #expect(try Directory(directory.path).names().isEmpty)
    try withHeld(path) {
      #expect(try FileLock.isHeld(path) && FileLock.waiterCount(path) == 0)
      let waiter = try FileLockWaiter(path)
      #expect(try eventually { FileLock.waiterCount(path) == 1 ? true : nil } == true)
      withExtendedLifetime(waiter) {}
    }
    try withHeld(path) {}
    #expect(try !FileLock.isHeld(path))
  }

  @Test func `ends with the process that holds it, killed as it may be`() throws {
    let directory = try TemporaryDirectory(on: .disk)
    let path = directory.path + "/lock"
    let holder = Process()
    let output = Pipe()
    holder.executableURL = URL(fileURLWithPath: "/bin/sh")
    holder.arguments = ["-c", "exec 9>\"$0\"; flock 9; echo held; exec sleep 600", path]
    holder.standardOutput = output
    try holder.run()
    #expect(output.fileHandleForReading.availableData == Data("held\n".utf8))
    let lock = try FileLock.tryLock(path)
    let isHeldThere = lock == nil
    #expect(isHeldThere)
    kill(holder.processIdentifier, SIGKILL)
    // Blocks until the kernel has let go of it.
    _ = try FileLock.lock(path)
    holder.waitUntilExit()
  }

  @Test func `follows no link and says what it could not open`() throws {
    let directory = try TemporaryDirectory(on: .disk)
    symlink("/tmp/elsewhere", directory.path + "/lock")
    #expect(throws: SystemCallError.self) { _ = try FileLock.tryLock(directory.path + "/lock") }
    let error = #expect(throws: SystemCallError.self) {
      _ = try FileLock.tryLock(directory.path + "/no/lock")
    }
    #expect(error?.isNotFound == true)
    #expect(error?.description.contains(directory.path + "/no/lock") == true)
  }
}

struct DirectoryTests {
  @Test func `publishes with the mode asked for, whatever the umask, and root for its owner`()
    throws
  {
    let directory = try TemporaryDirectory()
    let target = try Directory(directory.path)
    try target.publish([1], as: "open", mode: 0o666, through: target, named: "t")
    #expect(try FileStatus.following("\(directory.path)/open").mode & 0o777 == 0o666)
    guard CurrentProcess.user == 0 else { return }
    try target.open("open").setOwner(user: 65534, group: 65534)
    let like = try FileStatus.following("\(directory.path)/open")
    try target.publish([2], as: "open", mode: 0o640, likeThatOf: like, through: target, named: "t")
    let status = try FileStatus.following("\(directory.path)/open")
    #expect(status.owner == 65534 && status.group == 65534 && status.mode & 0o777 == 0o640)
  }

  @Test func `publishes a file whole and leaves nothing behind when it cannot`() throws {
    let directory = try TemporaryDirectory(on: .disk)
    let temporary = try Directory.make(directory.path + "/a/tmp")
    let target = try Directory.make(directory.path + "/a/new")
    try target.publish([1, 2, 3], as: "file", through: temporary, named: "x")
    #expect(try target.readRegularFile("file", limit: 10).bytes == [1, 2, 3])
    #expect(try temporary.names() == [])
    #expect(try target.fileStatus(of: "file")?.mode == 0o600)

    // The rename fails: a directory stands in its place.
    mkdir(directory.path + "/a/new/taken", 0o700)
    #expect(throws: SystemCallError.self) {
      try target.publish([1], as: "taken", through: temporary, named: "x")
    }
    #expect(try temporary.names() == [])
    // The name in tmp/ is somebody else's: it stays.
    try temporary.publish([9], as: "x", through: target, named: "y")
    #expect(throws: SystemCallError.self) {
      try target.publish([1], as: "other", through: temporary, named: "x")
    }
    #expect(try temporary.readRegularFile("x", limit: 10).bytes == [9])
    #expect(try target.names() == ["file", "taken"])
  }

  @Test func `reads regular files only, up to a limit`() throws {
    let path = try TemporaryDirectory(on: .disk)
    let directory = try Directory(path.path)
    try directory.publish([1, 2, 3], as: "three", through: directory, named: "t")
    mkfifo(path.path + "/fifo", 0o600)
    mkdir(path.path + "/directory", 0o700)
    symlink("three", path.path + "/link")
    #expect(try directory.readRegularFile("three", limit: 3).bytes == [1, 2, 3])
    #expect(try directory.readRegularFile("three", limit: 2).bytes == nil)
    #expect(try directory.readRegularFile("fifo", limit: 9).bytes == nil)
    #expect(try directory.readRegularFile("directory", limit: 9).bytes == nil)
    let error = #expect(throws: SystemCallError.self) { try directory.readRegularFile("link", limit: 9) }
    #expect(error?.code == ELOOP)
  }

  @Test func `notes no time of access, which would write to the disk for each file`() throws {
    let temporary = try TemporaryDirectory()
    let directory = try Directory(temporary.path)
    try directory.create("file").writeAll([1])
    // Seconds and nanoseconds of access and change. As plain numbers: which module has the members of `timespec`
    // depends on what is compiled along.
    let result = [1000, 0, 2000, 0].withUnsafeBytes {
      let times = $0.assumingMemoryBound(to: timespec.self).baseAddress
      return utimensat(directory.descriptor.rawValue, "file", times, 0)
    }
    #expect(result == 0)
    #expect(try directory.readRegularFile("file", limit: 9).bytes == [1])
    let url = URL(fileURLWithPath: temporary.path + "/file")
    let accessed = try url.resourceValues(forKeys: [.contentAccessDateKey]).contentAccessDate
    #expect(accessed == Date(timeIntervalSince1970: 1000))
  }

  @Test func `tells each entry's kind`() throws {
    let path = try TemporaryDirectory(on: .disk)
    let directory = try Directory(path.path)
    try directory.publish([1], as: "file", through: directory, named: "t")
    mkfifo(path.path + "/fifo", 0o600)
    mkdir(path.path + "/directory", 0o700)
    symlink("nowhere", path.path + "/link")
    var kinds: [String: FileKind] = [:]
    try directory.forEachEntry(
      { (name, kind) throws(SystemCallError) -> Bool in
        kinds[String(decoding: name, as: UTF8.self)] = kind
        return true
      }, failing: { $0 })
    #expect(kinds == ["file": .regular, "fifo": .fifo, "directory": .directory, "link": .link])
  }

  @Test func `renames any bytes, and replaces nothing where told so`() throws {
    let path = try TemporaryDirectory(on: .disk)
    let directory = try Directory(path.path)
    let odd: [UInt8] = [0xFF, 0x20, 0x0A, 0xC3]
    let name = odd.map { CChar(bitPattern: $0) }
    close(open(path.path.utf8CString.dropLast() + [0x2F] + name + [0], O_CREAT | O_WRONLY, 0o600))
    try directory.publish([1], as: "taken", through: directory, named: "t")
    let moved = try ["taken", "free"].map { try directory.rename(bytes: odd, to: directory, asFree: $0) }
    #expect(moved == [false, true])
    #expect(try directory.names() == ["free", "taken"])
  }
}

struct WriterTests {
  @Test func `tells whether somebody has a file open for writing`() throws {
    let directory = try TemporaryDirectory()
    let path = "\(directory.path)/file"
    try Data("{".utf8).write(to: URL(fileURLWithPath: path))
    let reader = try FileDescriptor.open(path, .readOnly)
    // A child that another test starts holds what was open here until it is its program.
    func isFree(_ reader: borrowing FileDescriptor) throws -> Bool {
      let descriptor = reader.rawValue
      return try eventually {
        let same = FileDescriptor(owning: descriptor)
        let hasWriter = same.hasWriter()
        _ = same.release()
        return hasWriter == false ? true : nil
      } ?? false
    }
    #expect(try isFree(reader))
    for options: OpenOptions in [.writeOnly, .readWrite, [.writeOnly, .append]] {
      let writer = try FileDescriptor.open(path, options)
      #expect(reader.hasWriter() == true)
      _ = consume writer
      #expect(try isFree(reader))
    }
    // Nothing of it is left: whoever opens it now is not held up.
    let writer = try FileDescriptor.open(path, [.writeOnly, .nonBlocking])
    try writer.writeAll(Array("}".utf8))
  }

  @Test func `tells by its change time when a file was put in its place, whatever its other times are`()
    throws
  {
    let directory = try TemporaryDirectory()
    let path = "\(directory.path)/file"
    try Data().write(to: URL(fileURLWithPath: path))
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: 7)], ofItemAtPath: path)
    let status = try FileStatus.following(path)
    #expect(status.modified == 7_000_000_000 && status.linkCount == 1)
    #expect(abs(Double(status.changedMilliseconds) / 1000 - Date().timeIntervalSince1970) < 3600)
  }
}

struct DirectoryWatchTests {
  @Test func `tells of names that are made there, where that is asked for`() throws {
    let directory = try TemporaryDirectory()
    let (all, finished) = (try DirectoryWatch(), try DirectoryWatch())
    try all.add(directory.path, tellsMade: true)
    try finished.add(directory.path)
    let file = "\(directory.path)/a"
    try Data().write(to: URL(fileURLWithPath: file))
    #expect(link(file, "\(directory.path)/b") == 0)
    #expect(Set(try all.changes().made.map(\.name)).isSuperset(of: ["a", "b"]))
    let changes = try finished.changes()
    #expect(changes.made.isEmpty && changes.written.map(\.name) == ["a"])
  }

  @Test func `tells renames and finished writes, also those of other processes`() throws {
    let path = try TemporaryDirectory(on: .disk)
    mkdir(path.path + "/new", 0o700)
    let watch = try DirectoryWatch()
    try watch.add(path.path + "/new")
    let script = Process()
    script.executableURL = URL(fileURLWithPath: "/bin/sh")
    script.arguments = ["-c", "cd \"$0\"; echo 1 > one; mv one new/one; echo 2 > new/two", path.path]
    try script.run()
    script.waitUntilExit()
    #expect(try waitReadable([watch.pollDescriptor], milliseconds: Int(patienceMilliseconds)) == [true])
    let changes = try watch.changes()
    #expect(changes.moved.map(\.name) == ["one"])
    #expect(changes.written.map(\.name) == ["two"])
    #expect(!changes.isIncomplete)
    let later = try watch.changes()
    #expect(later.moved.isEmpty && later.written.isEmpty)
  }

  @Test func `says so when the directory goes away`() throws {
    let path = try TemporaryDirectory(on: .disk)
    mkdir(path.path + "/new", 0o700)
    let watch = try DirectoryWatch()
    try watch.add(path.path + "/new")
    rmdir(path.path + "/new")
    #expect(try watch.changes().isIncomplete)
    #expect(throws: SystemCallError.self) { try watch.add(path.path + "/new") }
  }
}

struct WakeEventTests {
  @Test func `stays readable until it is cleared`() throws {
    let event = try WakeEvent()
    #expect(try waitReadable([event.descriptor.rawValue], milliseconds: 0) == [false])
    event.signal()
    event.signal()
    #expect(try waitReadable([event.descriptor.rawValue], milliseconds: Int(patienceMilliseconds)) == [true])
    let cleared = [event.clear(), event.clear()]
    #expect(cleared == [true, false])
    #expect(try waitReadable([event.descriptor.rawValue], milliseconds: 0) == [false])
  }
}
