internal import LinuxSystem

/// One SMTP conversation (RFC 5321), without sockets: bytes in, replies out.
///
/// What the client does wrong is answered and costs it nothing but `limits.errors` in a row. The session never
/// blocks: a fault that waits or drops is left in `pause` and `ending` for the loop that owns the connection.
struct SMTPSession {
  enum State { case command, data, authPlain, authUser, authPassword }
  enum Ending { case close, drop }

  /// What the client has yet to be sent.
  var output: [UInt8] = []
  /// Set: the connection ends, after `output` for `.close`, at once for `.drop`.
  var ending: Ending?
  /// Set: nothing is taken until `resume()`, which is to come after so long.
  private(set) var pause: Duration?

  var state = State.command
  var helo: String?
  var user: String?
  var authUser: [UInt8] = []
  /// Who AUTH did not let in last.
  var refusedUser: String?
  var envelope = SMTPEnvelope()
  var body: MessageBody
  var dataBegan: MonotonicTime = 0
  /// Messages that this connection had accepted, and the least `quota-N` that it was given.
  var accepted = 0
  var quota: Int?

  let room: Mailroom
  let client: String
  let connectedAt: MonotonicTime
  private var heldReply: [UInt8] = []
  private var errors = 0
  private var skipsLine = false

  /// Replies wait for the client to read some once there are so many octets of them.
  private static let outputLimit = 65_536

  init(room: Mailroom, client: String, connectedAt: MonotonicTime) {
    self.room = room
    self.client = client
    self.connectedAt = connectedAt
    body = MessageBody(isKept: room.keepsContent)
    reply("220", "", "sink.localhost ESMTP Passcode Mailer sink, for tests only")
  }

  var limits: SinkLimits { room.settings.limits }
  var takesInput: Bool { ending == nil && pause == nil && output.count < Self.outputLimit }

  /// Takes what it can of `input` and answers it.
  ///
  /// - Returns: how many bytes were taken; the rest is to be offered again, with more behind it or once
  ///   `takesInput` is true again.
  mutating func receive(_ input: UnsafeRawBufferPointer) -> Int {
    var index = 0
    while index < input.count, takesInput {
      let rest = UnsafeRawBufferPointer(rebasing: input[index...])
      if state == .data {
        let (taken, isComplete) = body.take(rest, limits: limits)
        index += taken
        if isComplete { finishMessage() } else { return index }
      } else {
        guard let length = rest.firstOffset(of: 0x0A) else {
          guard skipsLine || rest.count > limits.lineLength else { return index }
          skipsLine = true
          return input.count
        }
        index += length + 1
        takeLine(UnsafeRawBufferPointer(rebasing: rest[..<length]))
      }
    }
    return index
  }

  /// - Parameter line: without its LF.
  private mutating func takeLine(_ line: UnsafeRawBufferPointer) {
    if skipsLine || line.count + 1 > limits.lineLength {
      skipsLine = false
      // RFC 4954 4: such a response ends the exchange.
      state = .command
      return fail("500", " 5.5.6", "Line too long; the limit is 4096 octets with CRLF")
    }
    guard line.last == 0x0D else {
      state = .command
      return fail("500", " 5.5.2", "Line ended by a bare LF; expected CRLF (RFC 5321 2.3.8)")
    }
    let text = UnsafeRawBufferPointer(rebasing: line.dropLast())
    guard !text.contains(where: { $0 == 0x0D || $0 == 0 }) else {
      state = .command
      return fail("500", " 5.5.2", "Line holds a bare CR or NUL (RFC 5321 2.3.8)")
    }
    switch state {
    case .authPlain, .authUser, .authPassword: telling(.auth) { $0.takeAuthResponse(text) }
    case .command, .data: takeCommand(text)
    }
  }

  /// The client was silent for too long.
  mutating func timeOut() {
    if state == .data, body.problem == .bareNewline {
      reply("421", " 4.4.2", "Idle for too long; lines ended by bare LF do not end a message")
    } else {
      reply("421", " 4.4.2", "Idle for too long, closing")
    }
    ending = .close
  }

  /// The pause is over.
  mutating func resume() {
    pause = nil
    output.append(contentsOf: heldReply)
    heldReply = []
  }

  /// What was appended to `output` since `start` waits for `resume()`.
  mutating func hold(from start: Int, for delay: Duration) {
    heldReply = Array(output[start...])
    output.removeSubrange(start...)
    pause = delay
  }

  // MARK: Replies

  mutating func reply(_ code: StaticString, _ enhanced: StaticString, _ text: StaticString) {
    append(code)
    if room.settings.extensions.contains(.enhancedStatusCodes) { append(enhanced) }
    append(" ")
    append(text)
    append("\r\n")
  }

  /// A reply that a recipient asked for. 421 announces the end of the connection (RFC 5321 3.8).
  mutating func reply(_ asked: RecipientFault.Reply) {
    append(String(asked.code))
    append(asked.enhanced)
    append(" As the recipient's name or the fault rate asks for\r\n")
    if asked.code == 421 { ending = .close }
  }

  /// A reply to what should not have been sent.
  mutating func fail(_ code: StaticString, _ enhanced: StaticString, _ text: StaticString) {
    errors += 1
    if errors >= limits.errors {
      reply("421", " 4.7.0", "Too many errors, closing")
      ending = .close
    } else {
      reply(code, enhanced, text)
    }
  }

  mutating func forgiveErrors() { errors = 0 }

  mutating func append(_ text: StaticString) {
    output.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  mutating func append(_ text: String) { output.append(contentsOf: text.utf8) }
}
