internal import Glibc

extension FileDescriptor {
  /// Whether anybody, in whichever process, has the file open for writing. This one is open for reading alone.
  ///
  /// The kernel grants a read lease only where nobody has (fcntl(2), "Leases"). It is given back at once. Whoever opens
  /// the file in between is held up until then, and this process is sent a signal that it ignores unless asked; the usual
  /// one, SIGIO, would end it.
  ///
  /// - Returns: nil where the kernel does not tell: the file is another user's, or its file system knows no leases.
  package func hasWriter() -> Bool? {
    guard fcntl(rawValue, Lease.setSignal, SIGURG) == 0 else { return nil }
    guard fcntl(rawValue, Lease.set, Int32(F_RDLCK)) != 0 else {
      _ = fcntl(rawValue, Lease.set, Int32(F_UNLCK))
      return false
    }
    return errno == EAGAIN ? true : nil
  }

  /// Commands of Linux that the headers show only to GNU sources.
  private enum Lease {
    static let set: Int32 = 1024
    static let setSignal: Int32 = 10
  }
}
