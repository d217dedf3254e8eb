internal import CLinux
internal import Glibc

/// Tells systemd how the service is doing, as sd_notify(3) describes the protocol: one datagram to the socket
/// in `NOTIFY_SOCKET`. Without that variable nothing is sent, and a failure to send is not an error: the
/// service works the same without a supervisor.
package struct ServiceNotification: Sendable {
  private let path: String?
  /// How often `WATCHDOG=1` must be sent: half of what systemd allows; nil where it asks for none.
  package let watchdogInterval: Duration?

  package init(environment: [String: String]) {
    path = environment["NOTIFY_SOCKET"].flatMap { $0.isEmpty ? nil : $0 }
    let isOurs = environment["WATCHDOG_PID"].map { $0 == String(getpid()) } ?? true
    watchdogInterval = environment["WATCHDOG_USEC"].flatMap { Int64($0) }
      .flatMap { isOurs && $0 > 0 ? .microseconds($0 / 2) : nil }
  }

  /// Says that a reload begins; `READY=1` ends it. The time lets systemd tell the `READY=1` of this reload from that of
  /// one before (`Type=notify-reload`, systemd.service(5)).
  package func sendReloading() {
    send("RELOADING=1\nMONOTONIC_USEC=\(monotonicNanoseconds() / 1000)")
  }

  /// Sends a state such as `READY=1`.
  package func send(_ state: String) {
    guard let path else { return }
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return }
    let owner = FileDescriptor(owning: descriptor)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var name = Array(path.utf8)
    guard name.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
    // A leading @ stands for the NUL of an abstract socket.
    if name[0] == UInt8(ascii: "@") { name[0] = 0 }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
    // A supervisor that does not read must not stop the service.
    var limit = timeval(tv_sec: 1, tv_usec: 0)
    setsockopt(
      owner.rawValue, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
    let bytes = Array(state.utf8)
    _ = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        sendto(owner.rawValue, bytes, bytes.count, Int32(MSG_NOSIGNAL), $0, length)
      }
    }
  }
}
