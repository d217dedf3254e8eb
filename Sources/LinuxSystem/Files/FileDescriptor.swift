internal import CLinux
internal import Glibc

/// Owns an open file descriptor and closes it when it goes out of scope.
package struct FileDescriptor: ~Copyable, Sendable {
  package let rawValue: Int32

  package init(owning rawValue: Int32) { self.rawValue = rawValue }

  deinit { _ = Glibc.close(rawValue) }

  /// Gives the descriptor away: whoever takes the number closes it.
  package consuming func release() -> Int32 {
    let value = rawValue
    discard self
    return value
  }

  /// The corresponding C function is `open`, always with `O_CLOEXEC`.
  package static func open(
    _ path: String, _ options: OpenOptions, mode: UInt32 = 0o600
  ) throws(SystemCallError) -> FileDescriptor {
    FileDescriptor(
      owning: try systemCall("open", path) { clinux_open(path, options.rawValue | O_CLOEXEC, mode) })
  }

  /// Opens what stands under `path` for reading, links followed.
  package static func openForReading(_ path: String) throws(SystemCallError) -> FileDescriptor {
    try open(path, .readOnly)
  }

  /// The bytes of a small file, links followed; nil where it holds more than `limit`.
  package static func contents(of path: String, limit: Int) throws(SystemCallError) -> [UInt8]? {
    try openForReading(path).readAll(limit: limit)
  }

  /// Standard input, as a descriptor of its own.
  package static func standardInput() throws(SystemCallError) -> FileDescriptor {
    FileDescriptor(owning: try systemCall("fcntl") { fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) })
  }

  /// Reads once into `buffer`; 0 is the end of the file. The corresponding C function is `read`.
  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemCallError) -> Int {
    try systemCall("read") { Glibc.read(rawValue, buffer.baseAddress, buffer.count) }
  }

  /// Reads to the end of the file, at most `limit` bytes; nil where the file holds more.
  package func readAll(limit: Int) throws(SystemCallError) -> [UInt8]? {
    var bytes = [UInt8]()
    var chunk = min(limit + 1, 4096)
    while true {
      var failure: SystemCallError?
      let piece = [UInt8](unsafeUninitializedCapacity: chunk) { buffer, count in
        do throws(SystemCallError) { count = try read(into: UnsafeMutableRawBufferPointer(buffer)) } catch {
          failure = error
        }
      }
      if let failure { throw failure }
      bytes += piece
      if bytes.count > limit { return nil }
      if piece.isEmpty { return bytes }
      chunk = min(limit + 1 - bytes.count, 65536)
    }
  }

  /// Writes all bytes, however many calls that takes. The corresponding C function is `write`.
  package func writeAll(_ bytes: UnsafeRawBufferPointer) throws(SystemCallError) {
    try wholeWrite(bytes) { start, count throws(SystemCallError) in
      try systemCall("write") { Glibc.write(rawValue, start, count) }
    }
  }

  package func writeAll(_ bytes: [UInt8]) throws(SystemCallError) {
    var failure: SystemCallError?
    bytes.withUnsafeBytes { buffer in
      do throws(SystemCallError) { try writeAll(buffer) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  /// The corresponding C function is `fsync`.
  package func sync() throws(SystemCallError) {
    try systemCall("fsync") { Glibc.fsync(rawValue) }
  }

  /// Makes what was written durable, and of what is about the file only its size. The corresponding C function is
  /// `fdatasync`.
  package func syncData() throws(SystemCallError) {
    try systemCall("fdatasync") { Glibc.fdatasync(rawValue) }
  }

  /// The corresponding C function is `fstat`.
  package func status() throws(SystemCallError) -> FileStatus {
    var status = stat()
    try systemCall("fstat") { Glibc.fstat(rawValue, &status) }
    return FileStatus(status)
  }

  /// Says that its bytes were written now. The corresponding C function is `futimens`.
  package func touch() throws(SystemCallError) {
    try systemCall("futimens") { futimens(rawValue, nil) }
  }

  /// Sets the permission bits. The corresponding C function is `fchmod`.
  package func setMode(_ mode: UInt32) throws(SystemCallError) {
    try systemCall("fchmod") { fchmod(rawValue, mode) }
  }

  /// Gives it to a user and a group; nil leaves that as it is. The corresponding C function is `fchown`.
  package func setOwner(user: UInt32? = nil, group: UInt32? = nil) throws(SystemCallError) {
    try systemCall("fchown") { fchown(rawValue, user ?? .max, group ?? .max) }
  }

  /// Whether nothing can be written where the file lies, as this process sees it. The corresponding C function is
  /// `fstatvfs`.
  package var isOnReadOnlyMount: Bool {
    var status = statvfs()
    return fstatvfs(rawValue, &status) == 0 && status.f_flag & UInt(ST_RDONLY) != 0
  }
}

/// Calls `write` for what is left until nothing is: the one loop around what may take a part only.
func wholeWrite(
  _ bytes: UnsafeRawBufferPointer,
  by write: (_ start: UnsafeRawPointer, _ count: Int) throws(SystemCallError) -> Int
) throws(SystemCallError) {
  guard let base = bytes.baseAddress else { return }
  var offset = 0
  while offset < bytes.count { offset += try write(base + offset, bytes.count - offset) }
}
