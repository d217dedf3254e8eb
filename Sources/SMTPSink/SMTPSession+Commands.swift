internal import LinuxSystem

/// The commands of RFC 5321 4.1.1, and what their order has to be (4.1.4).
extension SMTPSession {
  mutating func takeCommand(_ line: UnsafeRawBufferPointer) {
    let end = line.firstIndex(of: UInt8(ascii: " ")) ?? line.count
    let verb = UnsafeRawBufferPointer(rebasing: line[..<end])
    let argument = UnsafeRawBufferPointer(rebasing: line[min(end + 1, line.count)...])
    // In the order of how often they come.
    if verb.isASCII(equalTo: "MAIL") { return telling(.mail, argument) { $0.mail(argument) } }
    if verb.isASCII(equalTo: "RCPT") { return telling(.rcpt, argument) { $0.rcpt(argument) } }
    if verb.isASCII(equalTo: "DATA") { return bare(argument) { $0.data() } }
    if verb.isASCII(equalTo: "RSET") { return bare(argument) { $0.rset() } }
    if verb.isASCII(equalTo: "NOOP") { return reply("250", " 2.0.0", "Ok") }
    if verb.isASCII(equalTo: "EHLO") { return hello(argument, isExtended: true) }
    if verb.isASCII(equalTo: "HELO") { return hello(argument, isExtended: false) }
    if verb.isASCII(equalTo: "QUIT") { return bare(argument) { $0.quit() } }
    if verb.isASCII(equalTo: "AUTH") { return telling(.auth) { $0.auth(argument) } }
    if verb.isASCII(equalTo: "HELP") {
      return reply("214", " 2.0.0", "EHLO HELO MAIL RCPT DATA RSET NOOP VRFY AUTH HELP QUIT")
    }
    if verb.isASCII(equalTo: "VRFY") {
      guard !argument.isEmpty else { return fail("501", " 5.5.4", "VRFY needs an argument") }
      return reply("252", " 2.0.0", "Cannot VRFY; send mail to find out")
    }
    if verb.isASCII(equalTo: "STARTTLS") { return fail("502", " 5.5.1", "STARTTLS is not offered here") }
    if verb.isASCII(equalTo: "EXPN") || verb.isASCII(equalTo: "BDAT") || verb.isASCII(equalTo: "ETRN") {
      return fail("502", " 5.5.1", "Command not implemented")
    }
    fail("500", " 5.5.2", "Command not recognized")
  }

  /// A command that takes no argument.
  private mutating func bare(_ argument: UnsafeRawBufferPointer, _ body: (inout SMTPSession) -> Void) {
    guard argument.isEmpty else { return fail("501", " 5.5.4", "The command takes no argument") }
    body(&self)
  }

  private mutating func hello(_ name: UnsafeRawBufferPointer, isExtended: Bool) {
    guard !name.isEmpty else { return fail("501", " 5.5.4", "Say who you are: EHLO name") }
    helo = String(decoding: name.prefix(255), as: UTF8.self)
    envelope.close()
    guard isExtended else { return append("250 sink.localhost\r\n") }
    let offered = room.settings.extensions
    append("250-sink.localhost\r\n")
    if offered.contains(.pipelining) { append("250-PIPELINING\r\n") }
    if offered.contains(.size) { append("250-SIZE \(limits.messageSize)\r\n" as String) }
    if offered.contains(.eightBitMIME) { append("250-8BITMIME\r\n") }
    if offered.contains(.utf8) { append("250-SMTPUTF8\r\n") }
    if offered.contains(.enhancedStatusCodes) { append("250-ENHANCEDSTATUSCODES\r\n") }
    if offered.contains(.auth) { append("250-AUTH PLAIN LOGIN\r\n") }
    // The last line is the one without a hyphen, whichever was offered last.
    var last = output.count - 2
    while last > 0, output[last - 1] != 0x0A { last -= 1 }
    output[last + 3] = UInt8(ascii: " ")
  }

  private mutating func mail(_ argument: UnsafeRawBufferPointer) {
    guard helo != nil else { return fail("503", " 5.5.1", "Send EHLO first") }
    guard !envelope.isOpen else { return fail("503", " 5.5.1", "Nested MAIL command") }
    if let quota, accepted >= quota { return endQuota() }
    if room.settings.credentials != nil, user == nil {
      return fail("530", " 5.7.0", "Authentication required")
    }
    guard argument.beginsASCII(with: "FROM:") else {
      return fail("501", " 5.5.4", "Syntax: MAIL FROM:<address>")
    }
    guard
      let path = path(
        in: argument.dropFirst(5), example: "Syntax: MAIL FROM:<address>")
    else { return }
    var usesUTF8 = false
    var isTooBig = false
    let offered = room.settings.extensions
    let sizeLimit = limits.messageSize
    let isUnderstood = path.forEachParameter { keyword, value in
      if keyword.isASCII(equalTo: "SIZE"), offered.contains(.size), let value {
        guard (1...20).contains(value.count), value.allSatisfy({ (0x30...0x39).contains($0) }) else {
          return false
        }
        isTooBig = (Int(String(decoding: value, as: UTF8.self)) ?? .max) > sizeLimit
        return true
      }
      if keyword.isASCII(equalTo: "BODY"), offered.contains(.eightBitMIME), let value {
        return value.isASCII(equalTo: "7BIT") || value.isASCII(equalTo: "8BITMIME")
      }
      if keyword.isASCII(equalTo: "SMTPUTF8"), offered.contains(.utf8), value == nil {
        usesUTF8 = true
        return true
      }
      return keyword.isASCII(equalTo: "AUTH") && offered.contains(.auth) && value != nil
    }
    guard isUnderstood else {
      return fail("555", " 5.5.4", "A parameter is not recognized or not well formed")
    }
    guard !isTooBig else { return reply("552", " 5.3.4", "Message too big; see SIZE in the answer to EHLO") }
    guard path.isASCII || usesUTF8 else { return fail("550", " 5.6.7", "A non-ASCII address needs SMTPUTF8") }
    envelope.open(sender: path.address, usesUTF8: usesUTF8, at: monotonicNow())
    reply("250", " 2.1.0", "Ok")
  }

