/// How a sink listens, what it offers and where it puts what it receives.
package struct SinkSettings: Sendable {
  /// An address or name to listen on. The sink accepts anything from anyone, so this is loopback unless told.
  package var host = "127.0.0.1"
  /// 0 lets the kernel choose; `SinkServer.port` tells which.
  package var port: UInt16 = 0
  /// Where messages are kept; nil keeps none.
  package var store: SinkStore?
  /// Set: only these pass AUTH, and mail without AUTH is refused (530). Nil: any credentials pass.
  package var credentials: SinkCredentials?
  package var extensions = SMTPExtensions.all
  package var limits = SinkLimits()
  /// The share of transactions, 0 to 1, that meet a random fault.
  package var faultRate = 0.0
  /// The same seed gives the same faults to the same recipients, whatever the order they come in.
  package var faultSeed: UInt64 = 0

  package init() {}
}

/// What a client may ask of the sink before it says no. Each has its SMTP reply.
package struct SinkLimits: Sendable {
  /// Octets of a message after dots are unstuffed; more is 552 5.3.4.
  package var messageSize = 1_048_576
  /// Octets of a line with its CRLF, in commands and in messages.
  package var lineLength = 4096
  /// One more is answered 421 and closed.
  package var connections = 100
  /// Silence for so long is answered 421 and closed.
  package var idle: Duration = .seconds(60)
  /// Recipients of one message; more are answered 452 4.5.3.
  package var recipients = 1000
  /// Commands in a row that make no sense before the sink gives the client up (421), as every server does.
  package var errors = 100

  package init() {}
}

/// The one user that passes AUTH. Neither printed nor logged.
package struct SinkCredentials: Sendable, CustomStringConvertible, CustomReflectable {
  package let user: String
  let password: [UInt8]

  package init(user: String, password: String) {
    self.user = user
    self.password = Array(password.utf8)
  }

  package var description: String { "\(user) ••••••" }
  package var customMirror: Mirror { Mirror(self, children: []) }
}

/// Service extensions that EHLO names. Tests of a client withhold some.
package struct SMTPExtensions: OptionSet, Sendable {
  package let rawValue: Int
  package init(rawValue: Int) { self.rawValue = rawValue }

  /// RFC 2920.
  package static let pipelining = SMTPExtensions(rawValue: 1)
  /// RFC 1870.
  package static let size = SMTPExtensions(rawValue: 2)
  /// RFC 6152.
  package static let eightBitMIME = SMTPExtensions(rawValue: 4)
  /// RFC 6531.
  package static let utf8 = SMTPExtensions(rawValue: 8)
  /// RFC 2034.
  package static let enhancedStatusCodes = SMTPExtensions(rawValue: 16)
  /// RFC 4954, with PLAIN and LOGIN.
  package static let auth = SMTPExtensions(rawValue: 32)
  package static let all: SMTPExtensions = [
    .pipelining, .size, .eightBitMIME, .utf8, .enhancedStatusCodes, .auth,
  ]
}

/// What keeps a sink from starting or a store from being read: what was tried, on what, and why it failed.
package struct SinkFault: Error, Sendable, CustomStringConvertible {
  package enum Code: Sendable { case address, listening, store, thread }
  package let code: Code
  /// The address or path it happened on.
  package let place: String
  package let message: String

  init(_ code: Code, _ place: String, _ message: String) {
    self.code = code
    self.place = place
    self.message = message
  }

  package var description: String { "\(place): \(message)" }
}
