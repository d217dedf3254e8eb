import Testing

@testable import SMTPSink

/// Which number of a mail is the code.
struct CodeFinderTests {
  @Test(
    arguments: [
      ("Your code is 123456.", "123456"), ("Your code is 123456", "123456"), ("Your code: 123456", "123456"),
      ("Code 123456", "123456"), ("123456 is your Fabrikam sign-in code.", "123456"),
      ("Use PIN 1234 to enter.", "1234"),
      ("Your verification code is:\n\n  123456  \n\nIt is valid for 30 minutes.", "123456"),
      ("Your code (valid for 30 minutes) is 123456.", "123456"), ("Your OTP is 0042.", "0042"),
      ("Your one-time password is 123456. Do not share it.", "123456"), ("**123456** is your code", "123456"),
      ("Your code is <123456>", "123456"), ("Your code is “123456”", "123456"),
      // In groups.
      ("Your code is 123 456.", "123456"), ("Your code is 123-456.", "123456"),
      ("Your code: 12 34 56", "123456"),
      ("Your code:\n\n1 2 3 4 5 6\n", "123456"), ("Your code:\n\n123\u{A0}456\n", "123456"),
      ("Your code: 1234 5678", "12345678"),
      ("Your code: 123–456", "123456"), ("Your code: 123\u{202F}456", "123456"), ("123 456\n", "123456"),
      // Letters and digits.
      ("Your code is A1B2C3.", "A1B2C3"), ("Your code is AB12-CD34", "AB12-CD34"), ("Code: 7H3K9Q", "7H3K9Q"),
      ("Your code is x7k2p9", "x7k2p9"), ("G-123456 is your Google verification code.", "123456"),
      ("Your code:\n\nKXQZPL\n\nCONTINUE\n", "KXQZPL"), ("Your code:\n\nAB12CD\n", "AB12CD"),
      // Other languages.
      ("Din kod är 123456.", "123456"), ("123456 är din inloggningskod till Fabrikam", "123456"),
      ("Ange koden 123456 för att logga in.", "123456"), ("Ihr Anmeldecode lautet 123456.", "123456"),
      ("123456 ist dein Code.", "123456"), ("Twój kod weryfikacyjny to 123 456.", "123456"),
      ("123456 – kod logowania do serwisu Fabrikam", "123456"), ("Váš kód je 123456.", "123456"),
      ("Koden din er 123456", "123456"), ("Din bekræftelseskode er 123456", "123456"),
      ("Vahvistuskoodi: 123456", "123456"),
      ("Uw verificatiecode is 123456", "123456"), ("Votre code est 123456", "123456"),
      ("Su código es 123456", "123456"),
      ("Il tuo codice è 123456", "123456"), ("Ваш код: 123456", "123456"),
      ("Váš overovací kód je 123456", "123456"),
      ("您的验证码是123456，请勿泄露。", "123456"), ("認証コードは123456です。", "123456"), ("인증번호는 123456입니다", "123456"),
      ("รหัสของคุณคือ 123456", "123456"), ("रहा आपका कोड: 123456", "123456"), ("رمز التحقق: ١٢٣٤٥٦", "123456"),
      ("קוד האימות שלך: 123456", "123456"), ("Your code is １２３４５６", "123456"), ("Kodunuz: 123456", "123456"),
      // Beside other numbers.
      ("Call +46 8 123 456 78 if 654321 is not the code you asked for.", "654321"),
      ("Order 987654: your code is 1234.", "1234"),
      ("Your code is 4821. © 2026 Fabrikam AB, Box 12345, 111 22 Stockholm", "4821"),
      ("On 2026-12-01 at 12:30 your code was 123456, from 192.0.2.123.", "123456"),
      ("Your order of $1234.50 needs the code 987654.", "987654"),
      ("Kod 112233 är giltig i 1440 minuter.", "112233"),
      ("The code is 482913. It is valid until 2027.", "482913"), ("Your code is 2024.", "2024"),
      ("Your code: 123456\nhttps://fabrikam.example/verify?code=123456", "123456"),
      ("Invoice 20261201\n\nYour code:\n\n556677\n", "556677"),
      // What nothing says is one, and nothing else could be.
      ("Enter 123456 to go on.", "123456"), ("Sign in: https://fabrikam.example/v?x=1&code=123456", "123456"),
      ("123456.", "123456"), ("Hello\n\n@fabrikam.example #123456\n", "123456"),
      ("Order 999999\n\n@fabrikam.example #123456\n", "123456"),
      // None.
      ("", nil), ("Hello!", nil), ("© 2026 Fabrikam", nil), ("In 2024 we moved.", nil),
      ("Call 0800 123456.", nil),
      ("Tel: 08-123 456 78", nil), ("Phone +46701234567", nil), ("It costs 123456 kr.", nil),
      ("It costs $123456", nil),
      ("€ 123456", nil), ("Summa 123456", nil), ("100 000 SEK", nil), ("color: #123456;", nil),
      ("background:#123456", nil),
      ("Order 123456", nil), ("Invoice no. 123456", nil), ("Zip code 12345", nil), ("Postnummer 11122", nil),
      ("Use promo code SAVE2026", nil), ("On 2026-12-01", nil), ("On 01.12.2026", nil), ("At 12:30:45", nil),
      ("192.168.100.100", nil), ("Version 1.2.34567", nil), ("valid for 1440 minutes", nil),
      ("UTF-8, RFC 5321", nil),
      ("anna123456@example.org", nil), ("https://fabrikam.example/123456", nil),
      ("Enter 123456 or 654321.", nil),
      ("12345678901234", nil), ("Your code expires soon.", nil), ("CONTINUE", nil), ("ABCDEF\n", nil),
      ("1234567890123\n", nil),
      ("1990-2024", nil), ("Škoda 123456 km", nil),
    ] as [(String, String?)])
  func `finds the code and no other number`(_ text: String, _ expected: String?) {
    let found = MessageReader(Array("Content-Type: text/plain; charset=utf-8\r\n\r\n\(text)".utf8)).code
    #expect(found?.code == expected, "\(found as Any)")
    let lines = MessageReader(Array("\r\n\(text.replacing("\n", with: "\r\n"))".utf8)).code
    #expect(lines == found, "however lines end")
  }

