internal import CLinux
internal import Glibc

extension FileLock {
  /// Whether another holds the lock, or has it through another open file. Makes no file; where none is there, nobody
  /// holds it.
  ///
  /// Asks for a shared lock and gives it back at once: who asks at the same time is in nobody's way, and who wants the
  /// lock itself in that moment finds it taken, and waits a microsecond for it.
  package static func isHeld(_ path: String) throws(SystemCallError) -> Bool {
    do throws(SystemCallError) {
      let descriptor = try FileDescriptor.open(path, [.readOnly, .noFollow])
      try systemCall("flock", path) { flock(descriptor.rawValue, LOCK_SH | LOCK_NB) }
      return false
    } catch {
      if error.number == .wouldBlock { return true }
      if error.isNotFound { return false }
      throw error
    }
  }

  /// How many processes of this machine wait for the lock, as far as this one may see them: `/proc/locks` leaves out
  /// those of other containers.
  package static func waiterCount(_ path: String) -> Int {
    guard let status = try? FileDescriptor.open(path, [.readOnly, .noFollow]).status(),
      let bytes = try? FileDescriptor.contents(of: "/proc/locks", limit: 1 << 22)
    else { return 0 }
    return waiterCount(String(decoding: bytes, as: UTF8.self), inode: status.inode)
  }

  /// `3: -> FLOCK  ADVISORY  WRITE 4243 00:36:1311 0 EOF`: process 4243 waits for the lock of the file with inode 1311.
  static func waiterCount(_ table: String, inode: UInt64) -> Int {
    table.split(separator: "\n").count { line in
      let words = line.split(separator: " ")
      return words.count >= 7 && words[1] == "->" && words[2] == "FLOCK"
        && words[6].split(separator: ":").last == "\(inode)"
    }
  }
}
