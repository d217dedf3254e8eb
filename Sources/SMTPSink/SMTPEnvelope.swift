/// One mail transaction: who sends to whom, and what the recipients asked the sink to do to it. Addresses lie
/// in one array each, reused for the next message.
struct SMTPEnvelope {
  private(set) var sender: [UInt8] = []
  private var addresses: [UInt8] = []
  private var ends: [Int] = []
  private(set) var usesUTF8 = false
  /// MAIL was accepted and neither RSET nor a message has ended the transaction.
  private(set) var isOpen = false
  /// A RCPT was refused: DATA then says that there are no valid recipients.
  var refusedRecipient = false

  var dataReply: RecipientFault.Reply?
  var dropsAt: RecipientFault.Stage?
  var delay: Duration?
  /// When MAIL was accepted.
  private(set) var openedAt: MonotonicTime = 0

  var recipientCount: Int { ends.count }

  mutating func open(sender: UnsafeRawBufferPointer, usesUTF8: Bool, at time: MonotonicTime) {
    close()
    self.sender.append(contentsOf: sender)
    self.usesUTF8 = usesUTF8
    openedAt = time
    isOpen = true
  }

  mutating func add(recipient: UnsafeRawBufferPointer) {
    addresses.append(contentsOf: recipient)
    ends.append(addresses.count)
  }

  mutating func close() {
    sender.removeAll(keepingCapacity: true)
    addresses.removeAll(keepingCapacity: addresses.capacity <= 4096)
    ends.removeAll(keepingCapacity: ends.capacity <= 64)
    isOpen = false
    usesUTF8 = false
    refusedRecipient = false
    dataReply = nil
    dropsAt = nil
    delay = nil
  }

  var senderText: String { String(decoding: sender, as: UTF8.self) }

  var recipients: [String] {
    var start = 0
    return ends.map { end in
      defer { start = end }
      return String(decoding: addresses[start..<end], as: UTF8.self)
    }
  }
}
