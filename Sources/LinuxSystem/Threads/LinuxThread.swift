internal import CLinux
internal import Glibc

/// A thread of its own for work that blocks, so that nothing ever blocks Swift's cooperative pool.
package final class LinuxThread: @unchecked Sendable {
  // Sendable: `handle` is set once before the value is shared; `isJoined` is behind the monitor.
  private var handle = pthread_t()
  private let isJoined = Monitor(false)

  private final class Start {
    let name: String
    let body: @Sendable () -> Void
    init(name: String, body: @escaping @Sendable () -> Void) {
      self.name = name
      self.body = body
    }
  }

  /// Starts a thread.
  ///
  /// - Parameter name: what `top -H` and `gdb` show, at most 15 bytes.
  package init(
    _ name: String, stackSize: Int = 512 * 1024, _ body: @escaping @Sendable () -> Void
  ) throws(SystemCallError) {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setstacksize(&attributes, stackSize)
    defer { pthread_attr_destroy(&attributes) }
    let start = Unmanaged.passRetained(Start(name: name, body: body))
    let code = pthread_create(&handle, &attributes, linuxThreadMain, start.toOpaque())
    if code != 0 {
      start.release()
      throw SystemCallError("pthread_create", name, code: code)
    }
  }

  /// Waits until the thread has ended. Safe to call more than once.
  package func join() {
    isJoined.withLock { joined in
      if !joined { pthread_join(handle, nil) }
      joined = true
    }
  }

  /// Lets the other threads go first from here on, where there is less processor time than work. For the calling thread,
  /// as `nice` is on Linux. Where the kernel refuses, nothing changes.
  package static func yieldToOthers() { setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10) }

  /// Lets other threads that are ready run before this one goes on. The corresponding C function is `sched_yield`.
  package static func yield() { sched_yield() }

  /// Does nothing for so long. The corresponding C function is `nanosleep`.
  package static func sleep(for duration: Duration) {
    let (seconds, attoseconds) = max(duration, .zero).components
    var left = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    var rest = timespec()
    while nanosleep(&left, &rest) != 0, ErrorNumber.last == .interrupted { left = rest }
  }

  deinit {
    if !isJoined.withLock({ $0 }) { pthread_detach(handle) }
  }

  fileprivate static func run(_ context: UnsafeMutableRawPointer) {
    let start = Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
    clinux_set_thread_name(pthread_self(), String(start.name.prefix(15)))
    start.body()
  }
}

// File-scope: C calls it on the new thread, where a closure that inherited an actor would trap.
private func linuxThreadMain(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  if let context { LinuxThread.run(context) }
  return nil
}
