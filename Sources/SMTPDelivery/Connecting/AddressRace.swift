internal import LinuxSystem

/// Connects to one of several addresses of a relay: the first that answers wins (in the spirit of RFC 8305).
///
/// The next address joins in where the one before it fails, has no connection within `stagger`, or has one and does not
/// greet within `greetingStagger`; nobody is given up for that, so that a relay which greets late on purpose is waited
/// for. Where TLS comes first there is no greeting to look at, and the connection is what wins.
///
/// On failure: an address that refuses, closes, greets with 4xx or 5xx, speaks no SMTP or stays silent is told of, with
/// what it said, and only when none is left has the race failed.
struct AddressRace: ~Copyable {
  /// Before the next address is tried beside one that has not connected (RFC 8305 5).
  static let stagger = Duration.milliseconds(250)
  /// The same for one that has, and has not greeted.
  static let greetingStagger = Duration.seconds(2)

  struct Failure: Error {
    let address: SocketAddress
    let incident: Incident
    /// The greeting that was no welcome; or nothing.
    var greeting: ReplyParser?
    /// Its first byte was of a TLS record: that port wants TLS from the first byte.
    var spokeTLS = false
    /// It took the connection, and for a second or more no byte came.
    var wasSilent = false
    /// When TCP stood; nil where it never did.
    var connectedAt: Duration?
  }

  struct Winner: ~Copyable {
    let address: SocketAddress
    let socket: FileDescriptor
    /// When TCP stood.
    let connectedAt: Duration
  }

  private struct Runner {
    let address: SocketAddress
    var descriptor: Int32
    var deadline: Duration
    var connectedAt: Duration?
    /// What came is no whole greeting line yet: it is looked at again after a moment, not when there is input.
    var isHalf = false
  }

  private let awaitsGreeting: Bool
  private let timing: RelayTiming
  private let cancel: CancelFlag
  private var waiting: [SocketAddress]
  private var runners: [Runner] = []
  private(set) var failures: [Failure] = []
  private(set) var wasCancelled = false

  /// - Parameter awaitsGreeting: false where TLS comes before it.
  init(_ addresses: [SocketAddress], awaitsGreeting: Bool, timing: RelayTiming, cancel: CancelFlag) {
    waiting = addresses
    self.awaitsGreeting = awaitsGreeting
    self.timing = timing
    self.cancel = cancel
  }

  deinit { for runner in runners { _ = FileDescriptor(owning: runner.descriptor) } }

  /// - Returns: nil where no address is left, or the dispatcher stops; `failures` and `wasCancelled` tell.
  mutating func run() -> Winner? {
    var nextStart = Duration.zero
    while true {
      let now = monotonicTime()
      if !waiting.isEmpty, runners.isEmpty || now >= nextStart {
        start(waiting.removeFirst(), now: now)
        nextStart = now + Self.stagger
      }
      guard !runners.isEmpty || !waiting.isEmpty else { return nil }
      for index in runners.indices.reversed() where runners[index].deadline <= now {
        fail(index, .timedOut)
        nextStart = now
      }
      let wake = (runners.map(\.deadline) + (waiting.isEmpty ? [] : [nextStart])).min() ?? now
      let failed = failures.count
      if let winner = wait(until: wake, nextStart: &nextStart) { return winner }
      if wasCancelled { return nil }
      if failures.count > failed { nextStart = monotonicTime() }
    }
  }

  private mutating func start(_ address: SocketAddress, now: Duration) {
    guard let socket = try? StreamSocket.beginConnecting(to: address) else {
      failures.append(Failure(address: address, incident: .refused))
      return
    }
    runners.append(Runner(address: address, descriptor: socket.release(), deadline: now + timing.connect))
  }

