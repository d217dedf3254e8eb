import CodeRequests
import Foundation
import TestSupport
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
    ("29/11/2026", "29/11/2026"), ("Nov 29 15:35:29 2026", "Nov 29 15:35:29 2026"),
    ("code 12-34", "code ••••-••••"),
    ("code at 14:05 12 34", "code at 14:05 •••• ••••"), ("queued as 12345678", "queued as 12345678"),
    ("error 10054 at 14:05", "error 10054 at 14:05"),
    ("got 2044, limit is 998 octets", "got 2044, limit is 998 octets"),
    ("550 5.1.1 twice", "550 5.1.1 twice"), ("LinkID=526655", "LinkID=526655"),
    ("load average 12.345678", "load average 12.345678"), ("took 0.123456", "took 0.123456"),
    ("load average: 123456", "load average: 123456"), ("quota used 123456", "quota used 123456"),
    ("attempt 3 of 100000", "attempt 3 of 100000"), ("3/100000 today", "3/100000 today"),
    ("Unix time 1764543600", "Unix time 1764543600"), ("timestamp=1764543600", "timestamp=1764543600"),
    ("seen 1764543600123 ago", "seen 1764543600123 ago"),
    // What could be another passcode, where the words are of one.
    ("code already used: 123456", "code already used: ••••"), ("code used 123456", "code used ••••"),
    ("code 1234.5678", "code ••••.••••"), ("code this time 123456", "code this time ••••"),
    ("code one of 123456", "code one of ••••"),
    ("code.123456", "code.••••"), ("code 1.2.123456", "code 1.2.••••"), ("code 123456.7", "code ••••.7"),
    ("code 123456 of 3", "code •••• of 3"), ("code attempt 123456", "code attempt ••••"),
    ("code and/123456", "code and/••••"),
    ("your code is 123456", "your code is ••••"), ("123456 is your code", "•••• is your code"),
    ("Subject: 123 456 is your code", "Subject: •••• •••• is your code"), ("code 123-456", "code ••••-••••"),
    ("code=123456", "code=••••"), ("code [1234]", "code [••••]"), ("code: 2026", "code: ••••"),
    ("code use 12345678. Size matters", "code use ••••. Size matters"),
    ("code port. 123456", "code port. ••••"),
    ("used 123456", "used 123456"), ("error code 123456", "error code 123456"), ("kod 123456", "kod ••••"),
    ("Ditt engångskod: 123 456", "Ditt engångskod: •••• ••••"),
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

  /// Other spellings than digits in a row.
  @Test(arguments: [
    ("code 12\u{A0}34\u{A0}56", "code ••••\u{A0}••••\u{A0}••••"),
    ("code 123\u{2009}456", "code ••••\u{2009}••••"),
    ("code １２３４５６", "code ••••"), ("code ٨٢٤٦١٣ now", "code •••• now"), ("８２４\u{2011}６１３", "••••"),
    ("8\u{200B}2\u{200B}4\u{200B}6\u{200B}1\u{200B}3", "••••"), ("%38%32%34%36%31%33", "••••"),
    ("82 46 13", "••••"), ("code824613is", "code••••is"), ("<b>824</b>", "<b>824</b>"),
    // A piece of something longer is no code.
    ("17645824613600", "17645824613600"), ("queue id 4F824613A9", "queue id 4F824613A9"),
    // Ports, links.
    ("connect to 127.0.0.1:2525 failed", "connect to 127.0.0.1:2525 failed"), ("port: 2525", "port: 2525"),
    ("[2001:db8::1]:2525", "[2001:db8::1]:2525"), ("localhost:10025", "localhost:10025"),
    ("mx1.example.org:2525", "mx1.example.org:2525"), ("code:2525", "code:••••"),
    ("see https://support.google.com/mail/answer/81126", "see https://support.google.com/mail/answer/81126"),
    ("https://x.example/824613", "https://x.example/••••"),
    // The address.
    ("anna%40example.org unknown", "•••• unknown"), ("<anna%40EXAMPLE.org>", "<••••>"),
    ("anna＠example.org", "••••"),
    ("a\u{200B}nna@example.org", "••••"), ("rfc822;anna+40example.org", "rfc822;••••"),
    ("bounces-anna=example.org", "bounces-••••"), ("anna (at) example.org", "••••"),
    ("anna(at)example.org", "••••"), ("ａｎｎａ unknown", "•••• unknown"),
    ("joanna is not anna", "joanna is not ••••"),
  ])
  func `however a code or address is spelt it is hidden, and nothing beside it`(
    _ text: String, _ wanted: String
  ) throws {
    let redaction = ReplyRedaction(recipient: try EmailAddress("anna@example.org"), confidential: ["824613"])
    #expect(redaction.redact(text) == wanted)
  }

  @Test(arguments: ["ok", "queued", "mail", "user", "info", "for", "250", "2", "as", "relay"])
  func `a local part that replies are made of stays where it is none`(_ localPart: String) throws {
    let redaction = ReplyRedaction(
      recipient: try EmailAddress("\(localPart)@example.org"), confidential: ["824613"])
    let reply = "2.0.0 Ok: queued as 4XyZ for relay, mail 250 of 2 by info user"
    #expect(redaction.redact(reply) == reply)
    #expect(redaction.redact("<\(localPart)>: unknown") == "<••••>: unknown")
    #expect(redaction.redact("no user \(localPart) here") == "no user •••• here")
    #expect(redaction.redact("<\(localPart)@example.org>: ok") == "<••••>: ok")
  }

  /// As servers say that they have taken a mail, or speak of anything but it.
  static let harmless = [
    "2.0.0 Ok: queued as 4XyZ123abcz1234", "2.0.0 Ok: queued as 7F2D03A4C1", "OK id=1uB9xY-000000012Ab-3CdE",
    "2.0.0 5B1Ka7Xb012345 Message accepted for delivery",
    "2.0.0 OK  1764543600 d9443c01a7336-2a1234567b8sor123456f8f.12 - gsmtp",
    "2.6.0 <0100018f-1234@fabrikam> [InternalId=123456789012345, Hostname=AM6PR03MB1234.eurprd03.prod.outlook.com] 12345 bytes in 0.123, 98.765 KB/sec Queued mail for delivery",
    "Ok 0100019a2b3c4d5e-12345678-90ab-cdef-1234-567890abcdef-000000", "2.1.0 Sender OK",
    "2.1.5 Recipient OK",
    "OK 1764543600 qp 12345", "ok:  Message 123456789 accepted", "2.0.0 (AS123456) queued", "flushed",
    "4.7.0 Try again later, closing connection. (AS750) [DB5EUR01FT012.eop-EUR01.prod.protection.outlook.com 2025-11-30T23:00:00.123Z 08DDAB12CD34EF56]",
    "4.3.2 Connection limit reached, 100 connections, wait 3600 seconds",
    "5.3.4 Message size 35882577 exceeds fixed limit 26214400",
    "5.7.1 Service unavailable; client [192.0.2.7] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/192.0.2.7",
    "4.4.2 mx.example.org Error: timeout exceeded after 300 seconds",
    "could not connect to mx1.example.org:2525",
    "2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 4XyZ123abcz",
    "5.7.26 see https://support.google.com/mail/answer/81126#authentication",
  ]

  @Test func `what servers say beside codes and addresses stays as it is, for any recipient and code`() throws
  {
    var random = SplitMix(state: 24)
    for localPart in ["zbigniew", "ok", "bo", "id", "mail.user"] {
      for length in [6, 8] {
        let code = Passcode.random(length: length, using: &random).reveal()
        let redaction = ReplyRedaction(
          recipient: try EmailAddress("\(localPart)@fabrikam.example"), confidential: [code])
        for reply in Self.harmless where !reply.contains("@") {
          #expect(redaction.redact(reply) == reply, "\(localPart)")
        }
        for line in ReplyCorpus.lines {
          // Addresses of anybody are hidden as words.
          let wanted = line.reply.dropFirst(4).replacing(
            /[^ <>()\[\],;:"']*@[^ <>()\[\],;:"']*/, with: "••••")
          let shown = redaction.redact(String(line.reply.dropFirst(4)))
          #expect(shown == wanted.prefix(shown.count), "\(localPart)")
        }
      }
    }
  }

  @Test func `no code and no address survives in any spelling`() throws {
    var random = SplitMix(state: 7)
    let scripts: [UInt32] = [0x30, 0xFF10, 0x660, 0x966, 0x1D7CE, 0x6F0]
    let gaps = [
      "", " ", "-", "\u{A0}", "\u{2009}", "\u{202F}", ".", "\u{2011}", "\u{200B}", "  ", " - ", "\u{2060}",
      "_",
    ]
    let frames = [
      "%", "your code is %", "Subject: % is your code", "rejected (%)", "5.7.1 <%> [x]", "code=%;",
      "after % seconds",
      "size % bytes", "//x.example/%", "%, thanks", "queued as %", "localhost:%", "at 10:30 %",
    ]
    func pick<T>(_ list: [T]) -> T { list[Int.random(in: 0..<list.count, using: &random)] }
    for _ in 0..<4000 {
      let code = Passcode.random(length: pick([4, 6, 8]), using: &random).reveal()
      let (script, gap, width) = (pick(scripts), pick(gaps), pick([1, 2, 3, 4, 8]))
      var spelt = ""
      for (index, digit) in code.utf8.enumerated() {
        if index > 0, index % width == 0 { spelt += gap }
        spelt.unicodeScalars.append(Unicode.Scalar(script + UInt32(digit - 0x30))!)
      }
      let address = pick(["anna.andersson@example.org", "o'neil+x@example.org", "jürgen@example.org"])
      var written = address
      switch Int.random(in: 0..<6, using: &random) {
      case 0: written = address.uppercased()
      case 1: written = address.replacing("@", with: "%40")
      case 2: written = address.replacing("@", with: "＠")
      case 3: written = "\u{200B}" + address.replacing("n", with: "n\u{200D}")
      case 4: written = address.replacing("@", with: "=")
      default: break
      }
      let redaction = ReplyRedaction(recipient: try EmailAddress(address), confidential: [code])
      let text = pick(frames).replacing("%", with: spelt) + " for " + written + " unknown"
      let shown = redaction.redact(text)
      let read =
        shown.precomposedStringWithCompatibilityMapping.applyingTransform(.toLatin, reverse: false) ?? shown
      let digits = read.unicodeScalars.compactMap { $0.properties.numericValue.map { String(Int($0)) } }
        .joined()
      #expect(!digits.contains(code), "\(text) → \(shown)")
      for name in ["anders", "neil", "rgen"] {
        #expect(!read.lowercased().contains(name), "\(text) → \(shown)")
      }
    }
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
