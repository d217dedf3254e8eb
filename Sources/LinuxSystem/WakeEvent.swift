internal import CLinux
internal import Glibc

/// An eventfd: any thread (or signal handler) may call `signal()`; a thread that polls descriptors wakes.
package struct WakeEvent: ~Copyable, Sendable {
  package let descriptor: FileDescriptor

  package init() throws(SystemCallError) {
    descriptor = FileDescriptor(
      owning: try systemCall("eventfd") { eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK)) })
  }

  package func signal() {
    var one: UInt64 = 1
    _ = Glibc.write(descriptor.rawValue, &one, 8)
  }

  /// Forgets signals given so far; true where there was one.
  @discardableResult
  package func clear() -> Bool {
    var count: UInt64 = 0
    return Glibc.read(descriptor.rawValue, &count, 8) == 8
  }
}

/// Waits until one of `descriptors` can be read (or has hung up), or the time is over.
/// The corresponding C function is `poll`.
///
/// - Parameter milliseconds: -1 waits without end.
/// - Returns: which of them are ready, in the order given.
package func waitReadable(_ descriptors: [Int32], milliseconds: Int) throws(SystemCallError) -> [Bool] {
  var polled = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
  if poll(&polled, nfds_t(polled.count), Int32(clamping: milliseconds)) < 0 {
    let code = errno
    if code != EINTR { throw SystemCallError("poll", code: code) }
    return descriptors.map { _ in false }
  }
  return polled.map { $0.revents != 0 }
}
