internal import CLinux
internal import Glibc

/// Signals as something to read instead of something that interrupts: they are blocked for the whole process
/// and arrive on a descriptor. Make it before the first thread starts, since threads inherit the mask.
package final class SignalQueue: Sendable {
  private let descriptor: FileDescriptor

  package init(_ signals: [Int32]) throws(SystemCallError) {
    var mask = sigset_t()
    sigemptyset(&mask)
    for signal in signals { sigaddset(&mask, signal) }
    let code = pthread_sigmask(SIG_BLOCK, &mask, nil)
    if code != 0 { throw SystemCallError("pthread_sigmask", code: code) }
    descriptor = FileDescriptor(
      owning: try systemCall("signalfd") {
        signalfd(-1, &mask, Int32(SFD_CLOEXEC | SFD_NONBLOCK))
      })
  }

  package var pollDescriptor: Int32 { descriptor.rawValue }

  /// The next signal that has arrived, without waiting.
  package func next() -> Int32? {
    var info = signalfd_siginfo()
    let size = MemoryLayout<signalfd_siginfo>.size
    return Glibc.read(descriptor.rawValue, &info, size) == size ? Int32(info.ssi_signo) : nil
  }
}

/// A broken pipe or connection is an error of the write, not a signal that ends the process.
package func ignoreBrokenPipes() { _ = signal(SIGPIPE, SIG_IGN) }
