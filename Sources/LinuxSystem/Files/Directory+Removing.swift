internal import CLinux
internal import Glibc

extension Directory {
  /// So deep a tree is removed at most; what lies deeper stays.
  private static let mostDepth = 64

  /// Removes what stands under `name`, whatever it is, a directory with all that is in it. Nothing is followed out of it.
  ///
  /// - Parameter left: how many names may be removed yet; counted down.
  /// - Returns: false where something is left since that was not enough.
  package func removeTree(_ name: [UInt8], atMost left: inout Int) throws(SystemCallError) -> Bool {
    try Self.removeTree(name, in: descriptor.rawValue, path, 0, &left)
  }

  private static func removeTree(
    _ name: [UInt8], in directory: Int32, _ path: String, _ depth: Int, _ left: inout Int
  ) throws(SystemCallError) -> Bool {
    guard left > 0 else { return false }
    let terminated = name.map { CChar(bitPattern: $0) } + [0]
    let shown = "\(path)/\(String(decoding: name, as: UTF8.self))"
    do throws(SystemCallError) {
      try systemCall("unlink", shown) { unlinkat(directory, terminated, 0) }
      left -= 1
      return true
    } catch {
      if error.isNotFound { return true }
      guard error.number == .isDirectory || error.number == .notPermitted, depth < mostDepth else {
        throw error
      }
    }
    let inside = Directory(
      descriptor: FileDescriptor(
        owning: try systemCall("open", shown) {
          clinux_openat(directory, terminated, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0)
        }), path: shown)
    // Collected first, as many as may go: a directory that changes while it is read may tell a name twice.
    var names: [[UInt8]] = []
    try inside.forEachName { bytes in
      names.append(Array(bytes))
      return names.count < left
    }
    for name in names {
      guard try removeTree(name, in: inside.descriptor.rawValue, shown, depth + 1, &left) else {
        return false
      }
    }
    guard left > 0 else { return false }
    do throws(SystemCallError) {
      try systemCall("rmdir", shown) { unlinkat(directory, terminated, AT_REMOVEDIR) }
    } catch  where error.number == .notEmpty {
      return false
    } catch  where error.isNotFound {}
    left -= 1
    return true
  }

  private init(descriptor: consuming FileDescriptor, path: String) {
    self.descriptor = descriptor
    self.path = path
  }
}
