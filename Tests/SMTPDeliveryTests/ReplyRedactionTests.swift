import CodeRequests
import Testing

@testable import SMTPDelivery

/// Which numbers an operator reads, and which nobody does.
@Suite struct ReplyRedactionTests {
  /// Words about a connection: the relay's greeting, libcurl's, ours.
  @Test(arguments: [
    "Operation timed out after 6000 milliseconds with 0 bytes received",
    "SSL connection timed out after 30001 milliseconds",
    "Failed to connect to mx.example.org port 2525 after 1234 ms",
    "421 4.3.2 session 123456 closed, 1000 connections",
    "error:0A000086:SSL routines::certificate verify failed",
    "554 IP 192.0.2.7 rejected [AS(201806281)] 2026-11-29", "123 456", "the message has 35882577 bytes",
  ])
  func `numbers about a connection are shown`(_ text: String) {
    #expect(ReplyRedaction().redact(text) == text)
  }

  @Test func `addresses about a connection are not`() {
    #expect(ReplyRedaction().redact("535 anna@example.org: 1234 attempts") == "535 ••••: 1234 attempts")
  }

  /// What a relay says of a mail, whose passcode is 824613.
  @Test(arguments: [
    // Measures, times, ports, codes, years, sizes, numbers of the server's.
    ("timed out after 6000 milliseconds", "timed out after 6000 milliseconds"),
    ("Connection timed out after 30001 milliseconds", "Connection timed out after 30001 milliseconds"),
    ("message size 35882577 exceeds 26214400", "message size 35882577 exceeds 26214400"),
    ("message size exceeds limit of 10485760", "message size exceeds limit of 10485760"),
    ("maximum message size is 10240000", "maximum message size is 10240000"),
    ("fixed maximum message size (10485760)", "fixed maximum message size (10485760)"),
    ("try again in 3600 seconds", "try again in 3600 seconds"), ("try again in 3600s", "try again in 3600s"),
    ("(1234 bytes)", "(1234 bytes)"), ("35 882 577 bytes", "35 882 577 bytes"),
    ("limit of 2000 messages per day", "limit of 2000 messages per day"), ("on port 2525", "on port 2525"),
    ("see RFC 5321", "see RFC 5321"), ("RFC2821 4.1.1.1", "RFC2821 4.1.1.1"),
    ("RFC 5322 compliant", "RFC 5322 compliant"),
    ("Access denied. AS(201806281)", "Access denied. AS(201806281)"), ("(AS16012609)", "(AS16012609)"),
    ("(-1915321397:308:-2147467259)", "(-1915321397:308:-2147467259)"),
    ("Sun, 29 Nov 2026 15:35:29 +0100", "Sun, 29 Nov 2026 15:35:29 +0100"),
    ("2026-11-29 15:35", "2026-11-29 15:35"),
    ("29/11/2026", "29/11/2026"), ("Nov 29 15:35:29 2026", "Nov 29 15:35:29 2026"), ("12-34", "••••-••••"),
    ("at 14:05 12 34", "at 14:05 •••• ••••"), ("queued as 12345678", "queued as 12345678"),
    ("error 10054 at 14:05", "error 10054 at 14:05"),
    ("got 2044, limit is 998 octets", "got 2044, limit is 998 octets"),
    ("550 5.1.1 twice", "550 5.1.1 twice"), ("LinkID=526655", "LinkID=526655"),
    ("load average 12.345678", "load average 12.345678"), ("took 0.123456", "took 0.123456"),
    ("load average: 123456", "load average: 123456"), ("quota used 123456", "quota used 123456"),
    ("attempt 3 of 100000", "attempt 3 of 100000"), ("3/100000 today", "3/100000 today"),
    ("Unix time 1764543600", "Unix time 1764543600"), ("timestamp=1764543600", "timestamp=1764543600"),
    ("seen 1764543600123 ago", "seen 1764543600123 ago"),
    // What could be somebody's passcode.
    ("code already used: 123456", "code already used: ••••"), ("used 123456", "used ••••"),
    ("1234.5678", "••••.••••"), ("this time 123456", "this time ••••"), ("one of 123456", "one of ••••"),
    ("code.123456", "code.••••"), ("1.2.123456", "1.2.••••"), ("123456.7", "••••.7"),
    ("123456 of 3", "•••• of 3"), ("attempt 123456", "attempt ••••"), ("and/123456", "and/••••"),
    ("your code is 123456", "your code is ••••"), ("123456 is your code", "•••• is your code"),
    ("Subject: 123 456 is your code", "Subject: •••• •••• is your code"), ("code 123-456", "code ••••-••••"),
    ("code=123456", "code=••••"), ("[1234]", "[••••]"), ("code: 2026", "code: ••••"),
    ("use 12345678. Size matters", "use ••••. Size matters"), ("port. 123456", "port. ••••"),
    // The mail's own, however it is spaced and whatever stands beside it.
    ("824613", "••••"), ("824 613", "••••"), ("824-613", "••••"), ("8 2 4 6 1 3", "••••"),
    ("8-2-4-6-1-3", "••••"),
    ("82 46 13", "••••"), ("8.2.4.6.1.3", "••••"), ("824\u{A0}613", "••••"),
    ("after 824613 milliseconds", "after •••• milliseconds"),
    ("size 824613 bytes", "size •••• bytes"), ("x824613y", "x••••y"), ("8 2 4 6 1", "8 2 4 6 1"),
  ])
  func `passcodes are hidden in a reply to a mail, and measures are not`(_ text: String, _ wanted: String)
    throws
  {
    let redaction = ReplyRedaction(recipient: try EmailAddress("anna@example.org"), confidential: ["824613"])
    #expect(redaction.redact(text) == wanted)
  }

