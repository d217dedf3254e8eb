internal import Foundation
internal import Glibc

/// A file system of its own with so many bytes or inodes, to fill: a tmpfs, mounted for one test. Needs root and the
/// right to mount.
package final class SmallFileSystem: Sendable {
  package let path: String
  private let directory: TemporaryDirectoryOwner

  /// False where tests may not mount: those that need it are skipped.
  package static let isAllowed: Bool = getuid() == 0 && (try? SmallFileSystem("size=64k")) != nil

  /// - Parameter options: of tmpfs(5), such as `size=1m,nr_inodes=40`.
  package init(_ options: String) throws {
    directory = try TemporaryDirectoryOwner()
    path = "\(directory.path)/small"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    let result = try ChildProcess.run("mount", ["-t", "tmpfs", "-o", "mode=0700,\(options)", "tmpfs", path])
    guard result.status == 0 else { throw Unexpected("mount failed", result.description) }
  }

  deinit {
    if FileManager.default.fileExists(atPath: "\(directory.path)/bound") {
      for name in (try? FileManager.default.contentsOfDirectory(atPath: "\(directory.path)/bound")) ?? [] {
        _ = try? ChildProcess.run("umount", ["-l", "\(path)/\(name)"])
      }
    }
    _ = try? ChildProcess.run("umount", ["-l", path])
  }

  /// Makes `name` a file that lies elsewhere, so that whoever has it open for writing keeps nothing here busy.
  package func bindFile(_ name: String) throws {
    let elsewhere = "\(directory.path)/bound"
    try FileManager.default.createDirectory(atPath: elsewhere, withIntermediateDirectories: true)
    for file in ["\(elsewhere)/\(name)", "\(path)/\(name)"] {
      _ = FileManager.default.createFile(atPath: file, contents: nil, attributes: [.posixPermissions: 0o600])
    }
    let result = try ChildProcess.run("mount", ["--bind", "\(elsewhere)/\(name)", "\(path)/\(name)"])
    guard result.status == 0 else { throw Unexpected("mount failed", result.description) }
  }

  /// `ro` or `rw`; the former only while nothing is open for writing.
  package func remount(_ mode: String) throws {
    let result = try ChildProcess.run("mount", ["-o", "remount,\(mode)", path])
    guard result.status == 0 else { throw Unexpected("remount failed", result.description) }
  }

  /// Takes all bytes that are left.
  package func fill() throws {
    let descriptor = open("\(path)/filler", O_WRONLY | O_CREAT | O_APPEND, 0o600)
    guard descriptor >= 0 else { throw Unexpected("cannot fill", String(cString: strerror(errno))) }
    defer { close(descriptor) }
    let page = [UInt8](repeating: 0x78, count: 4096)
    while write(descriptor, page, page.count) > 0 {}
  }

  /// Takes all inodes that are left.
  package func fillInodes() {
    for index in 0... where !FileManager.default.createFile(atPath: "\(path)/filler\(index)", contents: nil) {
      return
    }
  }

  /// Gives back what was taken.
  package func free() throws {
    for name in try FileManager.default.contentsOfDirectory(atPath: path) where name.hasPrefix("filler") {
      unlink("\(path)/\(name)")
    }
  }
}
