import Foundation
import MessageTemplates
import Testing

/// Values that no escaping makes harmless, and sections that lead elsewhere: neither loaded nor passed by lint.
@Suite struct HTMLContextFaultTests {
  private static let body = HTMLContextTests.body

  /// The place is in the second line of the body.
  static let faults: [(html: String, column: Int, message: String)] = [
    ("<p class={{x}}>", 10, "{{x}} stands in the attribute 'class' without quotes"),
    ("<p class= {{x}}>", 11, "{{x}} stands in the attribute 'class' without quotes"),
    ("<p class=a{{x}}>", 11, "{{x}} stands in the attribute 'class' without quotes"),
    ("<a href={{x}}>", 9, "{{x}} stands in the attribute 'href' without quotes"),
    ("<p lang={{locale}}>", 9, "{{locale}} stands in the attribute 'lang' without quotes"),
    ("<p style=\"color:{{x}}\">", 17, "{{x}} stands in the attribute 'style'"),
    ("<p sTyLe='{{x}}'>", 11, "{{x}} stands in the attribute 'style'"),
    ("<p/STYLE='{{x}}'>", 11, "{{x}} stands in the attribute 'style'"),
    ("<p title=\"\"style=\"{{x}}\">", 19, "{{x}} stands in the attribute 'style'"),
    ("<p onclick=\"{{x}}\">", 13, "{{x}} stands in the attribute 'onclick', which is a script"),
    ("<p oNfocus\t=\t'a({{x}})'>", 17, "{{x}} stands in the attribute 'onfocus', which is a script"),
    ("<p \"onclick=\"{{x}}\">", 14, "{{x}} stands in the attribute '\"onclick'"),
    ("<iframe srcdoc=\"{{x}}\"></iframe>", 17, "{{x}} stands in the attribute 'srcdoc'"),
    ("<svg><set attributeName=\"href\" to=\"{{x}}\"/></svg>", 36, "{{x}} stands in the attribute 'to'"),
    ("<script>{{x}}</script>", 9, "{{x}} stands in <script>"),
    ("<SCRIPT>'</scriptx>{{x}}</SCRIPT>", 20, "{{x}} stands in <script>"),
    ("<script src=\"https://e.org/{{x}}\"></script>", 28, "{{x}} stands in the attribute 'src'"),
    ("<script><!-- <script> </script> {{x}}", 10, "what stands here begins a comment in a script"),
    ("<style>p{color:{{x}}}</style>", 16, "{{x}} stands in <style>"),
    ("<noscript>{{x}}</noscript>", 11, "{{x}} stands in <noscript>"),
    ("<iframe>{{x}}</iframe>", 9, "{{x}} stands in <iframe>"),
    ("<xmp>{{x}}</xmp>", 6, "{{x}} stands in <xmp>"),
    ("<title></titl{{x}}>", 14, "{{x}} stands in the tag that ends <title>"),
    ("<!-- {{x}} -->", 6, "{{x}} stands in a comment of the HTML"),
    ("<!-{{x}}>", 4, "{{x}} stands in a comment of the HTML"),
    ("<!--[if mso]><p>{{x}}</p><![endif]-->", 17, "{{x}} stands in a comment of the HTML"),
    ("<!x {{x}}>", 5, "{{x}} stands in a declaration"),
    ("<?x {{x}}>", 5, "{{x}} stands in a declaration"),
    ("<![CDATA[ {{x}} ]]>", 4, "what stands here is CDATA"),
    ("<{{x}}>", 2, "{{x}} stands in the name of a tag"),
    ("</{{x}}>", 3, "{{x}} stands in the name of a tag"),
    ("<p{{x}}>", 3, "{{x}} stands in the name of a tag"),
    ("<p {{x}}>", 4, "{{x}} stands where a tag has its attributes' names"),
    ("<p a{{x}}=\"1\">", 5, "{{x}} stands where a tag has its attributes' names"),
    ("<p a=\"1\"{{x}}>", 9, "{{x}} stands where a tag has its attributes' names"),
    ("<p a {{x}}>", 6, "{{x}} stands where a tag has its attributes' names"),
    ("<meta http-equiv=\"refresh\" content=\"0;url={{x}}\">", 43, "{{x}} stands in the content of <meta"),
    ("<meta content=\"{{x}}\" HTTP-EQUIV=\"refresh\">", 33, "what stands here makes a URL of the content"),
    ("<a href=\"javascript:go('{{x}}')\">", 25, "{{x}} stands in a URL that begins with 'javascript:'"),
    ("<a href=\" java\tscript:{{x}}\">", 23, "{{x}} stands in a URL that begins with 'javascript:'"),
    ("<a href=\"&#106;avascript&#58;{{x}}\">", 30, "{{x}} stands in a URL that begins with 'javascript:'"),
    ("<a href=\"&#x6Aavascript:{{x}}\">", 25, "{{x}} stands in a URL"),
    ("<a href=\"java&NewLine;script&colon;{{x}}\">", 36, "{{x}} stands in a URL that begins with 'jav"),
    ("<img src=\"data:image/png;base64,{{x}}\">", 33, "{{x}} stands in a URL that begins with 'data:'"),
    ("<a href=\"java{{x}}:alert(1)\">", 19, "what stands here makes a scheme of the value before it"),
    ("<a href=\"&#{{x}}\">", 12, "{{x}} stands in a character reference"),
    ("<a href=\"{{#y}}https://e.org/{{/y}}{{x}}\">", 36, "{{x}} begins a URL or not"),
    ("<a href=\"{{#y}}javascript:{{/y}}{{x}}\">", 33, "{{x}} stands in a URL that begins with 'javascript:'"),
    ("<a href=\"{{> subject}}\">", 10, "{{> subject}} is text, and stands in a URL"),
    ("<p title={{> subject}}>", 10, "{{> subject}} stands in the attribute 'title' without quotes"),
    (
      "{{#x}}<p title=\"{{/x}}\">", 1,
      "the section {{#x}} begins in text and ends within the quotes of the attribute 'title'"
    ),
    ("<p title=\"a{{^x}}\">b{{/x}}", 12, "the section {{^x}} begins within the quotes of the attribute"),
    ("<p title=\"{{#x}}\" id=\"{{/x}}\">", 11, "the section {{#x}} begins within the quotes"),
    ("{{#x}}<style>{{/x}}", 1, "the section {{#x}} begins in text and ends in <style>"),
    ("{{#x}}<!--{{/x}} -->", 1, "the section {{#x}} begins in text and ends in a comment"),
    (
      "{{#x}}<p title=\"{{/x}}{{^x}}<p id=\"{{/x}}\">", 23,
      "the section {{^x}} ends within the quotes of the attribute 'id', and the one before it within the quotes of"
    ),
    ("<p {{#x}}title{{/x}}=\"1\">", 21, "what stands here follows a section"),
    ("<p{{#x}} a{{/x}}b=\"1\">", 17, "what stands here follows a section"),
  ]

