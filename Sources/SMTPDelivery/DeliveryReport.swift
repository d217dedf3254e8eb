/// What became of one attempt to deliver a mail.
package enum Verdict: Hashable, Sendable {
  /// The relay took it: 2xx after the final dot.
  case sent
  /// Certainly not sent, and worth another try later.
  case deferred
  /// Refused for good.
  case failed
  /// The final dot went out and no answer came: it may have been taken. Send it once more, with the same
  /// Message-ID.
  case ambiguous
  /// Its deadline passed before a byte of its message was sent.
  case expired
  /// Not begun, or begun and certainly not sent when the dispatcher was told to stop. No attempt to count.
  case untouched
  /// It cannot be sent to any relay as it is.
  case unsendable(reason: String)
}

/// What the reply says beyond the verdict.
package enum ReplyMeaning: String, Hashable, Sendable, CaseIterable {
  /// 4.2.0 or 4.7.1 without a word of load: come back soon.
  case greylisted
  /// 421, 4.7.x, 454: the relay asks for less.
  case throttled
  /// 5.1.x, 5.2.1: nobody reads that mailbox; worth remembering for a while.
  case addressRejected = "address-rejected"
  /// Our sender, our reputation, the relay's policy; many of them are worth an alert.
  case policyRejected = "policy-rejected"
  /// What this relay is to know us by, login or name, is not as it wants.
  case accountRefused = "account-refused"
}

/// How long the parts of an attempt took.
package struct DeliveryTimes: Hashable, Sendable {
  /// TCP, TLS, EHLO and AUTH; zero on a connection that was there.
  package var connect: Duration = .zero
  /// From MAIL to the answer to DATA.
  package var envelope: Duration = .zero
  /// From the first byte of the message to the final reply.
  package var message: Duration = .zero

  package init() {}
}

/// The end of one attempt.
package struct DeliveryReport: Sendable {
  package let verdict: Verdict
  /// What the relay said to it: bounded, without control characters, addresses or passcodes.
  package let reply: Reply?
  package let meaning: ReplyMeaning?
  /// `host:port` of the relay; empty where none was asked.
  package let relay: String
  package let times: DeliveryTimes
  /// What the relays before this one said in the same attempt.
  package let earlier: [MailPassage.Answer]

  package init(
    verdict: Verdict, reply: Reply? = nil, meaning: ReplyMeaning? = nil, relay: String = "",
    times: DeliveryTimes = DeliveryTimes(), earlier: [MailPassage.Answer] = []
  ) {
    self.verdict = verdict
    self.earlier = earlier
    self.reply = reply
    self.meaning = meaning
    self.relay = relay
    self.times = times
  }
}
