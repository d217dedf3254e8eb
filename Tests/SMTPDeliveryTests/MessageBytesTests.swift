import CodeRequests
import LinuxSystem
import Testing

@testable import SMTPDelivery

@Suite struct MessageBytesTests {
  static let corpus: [(String, String)] = [
    ("", ".\r\n"),
    ("a\r\n", "a\r\n.\r\n"),
    ("a", "a\r\n.\r\n"),
    (".", "..\r\n.\r\n"),
    (".\r\n", "..\r\n.\r\n"),
    ("..\r\n", "...\r\n.\r\n"),
    ("a.b\r\n.c\r\n\r\n.\r\n", "a.b\r\n..c\r\n\r\n..\r\n.\r\n"),
    ("a\r\n.", "a\r\n..\r\n.\r\n"),
    ("\r\n", "\r\n.\r\n"),
    ("\r\n\r\n", "\r\n\r\n.\r\n"),
  ]

  @Test(arguments: corpus)
  func `stuffs dots and ends with one`(_ message: String, _ expected: String) throws {
    var content = ByteBuffer(capacity: 0)
    content.append(message)
    let isEightBit = try stuffDots(of: &content)
    #expect(String(decoding: [UInt8](content), as: UTF8.self) == expected)
    #expect(!isEightBit)
  }

  @Test(arguments: [
    ("a\nb\r\n", "line feed", 1), ("a\r\n.\n", "line feed", 4), ("\n", "line feed", 0),
    ("a\rb\r\n", "carriage return", 1), ("a\r", "carriage return", 1), ("a\r\n\r", "carriage return", 3),
    ("a\r\r\n", "carriage return", 1), ("a\n.\r\nMAIL FROM:<x>\r\n", "line feed", 1),
  ])
  func `refuses bare CR and LF and leaves nothing behind`(_ message: String, _ what: String, _ place: Int) {
    var content = ByteBuffer(capacity: 0)
    content.append(message)
    var fault: MessageFault?
    do throws(MessageFault) { try stuffDots(of: &content) } catch { fault = error }
    #expect(fault?.message.contains("\(what) without") == true)
    #expect(fault?.message.hasSuffix("at byte \(place)") == true)
    #expect([UInt8](content).isEmpty)
  }

  @Test func `sees bytes above 127`() throws {
    var content = ByteBuffer(capacity: 0)
    content.append("ż\r\n")
    let isEightBit = try stuffDots(of: &content)
    #expect(isEightBit)
  }

  static let replies: [(String, String)] = [
    ("Ok: queued as 4F2A1B3C9D", "Ok: queued as 4F2A1B3C9D"),
    ("<anna@example.org>: Recipient address rejected", "<••••>: Recipient address rejected"),
    ("user Anna unknown", "user •••• unknown"),
    ("no mailbox anna.", "no mailbox ••••"),
    ("annabel is somebody else", "annabel is somebody else"),
    ("mailbox bo@b.example, and \"x@y\"", "mailbox ••••, and \"••••\""),
    ("your code is 123456 today", "your code is •••• today"),
    ("code: 123456", "code: ••••"), ("123456", "123456"),
    ("code 123 456, or 12-34", "code •••• ••••, or ••••-••••"),
    ("Code:A1b2C3!", "Code:••••!"),
    ("in 250 ms after 3 tries from 192.0.2.1", "in 250 ms after 3 tries from 192.0.2.1"),
    ("OK 17 d9443c01a7336-1cf6 - gsmtp", "OK 17 d9443c01a7336-1cf6 - gsmtp"),
    ("\u{1B}[31mred\u{85}", "?[31mred?"),
    ("", ""),
  ]

  @Test(arguments: replies)
  func `keeps a reply without addresses and passcodes`(_ text: String, _ expected: String) throws {
    let redaction = ReplyRedaction(recipient: try EmailAddress("anna@example.org"), confidential: ["a1B2c3"])
    #expect(redaction.redact(text) == expected)
  }

  @Test func `keeps a bounded part, cut between characters`() {
    let text = ReplyRedaction().redact("x" + String(repeating: "ż", count: 1000))
    #expect(text.utf8.count == 399)
    #expect(text.hasSuffix("ż"))
  }
}
