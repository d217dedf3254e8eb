import Testing

@testable import SMTPSink

struct MessageReaderTests {
  private func code(_ message: String) -> String? {
    MessageReader(Array(message.utf8)).code?.code
  }

  @Test(
    arguments: [
      ("Subject: x\r\n\r\nYour code:\r\n\r\n123456\r\n", "123456"), ("\r\n1234\r\n", "1234"),
      ("\r\n123456789012\r\n", "123456789012"), ("\n  0042\t\n", "0042"), ("\r\n123456", "123456"),
      ("\r\n123\r\n", nil), ("\r\n1234567890123\r\n", nil), ("", nil), ("123456", nil),
      ("\r\n111111\r\n222222\r\n", "111111"),
      ("Content-Transfer-Encoding: quoted-printable\r\n\r\nk=C3=B6d=\r\n:\r\n=20123=\r\n456\r\n", "123456"),
      ("Content-Transfer-Encoding: BASE64\r\n\r\naMOkajoKMTIzNDU2Cg==\r\n", "123456"),
      ("content-type:TEXT/Plain;\r\n\tcharset=utf-8\r\n\r\n123456\r\n", "123456"),
    ] as [(String, String?)])
  func `finds the digits that stand alone on a line of the text, however it is encoded`(
    _ message: String, _ expected: String?
  ) {
    #expect(code(message) == expected)
  }

  @Test(arguments: ["\"=_a;b\"", "simple", "simple; charset=x"])
  func `reads the text part of a multipart message, wherever it stands`(_ parameter: String) {
    let boundary = parameter.split(separator: "\"").first.map { $0.split(separator: "; c").first ?? $0 } ?? ""
    let message = """
      MIME-Version: 1.0
      Content-Type: multipart/mixed; boundary=outer

      999999
      --outer
      Content-Type: multipart/alternative;
       Boundary=\(parameter)

      888888
      --\(boundary)
      Content-Type: text/html

      <p>
      777777
      --\(boundary)
      Content-Type: text/plain; charset=utf-8
      Content-Transfer-Encoding: quoted-printable

      =31=32=33=34=35=36
      --\(boundary)--
      666666
      --outer--

      """
    #expect(code(message) == "123456")
    #expect(code(message.replacing("\n", with: "\r\n")) == "123456")
  }

  @Test func `does not sink into parts within parts`() {
    let message = (0..<5000).map { "Content-Type: multipart/mixed; boundary=b\($0)\r\n\r\n--b\($0)\r\n" }
      .joined()
    #expect(code(message + "\r\n123456\r\n") == nil)
  }

  @Test(arguments: [
    "Content-Type: multipart/mixed\r\n\r\n123456\r\n",
    "Content-Type: multipart/mixed; boundary=\r\n\r\n123456\r\n",
    "Content-Type: multipart/mixed; boundary=\"\r\n\r\n--\r\n123456\r\n",
    "Content-Type: multipart/mixed; boundary=x\r\n\r\n",
    "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x", "Content-Type:\r\n\r\n--", ":\r\n:\r\n", "\r",
    "\n", " \r\n \r\n",
    "Content-Transfer-Encoding: base64\r\n\r\n====", "Content-Transfer-Encoding: quoted-printable\r\n\r\n=",
    "Content-Transfer-Encoding: quoted-printable\r\n\r\n=4",
    "Content-Transfer-Encoding: quoted-printable\r\n\r\n=\r",
  ])
  func `finds nothing in what is no message`(_ message: String) {
    #expect(code(message) == nil)
    #expect(MessageReader(Array(message.utf8)).subject == "")
  }

  @Test(arguments: [
    ("Subject: plain", "plain"), ("subject:  \tspaced  ", "spaced"), ("SUBJECT: a\r\n b", "a b"),
    ("X: y\r\nSubject: first\r\nSubject: second", "first"), ("Subject: =?utf-8?q?a=5Fb_c?=", "a_b c"),
    ("Subject: =?UTF-8?B?xYHDs2TFug==?=", "Łódź"), ("Subject: =?iso-8859-1?Q?K=F6d?=", "Köd"),
    ("Subject: =?utf-8?q?a?= =?utf-8?q?b?=", "ab"), ("Subject: =?utf-8?q?a?= b =?utf-8?q?c?=", "a b c"),
    // A character cut in two by a careless writer.
    ("Subject: =?utf-8?q?=C3?=\r\n =?utf-8?q?=A5?=", "å"), ("Subject: =?utf-8*en?q?a?=", "a"),
    ("Subject: =?utf-8?x?a?=", "=?utf-8?x?a?="), ("Subject: =?koi8-r?q?a?=", "=?koi8-r?q?a?="),
    ("Subject: =?utf-8?q?a", "=?utf-8?q?a"), ("Subject: a=b =? ?=", "a=b =? ?="), ("Subject: åäö", "åäö"),
    ("", ""),
    ("Subject", ""), ("Subject:", ""),
  ])
  func `decodes the subject`(_ headers: String, _ expected: String) {
    #expect(MessageReader(Array((headers + "\r\n\r\nbody\r\n").utf8)).subject == expected)
  }

  @Test(arguments: 0..<200) func `survives garbage`(_ seed: UInt64) {
    var state = seed &+ 1
    func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    let words = [
      "Content-Type: multipart/mixed; boundary=", "b", "--", "\r\n", "\n", "\r\n\r\n", "=?utf-8?q?", "?=",
      "Subject: ",
      "Content-Transfer-Encoding: base64\r\n", "Content-Transfer-Encoding: quoted-printable\r\n", "=", "1234",
      "\"", ";",
    ]
    var bytes: [UInt8] = []
    for _ in 0..<random(200) {
      bytes += random(4) == 0 ? [UInt8(random(256))] : Array(words[random(words.count)].utf8)
    }
    let reader = MessageReader(bytes)
    #expect(reader.code.map { (4...14).contains($0.code.utf8.count) } ?? true)
    #expect(reader.subject.utf8.count <= bytes.count * 3)
  }
}
