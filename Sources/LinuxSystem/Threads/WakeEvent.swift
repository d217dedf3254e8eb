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
