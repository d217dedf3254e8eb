internal import CodeRequests
internal import Documents
package import FoundationEssentials

/// What a store tells about a message: `<n>.json`, and with it where `<n>.eml` lies.
package struct StoredMessage: Sendable, Equatable {
  package let number: Int
  /// The message itself. In the file the bare name; a path once a store has read it.
  package internal(set) var file: String
  /// The envelope sender; empty for the null sender.
  package let from: String
  /// The recipient that was asked for, or else the first one of the envelope.
  package internal(set) var to: String
  /// All recipients of the envelope that were accepted.
  package let recipients: [String]
  /// Decoded; empty where there is none.
  package let subject: String
  /// The passcode; nil where none was found.
  package let code: String?
  /// How it was found, as `FoundCode.note`.
  package let codeFound: String?
  /// What the client called itself, and whom AUTH let in.
  package let ehlo: String
  package let user: String?
  package let client: String
  package let smtputf8: Bool
  /// Octets of the message.
  package let size: Int
  /// To the microsecond, as a clock that a test reads is: `since` parts what came before from what came after.
  package let receivedAt: Date
  package let timings: ReceivedMessage.Timings

  init(_ message: ReceivedMessage) {
    let reader = MessageReader(message.content)
    number = message.number
    file = "\(message.number).eml"
    from = message.sender
    recipients = message.recipients
    to = message.recipients.first ?? ""
    subject = reader.subject
    let found = reader.code
    code = found?.code
    codeFound = found?.note
    ehlo = message.helo
    user = message.user
    client = message.client
    smtputf8 = message.usesSMTPUTF8
    size = message.content.count
    receivedAt = message.receivedAt
    timings = message.timings
  }

  /// Reads what `json` wrote; what else stands there is let pass.
  init(json: [UInt8]) throws(DocumentFault) {
    let fields = DocumentObject(node: try Document(json, as: .json).node)
    func required(_ key: String) throws(DocumentFault) -> DocumentNode {
      try fields.required(key, "the sink writes it")
    }
    number = try required("number").integer(in: 1...Int.max)
    file = try required("file").string()
    from = try required("from").string()
    to = try required("to").string()
    var recipients: [String] = []
    for node in try required("recipients").list() { recipients.append(try node.string()) }
    self.recipients = recipients
    subject = try required("subject").string()
    code = try fields["code"]?.string()
    codeFound = try fields["codeFound"]?.string()
    ehlo = try required("ehlo").string()
    user = try fields["user"]?.string()
    client = try required("client").string()
    smtputf8 = try required("smtputf8").boolean()
    size = try required("size").integer(in: 0...Int.max)
    let time = try required("receivedAt")
    guard let date = Date(rfc3339: try time.string()) else { throw time.fault("is no time as in RFC 3339") }
    receivedAt = date
    let timings = DocumentObject(node: try required("timings"))
    func milliseconds(_ key: String) throws(DocumentFault) -> Double {
      try timings.required(key, "the sink writes it").number()
    }
    self.timings = ReceivedMessage.Timings(
      connection: try milliseconds("connectionMilliseconds"), mail: try milliseconds("mailMilliseconds"),
      data: try milliseconds("dataMilliseconds"))
  }

  /// One JSON object on one line, without its newline.
  package func json() -> [UInt8] {
    var line = JSONLine(capacity: 512)
    line.add("client", client)
    line.add("code", code)
    line.add("codeFound", codeFound)
    line.add("ehlo", ehlo)
    line.add("file", file)
    line.add("from", from)
    line.add("number", number)
    line.add("receivedAt", receivedAt.rfc3339Microseconds)
    line.add("recipients", recipients)
    line.add("size", size)
    line.add("smtputf8", smtputf8)
    line.add("subject", subject)
    line.add("timings") { line in
      line.add("connectionMilliseconds", decimal: timings.connection)
      line.add("dataMilliseconds", decimal: timings.data)
      line.add("mailMilliseconds", decimal: timings.mail)
    }
    line.add("to", to)
    line.add("user", user)
    return line.finish()
  }
}

extension Date {
  /// Whole microseconds since 1970. A `Date` counts in binary fractions, a little less than one apart: what lacks less than a
  /// quarter of one is whole.
  var unixMicroseconds: Int { Int((timeIntervalSince1970 * 1_000_000 + 0.25).rounded(.down)) }

  /// RFC 3339 with six decimals.
  fileprivate var rfc3339Microseconds: String {
    let (milliseconds, rest) = unixMicroseconds.quotientAndRemainder(dividingBy: 1000)
    let digits = "\(1000 + rest)".dropFirst()
    return "\(Date(unixMilliseconds: Int64(milliseconds)).rfc3339.dropLast())\(digits)Z"
  }
}