  @Test(arguments: [
    ("Code:\r\n\r\n123456\r\n", "text-line", "alone on a line of the text"),
    ("Your code is 123456.", "text-word", "beside a word for code in the text"),
    ("@example.com #123456", "text-domain", "bound to a domain, in the text"),
    ("Enter 123456.", "text-only", "the only number in the text that can be one"),
    ("https://a.example/?code=123456", "text-link", "in a link in the text"),
  ])
  func `says how it was found`(_ text: String, _ note: String, _ words: String) throws {
    let found = try #require(MessageReader(Array("\r\n\(text)".utf8)).code)
    #expect(found.note == note && FoundCode.words(of: note) == words)
    #expect(FoundCode.words(of: "x") == nil && FoundCode.words(of: "text-x") == nil)
  }

  @Test(
    arguments: [
      ("<p>Your code is <b>123456</b>.</p>", "123456"),
      ("<p>Your code:</p><div>123&nbsp;456</div>", "123456"),
      ("<style>.a{color:#123456}</style><p>Your code: <span>98</span><span>76</span></p>", "9876"),
      ("<table><tr><td>1</td><td>2</td><td>3</td><td>4</td></tr></table>", "1234"),
      ("<p>Code</p><div>1</div><div>2</div><div>3</div><div>4</div><div>5</div><div>6</div>", "123456"),
      (
        "<!-- code 111111 --><p style=\"color:#222222\">Your code</p><h1>&#x34;56789</h1><a href=\"https://x/333333\">x</a>",
        "456789"
      ),
      ("<html><head><title>Code 111111</title></head><body>Kod: 222222", "222222"),
      ("<script>code=111111</script><p>Hello</p>", nil), ("<p>Hello<", nil), ("<!--", nil), ("<style>", nil),
      ("&#99999999999;&", nil),
    ] as [(String, String?)])
  func `reads the HTML where the text has no code`(_ html: String, _ expected: String?) {
    let found = MessageReader(Array("Content-Type: text/html\r\n\r\n\(html)".utf8)).code
    #expect(found?.code == expected, "\(HTMLText.plain(html))")
    #expect(found?.part ?? .html == .html)
  }

  @Test
  func `takes the text before the HTML, that before the subject, and either before what is only a number`() {
    func found(_ subject: String, _ text: String, _ html: String) -> String? {
      let message = """
        Subject: \(subject)
        Content-Type: multipart/alternative; boundary=b

        --b
        Content-Type: text/plain

        \(text)
        --b
        Content-Type: text/html

        \(html)
        --b--

        """
      return MessageReader(Array(message.utf8)).code.map { "\($0.code) \($0.note)" }
    }
    #expect(found("111111 is your code", "Your code is 222222", "<p>Code: 333333") == "222222 text-word")
    #expect(found("111111 is your code", "Hello 222222", "<p>Code: 333333") == "333333 html-word")
    #expect(found("111111 is your code", "Hello 222222", "<p>Hello") == "111111 subject-word")
    #expect(found("Hello", "Hello 222222", "<p>Hello") == "222222 text-only")
    #expect(found("Hello", "Hello", "<p>Hello") == nil)
  }

  @Test func `a text that is not UTF-8 is read all the same`() {
    let latin =
      Array("Content-Type: text/plain; charset=iso-8859-1\r\n\r\nDin kod ".utf8) + [0xE4, 0x72]
      + Array(" 123456".utf8)
    #expect(MessageReader(latin).code?.code == "123456")
  }

  @Test func `a large mail costs no more than its beginning`() {
    let text = String(repeating: "1234 5678 <b>-&#x31; code @ #", count: 6000)
    for type in ["text/plain", "text/html"] {
      let clock = ContinuousClock()
      let time = clock.measure { _ = MessageReader(Array("Content-Type: \(type)\r\n\r\n\(text)".utf8)).code }
      #expect(time < .seconds(20), "\(type): \(time)")
    }
  }
}
