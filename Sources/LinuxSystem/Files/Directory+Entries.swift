internal import CLinux
internal import Glibc

/// What stands under a name.
package enum FileKind: Sendable {
  case regular, directory, link, fifo, socket, device

  init?(directoryType: UInt8) {
    switch Int(directoryType) {
    case 8: self = .regular
    case 4: self = .directory
    case 10: self = .link
    case 1: self = .fifo
    case 12: self = .socket
    case 2, 6: self = .device
    default: return nil  // DT_UNKNOWN: the file system does not tell
    }
  }

  init(mode: mode_t) {
    switch mode & S_IFMT {
    case S_IFREG: self = .regular
    case S_IFDIR: self = .directory
    case S_IFLNK: self = .link
    case S_IFIFO: self = .fifo
    case S_IFSOCK: self = .socket
    default: self = .device
    }
  }
}

extension Directory {
  /// Calls `body` with each name but `.` and `..` and what stands under it, in the order the file system keeps
  /// them, until it returns false. Holds no list, whatever lies in the directory; a name may be removed
  /// meanwhile. The bytes are valid during the call only. A file system that does not tell the kind is asked
  /// for each name; one that is gone by then is skipped.
  package func forEachEntry<Failure: Error>(
    _ body: (UnsafeRawBufferPointer, FileKind) throws(Failure) -> Bool,
    failing wrap: (SystemCallError) -> Failure
  ) throws(Failure) {
    try forEachListed(
      { (bytes, type) throws(Failure) -> Bool in
        if let known = FileKind(directoryType: type) { return try body(bytes, known) }
        var status = stat()
        let name = bytes.baseAddress!.assumingMemoryBound(to: CChar.self)
        guard fstatat(descriptor.rawValue, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return true }
        return try body(bytes, FileKind(mode: status.st_mode))
      }, failing: wrap)
  }

  /// Calls `body` with each name but `.` and `..`, likewise, whatever stands under it.
  package func forEachName(
    _ body: (UnsafeRawBufferPointer) -> Bool
  ) throws(SystemCallError) {
    try forEachListed({ (bytes, _) throws(SystemCallError) in body(bytes) }, failing: { $0 })
  }

  /// The one loop around readdir(3). The bytes are followed by a NUL.
  private func forEachListed<Failure: Error>(
    _ body: (_ name: UnsafeRawBufferPointer, _ type: UInt8) throws(Failure) -> Bool,
    failing wrap: (SystemCallError) -> Failure
  ) throws(Failure) {
    // Opened anew: a copy of the descriptor would share its place in the directory with every other reader.
    let copy = clinux_openat(descriptor.rawValue, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
    guard copy >= 0 else { throw wrap(SystemCallError("open", path, .last)) }
    guard let stream = fdopendir(copy) else {
      let number = ErrorNumber.last
      Glibc.close(copy)
      throw wrap(SystemCallError("fdopendir", path, number))
    }
    defer { closedir(stream) }
    let nameOffset = MemoryLayout<dirent>.offset(of: \.d_name)!
    while true {
      errno = 0
      guard let entry = readdir(stream) else {
        let number = ErrorNumber.last
        if number.rawValue != 0 { throw wrap(SystemCallError("readdir", path, number)) }
        return
      }
      let start = UnsafeRawPointer(entry) + nameOffset
      let bytes = UnsafeRawBufferPointer(
        start: start, count: strlen(start.assumingMemoryBound(to: CChar.self)))
      if bytes[0] == UInt8(ascii: "."), bytes.count == 1 || (bytes.count == 2 && bytes[1] == bytes[0]) {
        continue
      }
      if !(try body(bytes, entry.pointee.d_type)) { return }
    }
  }

  /// What stands under `name`, which may be any bytes, links not followed; nil where nothing does.
  package func fileStatus(ofBytes name: [UInt8]) throws(SystemCallError) -> FileStatus? {
    var status = stat()
    let terminated = name.map { CChar(bitPattern: $0) } + [0]
    do throws(SystemCallError) {
      try systemCall("stat", "\(path)/\(String(decoding: name, as: UTF8.self))") {
        fstatat(descriptor.rawValue, terminated, &status, AT_SYMLINK_NOFOLLOW)
      }
      return FileStatus(status)
    } catch  where error.isNotFound { return nil }
  }

  /// Renames what stands under `name`, which may be any bytes, unless `newName` is taken.
  ///
  /// - Returns: false where it is taken.
  package func rename(
    bytes name: [UInt8], to target: borrowing Directory, asFree newName: String
  ) throws(SystemCallError) -> Bool {
    let targetDescriptor = target.descriptor.rawValue
    let terminated = name.map { CChar(bitPattern: $0) } + [0]
    do throws(SystemCallError) {
      try systemCall("rename", "\(path)/\(String(decoding: name, as: UTF8.self))") {
        clinux_rename_noreplace(descriptor.rawValue, terminated, targetDescriptor, newName)
      }
      return true
    } catch  where error.number == .exists { return false }
  }
}

extension Directory {
  /// Opens and reads a regular file without following a link or waiting on a FIFO.
  ///
  /// - Returns: its status, and its bytes; nil for the bytes where it is no regular file or holds more than
  ///   `limit`.
  package func readRegularFile(
    _ file: String, limit: Int
  ) throws(SystemCallError) -> (status: FileStatus, bytes: [UInt8]?) {
    let descriptor = try open(file)
    let status = try descriptor.status()
    guard status.kind == .regular, status.size <= limit else { return (status, nil) }
    // One byte more than it has: a read that comes back short has reached the end.
    let room = Int(status.size) + 1
    var bytes = [UInt8](repeating: 0, count: room)
    let count = try bytes.withUnsafeMutableBufferPointer { buffer throws(SystemCallError) in
      try descriptor.read(into: UnsafeMutableRawBufferPointer(buffer))
    }
    bytes.removeLast(room - count)
    if bytes.count < room { return (status, bytes) }
    // It has grown since it was opened.
    guard let rest = try descriptor.readAll(limit: limit - bytes.count) else { return (status, nil) }
    return (status, bytes + rest)
  }
}
