import CodeRequests
import Foundation
import LinuxSystem
import TestSupport

@testable import RequestSpool

/// A spool in a directory of its own, and a clock that stands still.
struct SpoolFixture: ~Copyable {
  let directory: TemporaryDirectory
  let path: String
  let spool: Spool
  /// 2026-11-21T05:20:00Z.
  static let start = Date(unixMilliseconds: 1_795_238_400_000)
  var start: Date { Self.start }

  /// - Parameter place: in memory where there are thousands of files: ext4 looks for a free inode the longer the more
  ///   have just been removed.
  init(on place: TemporaryDirectory.Place = .disk) throws {
    let directory = try TemporaryDirectory(on: place)
    let path = directory.path + "/spool"
    let spool = try Spool(at: path)
    self.directory = directory
    self.path = path
    self.spool = spool
  }

  /// The clock stands still, so what the kernel says of files is replaced: they were put where they are at the time in
  /// their names, or else at their modification time.
  static var settings: IntakeSettings {
    var settings = IntakeSettings()
    settings.publishedAt = { name, status in
      var name = name
      let told = name.withUTF8 { bytes -> Int64? in
        let bytes = UnsafeRawBufferPointer(bytes)
        if let deferral = SpoolName.deferral(in: bytes) { return deferral.queued ?? start.unixMilliseconds }
        return SpoolName.milliseconds(in: bytes)
      }
      return told ?? status.modified / 1_000_000
    }
    return settings
  }

  func intake(_ settings: IntakeSettings = settings) throws -> SpoolIntake {
    try SpoolIntake(spool, settings: settings)
  }

  func request(_ recipient: String = "anna@example.org") throws -> CodeRequest {
    CodeRequest(recipient: try EmailAddress(recipient))
  }

  /// A file such as another program writes, by rename.
  func drop(_ text: String, as name: String, modified: Date = start) throws {
    let temporary = "\(path)/tmp/\(UUID().uuidString)"
    try Data(text.utf8).write(to: URL(fileURLWithPath: temporary))
    try FileManager.default.setAttributes([.modificationDate: modified], ofItemAtPath: temporary)
    guard rename(temporary, "\(path)/new/\(name)") == 0 else {
      throw SystemCallError("rename", name, code: errno)
    }
  }

  /// Waits until nobody writes what lies in new/: a child that another test starts holds what was open here until it is
  /// its program.
  func settle() throws {
    for name in try names("new") {
      let isFree = try eventually { () -> Bool? in
        try Directory("\(path)/new").open(name).hasWriter() == false ? true : nil
      }
      guard isFree != nil else { throw SystemCallError("fcntl", name, code: EAGAIN) }
    }
  }

  func names(_ folder: String) throws -> [String] { try Directory("\(path)/\(folder)").names() }

  func text(_ file: String) throws -> String {
    try String(contentsOf: URL(fileURLWithPath: "\(path)/\(file)"), encoding: .utf8)
  }

  @discardableResult
  func shell(_ script: String) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.currentDirectoryURL = URL(fileURLWithPath: path)
    process.arguments = ["-c", script]
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }
}

extension SpoolIntake {
  /// What is due at a moment, without waiting.
  func take(_ max: Int = 100, at moment: Date = SpoolFixture.start) throws -> [SpoolEntry] {
    try next(max: max, now: { moment }, timeout: .zero)
  }
}

extension SpoolIntake {
  /// Nothing in `new/` or `deferred/`, nothing in flight.
  var isDrained: Bool { remainder?.isEmpty == true }
}

extension SpoolEntry {
  /// When a deferred entry was to be tried again, as its name tells.
  var dueAt: Date? { parsed.map { Date(unixMilliseconds: $0.due) } }
  /// How often it has been tried.
  var attempts: Int { parsed?.attempts ?? 0 }

  private var parsed: (due: Int64, attempts: Int)? {
    guard folder == .deferred else { return nil }
    return Array(fileName.utf8).withUnsafeBytes { SpoolName.deferral(in: $0).map { ($0.due, $0.attempts) } }
  }
}