  @Test(arguments: faults)
  func `is an error of loading and of lint, with file, line and column`(
    html: String, column: Int, message: String
  ) throws {
    let folder = try HTMLContextTests.folder(html)
    let expected = "\(Self.body):2:\(column): \(message)"
    #expect(
      folder.faults().contains { $0.rule == .htmlContext && $0.description.hasPrefix(expected) },
      "\(folder.faults())")
    #expect(
      TemplateLint.findings(in: folder.path).contains {
        $0.rule == .htmlContext && $0.description.hasPrefix(expected)
      })
  }

  @Test func `tells all of them at once, each once, whatever includes them`() throws {
    let folder = try HTMLContextTests.folder(
      "<p id={{x}}>\n  {{> part}}",
      ["part.html": "<b>\n<i class={{y}}></i>\n</b>", "layout.html": "  <main>\n    {{> content}}\n</main>"])
    #expect(
      folder.faults().map { "\($0.file):\($0.line):\($0.column)" } == ["\(Self.body):2:7", "part.html:2:10"])
  }

  @Test func `follows a partial that opens what another closes`() throws {
    let parts = ["open.html": "<p title=\"", "close.html": "\">"]
    let good = try HTMLContextTests.folder("{{> open}}{{x}}{{> close}}{{x}}</p>", parts)
    #expect(good.faults() == [])
    let bad = try HTMLContextTests.folder("{{> open}}{{> close}}<p {{x}}>", parts)
    #expect(bad.faults().map(\.column) == [25])
    let style = try HTMLContextTests.folder(
      "<style>{{> part}}</style>", ["part.html": "a{}\n p { color: {{x}} }"])
    let first = try #require(style.faults().first?.description)
    #expect(first.hasPrefix("part.html:2:13: {{x}} stands in <style>"))
  }

  @Test func `follows what the layout puts around the body`() throws {
    let folder = try TemplateFolder([
      "layout.html": "<html lang=\"{{locale}}\"><p>{{code}}</p><p style=\"{{> content}}\"></p></html>"
    ])
    #expect(folder.faults().map(\.file) == [Self.body])
    #expect(folder.faults()[0].message.contains("stands in the attribute 'style'"))
  }

  @Test func `a bad change is refused while the last good version stays`() throws {
    let folder = try HTMLContextTests.folder("<a href=\"{{x}}\">x</a>")
    let reloader = try TemplateReloader(directory: folder.path)
    try folder.write("<p>{{code}}</p><a href={{x}}>x</a>", to: Self.body)
    let start = Date(timeIntervalSince1970: 1_800_000_000)
    var told: [String] = []
    for step in 0..<5 {
      if case .refused(let faults)? = reloader.poll(now: start + Double(step)) { told.append("\(faults)") }
    }
    #expect(told.count == 1 && told[0].contains("\(Self.body):1:24: {{x}} stands in the attribute 'href'"))
    var values = values()
    values.variables = ["x": "https://e.org"]
    let html = String(decoding: try reloader.current.all[0].render(values).html, as: UTF8.self)
    #expect(html.contains("<a href=\"https://e.org\">"))
  }
}