  private mutating func rcpt(_ argument: UnsafeRawBufferPointer) {
    guard envelope.isOpen else { return fail("503", " 5.5.1", "Send MAIL first") }
    guard argument.beginsASCII(with: "TO:") else {
      return fail("501", " 5.5.4", "Syntax: RCPT TO:<address>")
    }
    guard
      let path = path(
        in: argument.dropFirst(3), example: "Syntax: RCPT TO:<address>")
    else { return }
    guard !path.address.isEmpty else { return fail("501", " 5.1.3", "The recipient is empty") }
    guard path.parameters.isEmpty else { return fail("555", " 5.5.4", "RCPT takes no parameters here") }
    guard path.isASCII || envelope.usesUTF8 else {
      return fail("553", " 5.6.7", "A non-ASCII address needs SMTPUTF8")
    }
    guard envelope.recipientCount < limits.recipients else {
      return reply("452", " 4.5.3", "Too many recipients")
    }
    switch room.fault(for: path.address) {
    case nil: break
    case .rcpt(let asked):
      reply(asked)
      if asked.code / 100 == 2 {
        envelope.add(recipient: path.address)
      } else {
        envelope.refusedRecipient = true
      }
      return
    case .data(let asked): envelope.dataReply = envelope.dataReply ?? asked
    case .drop(.rcpt):
      ending = .drop
      return
    case .drop(let stage): envelope.dropsAt = stage
    case .slow(let delay): envelope.delay = max(delay, envelope.delay ?? .zero)
    case .quota(let count):
      quota = min(count, quota ?? .max)
      if accepted >= count { return endQuota() }
    case .greylist: break
    case .misspelt(let meant):
      envelope.refusedRecipient = true
      return fail("550", " 5.1.3", meant.expected)
    }
    envelope.add(recipient: path.address)
    reply("250", " 2.1.5", "Ok")
  }

  /// Reads the address of MAIL or RCPT; nil where it was answered already.
  private mutating func path(in text: Slice<UnsafeRawBufferPointer>, example: StaticString) -> MailPath? {
    do throws(MailPath.Fault) {
      return try MailPath(UnsafeRawBufferPointer(rebasing: text))
    } catch {
      switch error {
      case .syntax: fail("501", " 5.5.4", example)
      case .address: fail("501", " 5.1.3", "The address is not well formed")
      case .encoding: fail("501", " 5.5.2", "The address is not UTF-8")
      }
      return nil
    }
  }

  private mutating func endQuota() {
    reply("421", " 4.7.0", "Enough messages on this connection, closing")
    ending = .close
  }

  private mutating func rset() {
    envelope.close()
    reply("250", " 2.0.0", "Ok")
  }

  private mutating func quit() {
    reply("221", " 2.0.0", "Bye")
    ending = .close
  }

  private mutating func data() {
    guard envelope.recipientCount > 0 else {
      // RFC 5321 3.3: 503 out of order, 554 where every recipient was refused.
      return envelope.refusedRecipient
        ? reply("554", " 5.5.1", "No valid recipients") : fail("503", " 5.5.1", "Send MAIL and RCPT first")
    }
    if envelope.dropsAt == .data {
      telling(.data) { $0.ending = .drop }
      return
    }
    state = .data
    dataBegan = monotonicNow()
    body.begin()
    reply("354", "", "End data with <CR><LF>.<CR><LF>")
  }

  /// The final dot was reached.
  mutating func finishMessage() {
    state = .command
    defer { envelope.close() }
    let start = output.count
    telling(.message) { $0.answerMessage() }
    if let delay = envelope.delay, ending != .drop { hold(from: start, for: delay) }
  }

  private mutating func answerMessage() {
    switch body.problem {
    case nil: break
    case .tooBig: return reply("552", " 5.3.4", "Message too big; see SIZE in the answer to EHLO")
    case .longLine:
      return reply("554", " 5.6.0", "A line of the message is longer than 4096 octets with CRLF")
    case .bareNewline: return reply("550", " 5.5.2", "The message holds a bare CR or LF (RFC 5321 2.3.8)")
    case .nul: return reply("554", " 5.6.0", "The message holds a NUL octet (RFC 5322 4)")
    }
    if let asked = envelope.dataReply, asked.code / 100 != 2 { return reply(asked) }
    guard let number = room.take(&self) else {
      return reply("451", " 4.3.0", "The message could not be stored")
    }
    accepted += 1
    forgiveErrors()
    if envelope.dropsAt == .dot {
      ending = .drop
    } else if let asked = envelope.dataReply {
      reply(asked)
    } else {
      append("250")
      if room.settings.extensions.contains(.enhancedStatusCodes) { append(" 2.0.0") }
      append(" Ok: queued as ")
      append(String(number))
      append("\r\n")
    }
  }
}