  private mutating func fail(
    _ index: Int, _ incident: Incident, greeting: ReplyParser? = nil, spokeTLS: Bool = false
  ) {
    let runner = runners.remove(at: index)
    _ = FileDescriptor(owning: runner.descriptor)
    let isSilence = incident == .timedOut || incident == .connectionLost
    let wait = runner.connectedAt.map { monotonicTime() - $0 } ?? .zero
    failures.append(
      Failure(
        address: runner.address, incident: incident, greeting: greeting, spokeTLS: spokeTLS,
        wasSilent: isSilence && !runner.isHalf && wait >= .seconds(1), connectedAt: runner.connectedAt))
  }

  private mutating func wait(until wake: Duration, nextStart: inout Duration) -> Winner? {
    var polled = PollSet()
    for runner in runners {
      polled.add(runner.isHalf ? nil : runner.descriptor, runner.connectedAt == nil ? .output : .input)
    }
    polled.add(cancel.pollDescriptor, .input)
    var left = max(0, (wake - monotonicTime()).wholeMilliseconds)
    if runners.contains(where: \.isHalf) { left = min(left, 10) }
    guard polled.wait(milliseconds: left) else { return nil }
    if !polled[runners.count].isEmpty {
      wasCancelled = true
      return nil
    }
    let now = monotonicTime()
    for index in runners.indices.reversed() where runners[index].isHalf || !polled[index].isEmpty {
      if runners[index].connectedAt == nil {
        guard takeConnection(index, now: now) else { continue }
        if !awaitsGreeting { return win(index) }
        runners[index].deadline = now + timing.reply
        nextStart = max(nextStart, now + Self.greetingStagger)
      } else if takeGreeting(index) {
        return win(index)
      }
    }
    return nil
  }

  private mutating func takeConnection(_ index: Int, now: Duration) -> Bool {
    guard StreamSocket.connectionFault(of: runners[index].descriptor) == nil else {
      fail(index, .refused)
      return false
    }
    runners[index].connectedAt = now
    return true
  }

  /// Looks at what came and leaves it there, for libcurl. An empty line before the greeting is passed over.
  ///
  /// - Returns: true for a 2xx.
  private mutating func takeGreeting(_ index: Int) -> Bool {
    var bytes = [UInt8](repeating: 0, count: 2048)
    let transfer = bytes.withUnsafeMutableBytes {
      StreamSocket.receive(from: runners[index].descriptor, into: $0, leavesIt: true)
    }
    let count: Int
    switch transfer {
    case .moved(let moved): count = moved
    case .wouldBlock: return false
    case .ended:
      fail(index, .connectionLost)
      return false
    }
    let said = bytes[..<count].drop { $0 <= 0x20 }
    // A TLS alert or handshake (RFC 8446 5.1): the port waited for ours, or cannot read what it took for one.
    if let first = said.first, first == 0x15 || first == 0x16 {
      fail(index, .handshakeFailed, spokeTLS: true)
      return false
    }
    var parser = ReplyParser()
    var offset = 0
    let step = said.withUnsafeBytes { parser.consume($0, from: &offset) }
    if step == .malformed {
      fail(index, .malformedReply)
      return false
    }
    // The code of the first line decides, however many follow.
    let isKnown = said.count >= 4
    if isKnown, said.first == UInt8(ascii: "2") { return true }
    if step == .reply || isKnown && count == bytes.count {
      fail(index, .reply(code: parser.code, enhanced: parser.enhanced), greeting: parser)
      return false
    }
    runners[index].isHalf = true
    return false
  }

  /// Those that were beaten by more than they had been given are told of too.
  private mutating func win(_ index: Int) -> Winner {
    let runner = runners.remove(at: index)
    let now = monotonicTime()
    for index in runners.indices.reversed() {
      let isSlow = runners[index].connectedAt.map { now - $0 >= Self.greetingStagger } ?? true
      if isSlow { fail(index, .timedOut) }
    }
    return Winner(
      address: runner.address, socket: FileDescriptor(owning: runner.descriptor),
      connectedAt: runner.connectedAt ?? monotonicTime())
  }
}