  @Test(
    arguments: [
      ("550-5.1.1 no\r\n550 5.1.1 really", EnhancedStatus(5, 1, 1)),
      ("550 #5.1.0 Address rejected.", EnhancedStatus(5, 1, 0)),
      ("550 5.7.1: no", EnhancedStatus(5, 7, 1)), ("550 (5.7.1) no", EnhancedStatus(5, 7, 1)),
      ("550 [5.7.1] no", EnhancedStatus(5, 7, 1)), ("550 (#5.7.1) no", EnhancedStatus(5, 7, 1)),
      ("553 sorry (#5.7.1)", EnhancedStatus(5, 7, 1)),
      ("550 sorry, no mailbox (#5.1.1 - chkuser)", EnhancedStatus(5, 1, 1)),
      ("554 554 5.7.1 no", EnhancedStatus(5, 7, 1)),
      ("553 not allowed - 5.7.1 [BL23] no", EnhancedStatus(5, 7, 1)),
      ("550 SMTP; 5.7.60 no", EnhancedStatus(5, 7, 60)), ("550 5.7.1", EnhancedStatus(5, 7, 1)),
      ("550 5.7.606 no", EnhancedStatus(5, 7, 606)), ("452 #4.5.3", EnhancedStatus(4, 5, 3)),
      // Neither versions nor addresses.
      ("550 Exim 5.1.1 says no", nil), ("554 Postfix version 5.1.1", nil), ("554 version: 5.1.1", nil),
      ("554 v5.1.1", nil), ("550 5.1.1.1 is not welcome", nil), ("550 [5.1.1.1] is not welcome", nil),
      ("550 host 5.9.1.2 no", nil), ("550 (5.1.1.2)", nil), ("450 4.96.1.2", nil),
      ("550 filter (version 5.1.1)", nil),
      ("550 release (5.1.1)", nil), ("550 build-5.1.1", nil), ("550 a5.1.1", nil), ("550 #5.1", nil),
      ("550 (5.1.1", nil),
      ("550 #4.1.1 no", nil), ("250 ok #2.0.0", nil),
    ] as [(String, EnhancedStatus?)])
  func `enhanced codes are read as servers spell them`(_ reply: String, _ wanted: EnhancedStatus?) {
    var parser = ReplyParser()
    var offset = 0
    _ = Array("\(reply)\r\n".utf8).withUnsafeBytes { parser.consume($0, from: &offset) }
    #expect(parser.enhanced == wanted)
    #expect(ReplyRedaction().reply(parser).enhanced == wanted)
  }
}
