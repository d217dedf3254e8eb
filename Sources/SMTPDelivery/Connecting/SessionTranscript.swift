internal import CLibcurl
internal import LinuxSystem

/// What the relay said while libcurl connected, line by line as the header callback hands it over: the only
/// source for EHLO's features and for what was answered last. libcurl's own response code can be stale.
///
/// Used by one thread. It is bounded: a relay that talks on is cut off, and so is one that takes longer for a step than
/// its settings allow. Lines that are no reply are passed over, as libcurl does.
final class SessionTranscript {
  private(set) var features = RelayFeatures()
  private(set) var lastReply = ReplyParser()
  private(set) var sawReply = false
  /// 235 came.
  private(set) var isAuthenticated = false
  /// The last EHLO came after STARTTLS was accepted.
  private(set) var startedTLS = false
  private(set) var greeting = ""
  /// Where libcurl stands, as far as the lines tell.
  private(set) var stage = DeliveryStage.connect
  private var isInsideReply = false
  private var size = 0
  /// When each reply was complete, for the probe.
  private(set) var moments: [(code: Int, at: Duration)] = []
  private var acceptedTLS = false
  /// A step took too long: libcurl was told to end.
  private(set) var hasTimedOut = false
  /// The step that libcurl is at began then.
  private var stepBegan = Duration.zero
  private var isShakingHands = false
  private var timing = RelayTiming()
  private var handle: UnsafeMutableRawPointer?
  /// The relay refused a token that we had fetched: another try with a new one is due.
  private(set) var refusedToken = false
  let isCancelled: CancelFlag

  init(isCancelled: CancelFlag) { self.isCancelled = isCancelled }

  /// libcurl begins on a connected socket.
  ///
  /// - Parameter handle: libcurl's, which this does not own.
  func begin(_ handle: UnsafeMutableRawPointer, isImplicit: Bool, timing: RelayTiming, at time: Duration) {
    self.handle = handle
    self.timing = timing
    stepBegan = time
    isShakingHands = isImplicit
  }

  /// The handle goes another way: nothing is asked of it any more.
  func end() { handle = nil }

  /// Whether libcurl may go on waiting. TLS has `connect` for its time, each reply `reply`; libcurl asks about once a
  /// second.
  func mayGoOn() -> Bool {
    if isCancelled.isSet { return false }
    guard let handle else { return true }
    let now = monotonicTime()
    if isShakingHands {
      var moment: curl_off_t = 0
      clibcurl_get_offset(handle, CURLINFO_APPCONNECT_TIME_T, &moment)
      if moment > 0 { (isShakingHands, stepBegan) = (false, now) }
    }
    hasTimedOut = now - stepBegan > (isShakingHands ? timing.connect : timing.reply)
    return !hasTimedOut
  }

  func noteRefusedToken() { refusedToken = true }

  /// - Returns: false where the relay has said more than any relay does.
  func add(_ bytes: UnsafeRawBufferPointer) -> Bool {
    size += bytes.count
    if size > 512 * 1024 { return false }
    var offset = 0
    var step = lastReply.consume(bytes, from: &offset)
    if step == .malformed {
      // Not of the reply before it: perhaps the start of one, perhaps nothing.
      lastReply = ReplyParser()
      offset = 0
      step = lastReply.consume(bytes, from: &offset)
      if step == .malformed {
        lastReply = ReplyParser()
        return true
      }
    }
    noteFeature(bytes)
    guard step == .reply else { return true }
    sawReply = true
    stepBegan = monotonicTime()
    if moments.count < 32 { moments.append((lastReply.code, monotonicTime())) }
    if greeting.isEmpty { greeting = String(decoding: lastReply.text, as: UTF8.self) }
    switch lastReply.code {
    case 220 where moments.count > 1:
      acceptedTLS = true
      isShakingHands = true
      stage = .tls
    case 235: isAuthenticated = true
    case 334: stage = .authentication
    case 250:
      if acceptedTLS { startedTLS = true }
      stage = features.mechanisms.isEmpty ? .connect : .authentication
    default: break
    }
    return true
  }

  private func noteFeature(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= 4, bytes[0] == UInt8(ascii: "2"), bytes[1] == UInt8(ascii: "5"),
      bytes[2] == UInt8(ascii: "0")
    else {
      isInsideReply = false
      return
    }
    if isInsideReply {
      var end = bytes.count
      while end > 4, bytes[end - 1] <= 0x20 { end -= 1 }
      features.add(String(decoding: bytes[4..<min(end, 512)], as: UTF8.self))
    } else {
      // A new EHLO reply replaces what an earlier one said (RFC 3207 4.2).
      features = RelayFeatures()
    }
    isInsideReply = bytes[3] == UInt8(ascii: "-")
  }
}

// File-scope functions: libcurl calls them on lane threads, where a closure that inherited an actor would trap.

func transcriptHeaderCallback(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let bytes, let context else { return 0 }
  let transcript = Unmanaged<SessionTranscript>.fromOpaque(context).takeUnretainedValue()
  let line = UnsafeMutableRawBufferPointer(start: bytes, count: size * count)
  // libcurl knows EHLO's keywords in upper case alone (RFC 5321 4.1.1.1 has them in any), and reads them from these very
  // bytes after this call. Where another version read them from elsewhere, what it then leaves out is refused:
  // STARTTLS seen and not used, AUTH offered and not done.
  RelayFeatures.spellForLibcurl(line)
  return transcript.add(UnsafeRawBufferPointer(line)) ? size * count : 0
}

func transcriptProgressCallback(
  _ context: UnsafeMutableRawPointer?, _: curl_off_t, _: curl_off_t, _: curl_off_t, _: curl_off_t
) -> Int32 {
  guard let context else { return 0 }
  return Unmanaged<SessionTranscript>.fromOpaque(context).takeUnretainedValue().mayGoOn() ? 0 : 1
}
