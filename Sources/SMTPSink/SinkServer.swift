internal import LinuxSystem

/// A local SMTP server that keeps what it receives, or only counts it, and fails as its recipients ask.
///
/// It listens once it is made, and serves, from one thread of its own, from `start` until `stop` or until nobody
/// holds it any more. `onMessage` is called on that thread, before the client gets its reply, and `onFault` where a
/// message could not be stored, which the client is told with 451; `onRefusal` where a mail, a recipient or a login was
/// refused: all are to be short, and not to stop the server.
package final class SinkServer: Sendable {
  /// The port in use, also where the kernel chose it.
  package let port: UInt16
  /// `host:port`, ready for a URL.
  package let address: String

  private struct State {
    var loop: SinkLoop?
    var thread: LinuxThread?
  }
  private let state: Monitor<State>
  private let wake: WakeEventBox

  /// Binds the address and opens the store.
  ///
  /// - Throws: where the address cannot be listened on or the store cannot be used.
  package init(
    settings: SinkSettings, onMessage: (@Sendable (ReceivedMessage) -> Void)? = nil,
    onRefusal: (@Sendable (SinkRefusal) -> Void)? = nil, onFault: (@Sendable (SinkFault) -> Void)? = nil
  ) throws(SinkFault) {
    let listener = try ListeningSocket(host: settings.host, port: settings.port)
    let room = try Mailroom(settings: settings, onMessage: onMessage, onRefusal: onRefusal, onFault: onFault)
    port = listener.port
    address = settings.host.contains(":") ? "[\(settings.host)]:\(port)" : "\(settings.host):\(port)"
    do throws(SystemCallError) { wake = try WakeEventBox() } catch {
      throw SinkFault(.thread, address, "cannot start: \(error)")
    }
    state = Monitor(State())
    let loop = SinkLoop(listener, room: room, wake: wake)
    state.withLock { $0.loop = loop }
  }

  deinit { stop() }

  /// Begins to serve. A second call does nothing.
  package func start() throws(SinkFault) {
    try state.withLock { state throws(SinkFault) in
      guard let loop = state.loop, state.thread == nil else { return }
      let handover = Handover(loop)
      do throws(SystemCallError) {
        state.thread = try LinuxThread("smtp-sink") { handover.loop.run() }
      } catch {
        throw SinkFault(.thread, address, "cannot start: \(error)")
      }
      state.loop = nil
    }
  }

  /// Says 421 to whoever is connected and closes; a message whose final dot has not come is not kept.
  package func stop() {
    wake.event.signal()
    let thread = state.withLock { state in
      state.loop = nil
      return state.thread
    }
    thread?.join()
  }
}

/// Carries the loop to its thread.
private final class Handover: @unchecked Sendable {
  // Sendable: the server forgets the loop as it starts the thread, which alone touches it from then on.
  let loop: SinkLoop
  init(_ loop: SinkLoop) { self.loop = loop }
}
