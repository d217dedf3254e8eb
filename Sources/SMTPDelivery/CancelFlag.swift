internal import LinuxSystem
internal import Synchronization

/// Ends the waits of all lanes of a dispatcher at once, on sockets as in libcurl.
final class CancelFlag: Sendable {
  private let flag = Atomic(false)
  private let event: WakeEvent

  init() throws(SystemCallError) { event = try WakeEvent() }

  var isSet: Bool { flag.load(ordering: .acquiring) }
  /// Readable once it is set, and ever after.
  var pollDescriptor: Int32 { event.descriptor.rawValue }

  func set() {
    flag.store(true, ordering: .releasing)
    event.signal()
  }
}
