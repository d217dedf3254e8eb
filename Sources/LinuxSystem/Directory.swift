package import CLinux
internal import Glibc

/// An open directory. Every name is looked up relative to it, so nothing that happens to the path above
/// changes where a file lands, and links are never followed.
package struct Directory: ~Copyable, Sendable {
  package let descriptor: FileDescriptor
  package let path: String

  /// Opens `path`, which must exist.
  package init(_ path: String) throws(SystemCallError) {
    descriptor = try FileDescriptor.open(path, O_RDONLY | O_DIRECTORY)
    self.path = path
  }

  /// Opens `path`, made first where it is missing (and its parents likewise).
  package static func make(_ path: String, mode: mode_t = 0o700) throws(SystemCallError) -> Directory {
    do throws(SystemCallError) { return try Directory(path) } catch  where error.isNotFound {}
    var parent = path
    while parent.count > 1, parent.hasSuffix("/") { parent.removeLast() }
    if let slash = parent.lastIndex(of: "/"), slash != parent.startIndex {
      _ = try make(String(parent[..<slash]), mode: mode)
    }
    do throws(SystemCallError) {
      try systemCall("mkdir", path) { mkdir(path, mode) }
    } catch  where error.code == EEXIST {}
    return try Directory(path)
  }

  private func name(_ name: String) -> String { "\(path)/\(name)" }

  // Names are lent to C: a string that is passed as it is would be copied first.

  /// Opens a file for reading, without following a link and without waiting on a FIFO.
  package func open(_ file: String) throws(SystemCallError) -> FileDescriptor {
    FileDescriptor(
      owning: try systemCall("open", name(file)) {
        file.withCString {
          clinux_openat_quietly(descriptor.rawValue, $0, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        }
      })
  }

  /// Makes a new file for writing; an error where the name is taken.
  package func create(_ file: String, mode: mode_t = 0o600) throws(SystemCallError) -> FileDescriptor {
    FileDescriptor(
      owning: try systemCall("open", name(file)) {
        clinux_openat(
          descriptor.rawValue, file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
      })
  }

  /// The corresponding C function is `renameat`: an existing target is replaced.
  package func rename(
    _ file: String, to target: borrowing Directory, as newName: String
  ) throws(SystemCallError) {
    let targetDescriptor = target.descriptor.rawValue
    try systemCall("rename", name(file)) {
      renameat(descriptor.rawValue, file, targetDescriptor, newName)
    }
  }

  /// Removes a file; false where there was none.
  @discardableResult
  package func remove(_ file: String) throws(SystemCallError) -> Bool {
    do throws(SystemCallError) {
      try systemCall("unlink", name(file)) { file.withCString { unlinkat(descriptor.rawValue, $0, 0) } }
      return true
    } catch  where error.isNotFound { return false }
  }

  /// What stands under `file`, links not followed; nil where nothing does.
  package func status(of file: String) throws(SystemCallError) -> stat? {
    var status = stat()
    do throws(SystemCallError) {
      try systemCall("stat", name(file)) {
        file.withCString { fstatat(descriptor.rawValue, $0, &status, AT_SYMLINK_NOFOLLOW) }
      }
      return status
    } catch  where error.isNotFound { return nil }
  }

  /// Makes renames and removals in this directory durable.
  package func sync() throws(SystemCallError) {
    try systemCall("fsync", path) { fsync(descriptor.rawValue) }
  }

  /// Calls `body` with each name but `.` and `..`, in the order the file system keeps them, until it returns
  /// false. Holds no list, whatever lies in the directory.
  package func forEachName(_ body: (UnsafeRawBufferPointer) throws -> Bool) throws {
    let copy = try systemCall("open", path) {
      clinux_openat(descriptor.rawValue, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
    }
    guard let stream = fdopendir(copy) else {
      let code = errno
      Glibc.close(copy)
      throw SystemCallError("fdopendir", path, code: code)
    }
    defer { closedir(stream) }
    while true {
      errno = 0
      guard let entry = readdir(stream) else {
        let code = errno
        if code != 0 { throw SystemCallError("readdir", path, code: code) }
        return
      }
      let goOn = try withUnsafePointer(to: &entry.pointee.d_name) { pointer -> Bool in
        let start = UnsafeRawPointer(pointer)
        let length = strlen(start.assumingMemoryBound(to: CChar.self))
        let bytes = UnsafeRawBufferPointer(start: start, count: length)
        if bytes.elementsEqual(".".utf8) || bytes.elementsEqual("..".utf8) { return true }
        return try body(bytes)
      }
      if !goOn { return }
    }
  }

  /// All names in the directory, sorted. For small directories only.
  package func names() throws -> [String] {
    var names: [String] = []
    try forEachName { bytes in
      names.append(String(decoding: bytes, as: UTF8.self))
      return true
    }
    return names.sorted()
  }
}
