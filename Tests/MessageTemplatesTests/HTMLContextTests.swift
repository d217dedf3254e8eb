import CodeRequests
import Foundation
import MessageTemplates
import TestSupport
import Testing

/// A value in HTML is written for where it stands; where nothing would make it harmless, the template is not loaded.
@Suite struct HTMLContextTests {
  static let body = "en/sign-in/body.html"
  static let variables = "{ x: { example: 'Malmö' }, y: { example: 'y' } }"

  static func folder(_ html: String, _ files: [String: String?] = [:]) throws -> TemplateFolder {
    try TemplateFolder(
      [body: "<p>{{code}}</p>\n\(html)\n", "variables.json5": variables].merging(files) { $1 })
  }

  private func render(_ html: String, _ variables: [String: String]) throws -> String {
    let template = try Self.folder(html).catalogue().all[0]
    var values = values()
    values.variables = variables
    let rendered = String(decoding: try template.render(values).html, as: UTF8.self)
    let start = try #require(rendered.firstRange(of: "</p>\n")).upperBound
    return String(rendered[start...].prefix { $0 != "\n" })
  }

  // MARK: What is rendered

  static let hostile = #"<b>&"' onclick=x"#
  static let escaped = "&lt;b&gt;&amp;&quot;&#39; onclick=x"
  static let encoded = "%3Cb%3E%26%22%27%20onclick%3Dx"

  @Test(arguments: [
    ("{{x}}", escaped),
    ("<b title=\"{{x}}\">", "<b title=\"\(escaped)\">"),
    ("<b title = '{{x}}'>", "<b title = '\(escaped)'>"),
    ("<b\ttitle='a>{{x}}'>", "<b\ttitle='a>\(escaped)'>"),
    ("<textarea>{{x}}</textarea>", "<textarea>\(escaped)</textarea>"),
    ("1 < 2 <> {{x}} </> {{x}}", "1 < 2 <> \(escaped) </> \(escaped)"),
    ("<!-- > -- x -->{{x}}", "<!-- > -- x -->\(escaped)"),
    ("<!-->{{x}}", "<!-->\(escaped)"),
    ("<!--->{{x}}", "<!--->\(escaped)"),
    ("<!-- a --!>{{x}}", "<!-- a --!>\(escaped)"),
    ("<![endif]>{{x}}", "<![endif]>\(escaped)"),
    ("<style>a{}</styles></STYLE >{{x}}", "<style>a{}</styles></STYLE >\(escaped)"),
    ("<a data-href=\"{{x}}\">", "<a data-href=\"\(escaped)\">"),
    ("<meta name=\"author\" content=\"{{x}}\">", "<meta name=\"author\" content=\"\(escaped)\">"),
    ("<a href=\"https://e.org/{{x}}\">", "<a href=\"https://e.org/\(encoded)\">"),
    ("<a href='?q={{x}}'>", "<a href='?q=\(encoded)'>"),
    ("<a href='/{{x}}'>", "<a href='/\(encoded)'>"),
    ("<a href='a{{x}}'>", "<a href='a\(encoded)'>"),
    ("<a href=\"mailto:{{x}}\">", "<a href=\"mailto:\(encoded)\">"),
    ("<a href=\"{{x}}\">", "<a href=\"#\">"),
    ("<a href=\"{{x}}/{{x}}\">", "<a href=\"#/\(encoded)\">"),
    (
      "<img srcset=\"a.png 1x, {{x}} 2x, /{{x}} 3x\">",
      "<img srcset=\"a.png 1x, # 2x, /\(encoded) 3x\">"
    ),
    (
      "<td{{#x}} title=\"{{x}}\"{{/x}} {{^x}}nowrap{{/x}}>{{x}}",
      "<td title=\"\(escaped)\" >\(escaped)"
    ),
    ("<a href=\"{{#x}}https://e.org{{/x}}/{{x}}\">", "<a href=\"https://e.org/\(encoded)\">"),
    ("<a href=\"{{#x}}https://e.org{{/x}}{{^x}}/home{{/x}}\">", "<a href=\"https://e.org\">"),
    ("<a href=\"{{^x}}/{{/x}}{{#x}}https://e.org/{{/x}}{{x}}\">", "<a href=\"https://e.org/\(encoded)\">"),
    (
      "{{#x}}<a title=\"{{/x}}{{^x}}<a title=\"no {{/x}}{{x}}\">", "<a title=\"\(escaped)\">"
    ),
  ])
  func `writes a value for where it stands`(html: String, expected: String) throws {
    #expect(try render(html, ["x": Self.hostile]) == expected)
  }

  static let attributes = [
    "href", "HREF", "hReF", "src", "action", "formaction", "background", "poster", "cite", "data", "srcset",
    "xlink:href", "v:src", "longdesc", "usemap", "ping", "manifest", "image-url",
  ]
  static let lookalikes = [
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "\u{A0}javascript:alert(1)",
    "\u{FEFF}javascript:alert(1)", "java\u{200B}script:alert(1)", "&#106;avascript:alert(1)",
    "&#x6A;avascript:alert(1)", "java&Tab;script:alert(1)", "javascript&colon;alert(1)", "data:text/html,x",
    "vbscript:x", "//evil.example", "\\\\evil.example", "/path", "x", "https", "https:", "https://",
    "https:x", " https://e.org", "file:///etc/passwd", "blob:https://e.org/1", "mailto:",
    "%6Aavascript:alert(1)", "",
  ]

  @Test(arguments: attributes)
  func `a value that begins a URL is https, http or mailto, and else #`(attribute: String) throws {
    let template = try Self.folder("<a \(attribute) = \"\t{{x}}\">").catalogue().all[0]
    func rendered(_ value: String) throws -> Substring {
      var values = values()
      values.variables = ["x": value]
      let html = String(decoding: try template.render(values).html, as: UTF8.self)
      return try #require(html.split(separator: "\t").last).prefix { $0 != "\"" }
    }
    for value in Self.lookalikes { #expect(try rendered(value) == "#", "\(value)") }
    for (value, expected) in [
      ("https://e.org/a%20b?c=1&d=%é#f", "https://e.org/a%20b?c=1&amp;d=%25%C3%A9#f"),
      ("HTTPS://e.org", "HTTPS://e.org"), ("http://[::1]:80/", "http://[::1]:80/"),
      ("mailto:anna@example.org", "mailto:anna@example.org"),
      ("https://e.org/'\"><script>\\ `", "https://e.org/%27%22%3E%3Cscript%3E%5C%20%60"),
    ] { #expect(try rendered(value) == expected) }
  }

  @Test func `a comma in a list of URLs begins no other`() throws {
    let html = try render("<img srcset='{{x}} 1x'>", ["x": "https://e.org/a, javascript:x"])
    #expect(html == "<img srcset='https://e.org/a%2C%20javascript:x 1x'>")
  }

  @Test func `the address of a mail keeps its at sign, what follows does not`() throws {
    let html = try render("<a href='mailto:{{x}}?subject={{x}}'>", ["x": "a+b@e.org"])
    #expect(html == "<a href='mailto:a%2Bb@e.org?subject=a%2Bb%40e.org'>")
  }

  @Test func `the text part is not affected`() throws {
    let text = try renderText("<a href={{app}} style='{{app}}'>", values(app: Self.hostile))
    #expect(text == "<a href=\(Self.hostile) style='\(Self.hostile)'>")
  }
}
