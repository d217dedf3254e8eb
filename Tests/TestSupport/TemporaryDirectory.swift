internal import Foundation
internal import Glibc

/// A directory of its own for one test, removed with everything in it when the value goes away.
package struct TemporaryDirectory: ~Copyable {
  package enum Place {
    /// A file system without a disk, where there is one with room. Whether bytes outlive a power cut is nothing that a
    /// test here can see, and waiting for it, thousands of times, was half of the time that all tests took.
    case memory
    /// Where files of the system lie: for tests of what the file system itself does, and for programs to be run, which
    /// the other may forbid.
    case disk
  }

  package let path: String

  package init(on place: Place = .memory) throws {
    let parent = (place == .memory ? Self.memory : nil) ?? FileManager.default.temporaryDirectory
    let url = parent.appendingPathComponent("passcode-test-\(UUID().uuidString)", isDirectory: true)
    try FileManager.default.createDirectory(
      at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// For a program that puts its own files where `TMPDIR` says: in memory as well.
  package static var environment: [String: String?] { memory.map { ["TMPDIR": $0.path] } ?? [:] }

  /// A container's may be as small as 64 MiB; all tests at once need a few hundred.
  private static let memory: URL? = {
    let path = "/dev/shm"
    var room = statvfs()
    guard statvfs(path, &room) == 0, room.f_bavail * room.f_frsize >= 2 << 30, access(path, W_OK) == 0 else {
      return nil
    }
    return URL(fileURLWithPath: path, isDirectory: true)
  }()
}

/// Keeps a temporary directory for as long as a class needs it.
package final class TemporaryDirectoryOwner: Sendable {
  private let directory: TemporaryDirectory
  package var path: String { directory.path }
  package init(on place: TemporaryDirectory.Place = .memory) throws {
    directory = try TemporaryDirectory(on: place)
  }
}
