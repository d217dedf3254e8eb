internal import CLinux
internal import Glibc

/// A signal, by the name that says what it asks for.
package struct Signal: Hashable, Sendable {
  package let rawValue: Int32

  /// SIGTERM: end, when what is under way is done.
  package static let terminate = Signal(rawValue: SIGTERM)
  /// SIGINT: what Ctrl-C sends.
  package static let interrupt = Signal(rawValue: SIGINT)
  /// SIGHUP: read the configuration again.
  package static let hangUp = Signal(rawValue: SIGHUP)
  /// SIGKILL: end at once; cannot be caught.
  package static let kill = Signal(rawValue: SIGKILL)

  /// What a shell reports of a program that ended by it.
  package var exitStatus: Int32 { 128 + rawValue }

  /// The corresponding C function is `kill`.
  package func send(to process: Int32) { _ = Glibc.kill(process, rawValue) }
}

/// Signals as something to read instead of something that interrupts: they are blocked for the whole process
/// and arrive on a descriptor. Make it before the first thread starts, since threads inherit the mask.
package final class SignalQueue: Sendable {
  private let descriptor: FileDescriptor

  package init(_ signals: [Signal]) throws(SystemCallError) {
    var mask = sigset_t()
    sigemptyset(&mask)
    for signal in signals { sigaddset(&mask, signal.rawValue) }
    let code = pthread_sigmask(SIG_BLOCK, &mask, nil)
    if code != 0 { throw SystemCallError("pthread_sigmask", code: code) }
    descriptor = FileDescriptor(
      owning: try systemCall("signalfd") {
        signalfd(-1, &mask, Int32(SFD_CLOEXEC | SFD_NONBLOCK))
      })
  }

  package var pollDescriptor: Int32 { descriptor.rawValue }

  /// The next signal that has arrived, without waiting.
  package func next() -> Signal? {
    var info = signalfd_siginfo()
    let size = MemoryLayout<signalfd_siginfo>.size
    return Glibc.read(descriptor.rawValue, &info, size) == size
      ? Signal(rawValue: Int32(info.ssi_signo)) : nil
  }
}

/// A broken pipe or connection is an error of the write, not a signal that ends the process.
package func ignoreBrokenPipes() { _ = signal(SIGPIPE, SIG_IGN) }
