internal import Foundation
internal import Glibc

/// An ext4 file system of its own that can be made to fail under whoever uses it, as a disk does: the kernel aborts its
/// journal, and every write is refused from then on. Needs root and the right to mount a loop device.
package final class FailingFileSystem: Sendable {
  package let directory: TemporaryDirectoryOwner
  package var path: String { "\(directory.path)/failing" }
  private var image: String { "\(directory.path)/image" }

  /// False where tests may not mount: those that need it are skipped.
  package static let isAllowed: Bool = getuid() == 0 && (try? FailingFileSystem()) != nil

  package init() throws {
    directory = try TemporaryDirectoryOwner()
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    guard FileManager.default.createFile(atPath: image, contents: nil), truncate(image, 16 << 20) == 0 else {
      throw Unexpected("no image", String(cString: strerror(errno)))
    }
    try Self.run("mkfs.ext4", "-q", "-F", image)
    try mount()
    guard chmod(path, 0o700) == 0 else { throw Unexpected("chmod failed", path) }
  }

  deinit { _ = try? ChildProcess.run("umount", ["-l", path]) }

  private static func run(_ program: String, _ arguments: String...) throws {
    let result = try ChildProcess.run(program, arguments)
    guard result.status == 0 else { throw Unexpected("\(program) failed", result.description) }
  }

  private func mount() throws { try Self.run("mount", "-o", "loop,errors=remount-ro", image, path) }

  /// From now on it is as after an error of the disk.
  package func abort() throws { try Self.run("mount", "-o", "remount,abort", path) }

  /// Mends and mounts it anew; nobody may use it meanwhile.
  package func repair() throws {
    try Self.run("umount", path)
    // 1: errors were found, and corrected.
    let result = try ChildProcess.run("e2fsck", ["-f", "-y", image])
    guard [0, 1].contains(result.status) else { throw Unexpected("e2fsck failed", result.description) }
    try mount()
  }
}
