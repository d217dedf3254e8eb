internal import CLibcurl

/// What the relay said while libcurl connected, line by line as the header callback hands it over: the only
/// source for EHLO's features and for what was answered last. libcurl's own response code can be stale.
///
/// Used by one thread. It is bounded: a relay that talks on is cut off.
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
  /// The relay refused a token that we had fetched: another try with a new one is due.
  private(set) var refusedToken = false
  let isCancelled: CancelFlag

  init(isCancelled: CancelFlag) { self.isCancelled = isCancelled }

  func noteRefusedToken() { refusedToken = true }

  /// - Returns: false where the relay has said more than any relay does.
  func add(_ bytes: UnsafeRawBufferPointer) -> Bool {
    size += bytes.count
    if size > 512 * 1024 { return false }
    var offset = 0
    let step = lastReply.consume(bytes, from: &offset)
    noteFeature(bytes)
    switch step {
    case .malformed: return false
    case .needsMore: return true
    case .reply: break
    }
    sawReply = true
    if moments.count < 32 { moments.append((lastReply.code, monotonicTime())) }
    if greeting.isEmpty { greeting = String(decoding: lastReply.text, as: UTF8.self) }
    switch lastReply.code {
    case 220 where moments.count > 1:
      acceptedTLS = true
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
  return transcript.add(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
}

func transcriptProgressCallback(
  _ context: UnsafeMutableRawPointer?, _: curl_off_t, _: curl_off_t, _: curl_off_t, _: curl_off_t
) -> Int32 {
  guard let context else { return 0 }
  return Unmanaged<SessionTranscript>.fromOpaque(context).takeUnretainedValue().isCancelled.isSet ? 1 : 0
}
