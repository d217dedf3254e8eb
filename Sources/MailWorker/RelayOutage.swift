internal import CodeRequests
internal import Documents
internal import FoundationEssentials
internal import LinuxSystem
internal import SMTPDelivery

/// Why no relay is served right now, in a file beside the spool, so that `status` can say what a request waits for.
///
/// On failure: the file is a hint and nothing depends on it. Where it cannot be written it is missing; where a worker
/// died and left it, the next one removes it.
package final class RelayOutage: Sendable {
  private struct State: Sendable {
    var troubles: [String: String] = [:]
    var isPublished = false
  }

  private static let fileName = "relays.json"
  private let directory: String
  private let state = Monitor(State())

  init(directory: String) {
    self.directory = directory
    remove()
  }

  /// Takes note of a relay's trouble, or of its end.
  func note(_ event: RelayEvent) {
    let trouble: String
    switch event {
    case .held(_, let cause, _): trouble = cause.wordsOfHold
    case .down(_, let cause, _), .backingOff(_, let cause, _): trouble = cause.message
    case .recovered: trouble = ""
    case .throttled, .rejecting, .limitLearned, .pipelining, .tokenNotRenewed, .connected: return
    }
    state.withLock { state in
      state.troubles[event.relay] = trouble.isEmpty ? nil : LogText.guarded(trouble)
      if state.isPublished { write(state.troubles) }
    }
  }

  /// No relay is served from now on.
  func publish() {
    state.withLock { state in
      state.isPublished = true
      write(state.troubles)
    }
  }

  /// Mail goes out again, or the worker ends.
  func clear() {
    state.withLock { state in
      if state.isPublished { remove() }
      state.isPublished = false
    }
  }

  private func write(_ troubles: [String: String]) {
    var line = JSONLine()
    line.add("relays", troubles.keys.sorted())
    line.add("reason", troubles.sorted { $0.key < $1.key }.map(\.value).joined(separator: "; "))
    guard let directory = try? Directory(directory) else { return }
    try? directory.publish(
      line.finish() + [0x0A], as: Self.fileName, through: directory, named: ".\(Self.fileName)")
  }

  private func remove() {
    guard let directory = try? Directory(directory) else { return }
    _ = try? directory.remove(".\(Self.fileName)")
    _ = try? directory.remove(Self.fileName)
  }

  /// What the worker of this state directory says; nil where relays are served or no worker said anything.
  package static func reason(in directory: String) -> String? {
    guard
      let bytes = try? FileDescriptor.contents(of: "\(directory)/\(fileName)", limit: 65536),
      let file = try? Document(bytes, as: .json)
    else { return nil }
    return file.root["reason"]?.text
  }
}
