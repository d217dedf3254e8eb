internal import CLibcurl
internal import LinuxSystem

/// One connection to a relay: connected, encrypted and authenticated by libcurl, then a pipe for our own
/// commands and the relay's replies.
///
/// Each has a libcurl handle of its own with one TLS configuration that never changes: libcurl has mixed up
/// connections of differing configurations before (CVE-2026-4873). Used by one thread.
final class RelayConnection {
  /// Why a wait for a reply or a send ended without one.
  enum Failure { case connectionLost, timedOut, malformedReply, cancelled }

  let handle: UnsafeMutableRawPointer
  let transcript: SessionTranscript
  let features: RelayFeatures
  let isEncrypted: Bool
  let connectedAt: Duration
  private(set) var connectTook: Duration
  /// Which of the name's addresses it goes to, and whether there are others. Known once it stands.
  private(set) var address: SocketAddress?
  private(set) var hasOtherAddresses = false
  /// The last reply that `readReply` returned; its text is valid until the next.
  private(set) var parser = ReplyParser()
  /// True once a transaction, or an idle time, lies behind it.
  var isReused = false
  /// How many transactions were begun on it, and how many mails it has taken.
  var mailsBegun = 0
  var mailsTaken = 0
  var idleSince: Duration
  private var ownsHandle = true
  private let socket: Int32
  private let cancel: CancelFlag
  private let input: UnsafeMutableRawBufferPointer
  private var inputStart = 0
  private var inputEnd = 0

  /// Takes over a handle that `connect` has brought to the end of AUTH.
  init(
    handle: UnsafeMutableRawPointer, socket: Int32, transcript: SessionTranscript, isEncrypted: Bool,
    cancel: CancelFlag, connectedAt: Duration, took: Duration
  ) {
    self.handle = handle
    self.socket = socket
    self.transcript = transcript
    self.features = transcript.features
    self.isEncrypted = isEncrypted
    self.cancel = cancel
    self.connectedAt = connectedAt
    self.connectTook = took
    idleSince = connectedAt
    input = .allocate(byteCount: 16 * 1024, alignment: 16)
  }

  deinit {
    // libcurl sends no QUIT for a CONNECT_ONLY connection and waits for nothing here.
    if ownsHandle { clibcurl_easy_cleanup(handle) }
    input.deallocate()
  }

  /// The connection comes to nothing: the handle stays with the attempt, which a probe still reads.
  func giveBackHandle() { ownsHandle = false }

  /// What was said after libcurl had done its part counts as connecting too.
  func noteLogin(took: Duration) { connectTook = took }

  func noteReached(_ address: SocketAddress, hasOthers: Bool) {
    (self.address, hasOtherAddresses) = (address, hasOthers)
  }

  /// Bytes came that no command had asked for.
  var hasUnaskedInput: Bool { inputStart < inputEnd || !parser.isBetweenReplies }

  /// Sends all bytes.
  ///
  /// - Parameter handed: how many may have left, also when it fails. Over TLS that counts the record that failed.
  func send(_ bytes: UnsafeBufferPointer<UInt8>, timeout: Duration, handed: inout Int) -> Failure? {
    var offset = 0
    var deadline: Duration?
    while offset < bytes.count {
      // One TLS record at a time, so that a failure tells which bytes may have left.
      let size = isEncrypted ? min(bytes.count - offset, 16 * 1024) : bytes.count - offset
      var count = 0
      let code = clibcurl_easy_send(handle, bytes.baseAddress! + offset, size, &count)
      switch code {
      case CURLE_OK:
        offset += count
        handed = offset
      case CURLE_AGAIN:
        let now = monotonicTime()
        let limit = deadline ?? now + timeout
        deadline = limit
        if let failure = wait(for: .output, until: limit, now: now) {
          if isEncrypted { handed = offset + size }
          return failure
        }
      default:
        if isEncrypted { handed = offset + size }
        return .connectionLost
      }
    }
    return nil
  }

  func send(_ bytes: UnsafeBufferPointer<UInt8>, timeout: Duration) -> Failure? {
    var handed = 0
    return send(bytes, timeout: timeout, handed: &handed)
  }

  func send(_ command: StaticString, timeout: Duration) -> Failure? {
    send(
      UnsafeBufferPointer(start: command.utf8Start, count: command.utf8CodeUnitCount), timeout: timeout)
  }

  /// Reads one whole reply; `parser` then holds its code and text.
  ///
  /// - Parameter timeout: for the reply as a whole, so that one byte a second is no answer either.
  func readReply(timeout: Duration) -> Failure? {
    var deadline: Duration?
    var mayHoldDecrypted = isEncrypted
    while true {
      if inputStart < inputEnd {
        var start = inputStart
        let step = parser.consume(UnsafeRawBufferPointer(rebasing: input[..<inputEnd]), from: &start)
        inputStart = start
        switch step {
        case .reply: return nil
        case .malformed: return .malformedReply
        case .needsMore: break
        }
      }
      // Plaintext: what came is in the kernel, and poll tells. TLS: libcurl may hold decrypted bytes that poll
      // knows nothing of, so it is read until it has none.
      if !mayHoldDecrypted {
        let now = monotonicTime()
        let limit = deadline ?? now + timeout
        deadline = limit
        if let failure = wait(for: .input, until: limit, now: now) { return failure }
      }
      switch receive() {
      case .some(.none): mayHoldDecrypted = isEncrypted
      case .some(.some(let failure)): return failure
      case .none: mayHoldDecrypted = false
      }
    }
  }

  /// Reads once into the empty buffer.
  ///
  /// - Returns: nil where nothing is there, `.some(nil)` where bytes came.
  private func receive() -> Failure?? {
    var count = 0
    switch clibcurl_easy_recv(handle, input.baseAddress, input.count, &count) {
    case CURLE_OK where count > 0:
      inputStart = 0
      inputEnd = count
      return .some(nil)
    case CURLE_AGAIN: return nil
    default: return .some(.connectionLost)
    }
  }

  /// True where an idle connection is still one: no FIN, no 421, nothing at all has come.
  func isQuiet() -> Bool {
    guard !hasUnaskedInput else { return false }
    return switch receive() {
    case .none: true
    case .some: false
    }
  }

  private func wait(for events: PollEvents, until deadline: Duration, now: Duration) -> Failure? {
    var now = now
    while true {
      let left = deadline - now
      guard left > .zero else { return .timedOut }
      let (isReady, isCancelled) = LinuxSystem.wait(
        for: events, on: socket, orReadable: cancel.pollDescriptor, milliseconds: left.wholeMilliseconds)
      if isReady { return isCancelled ? .cancelled : nil }
      now = monotonicTime()
    }
  }

  /// Says goodbye with a short limit, which nothing depends on.
  func quit(timeout: Duration) {
    if send("QUIT\r\n", timeout: timeout) == nil { _ = readReply(timeout: timeout) }
  }
}
