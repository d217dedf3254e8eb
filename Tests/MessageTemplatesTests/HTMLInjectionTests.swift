import Foundation
import MessageTemplates
import TestSupport
import Testing

/// Random values in every place that takes one, read by a parser that is not ours.
@Suite(.waits) struct HTMLInjectionTests {
  private static let places = """
    <p>{{x}}</p><textarea>{{x}}</textarea><b title="{{x}}" id='{{y}}'>{{y}}</b>
    <a href="{{x}}">1</a><a HREF = '{{y}}/{{x}}'>2</a><a href="https://e.org/{{x}}?a={{y}}&amp;b={{x}}#{{y}}">3</a>
    <a href="mailto:{{x}}?subject={{y}}">4</a><a href='a{{x}}'>5</a><a href="?{{x}}">6</a>
    <img srcset="{{x}} 1x, https://e.org/{{y}} 2x, {{y}} 3x" alt="{{x}}"><form action='{{x}}'></form>
    <td{{#x}} title="{{x}}"{{/x}} background="{{y}}"{{#y}} nowrap{{/y}}>{{^x}}-{{/x}}{{x}}</td>
    <a href="{{#x}}https://e.org{{/x}}{{^x}}http://e.org{{/x}}/{{y}}">7</a><object data="{{x}}"></object>
    <svg><use xlink:href="{{x}}"/></svg><meta name="author" content="{{x}}">
    """

  private static let pieces = [
    "<", ">", "\"", "'", "`", "&", "=", " ", "/", "\\", ":", ";", "#", "%", "?", ",", "!", "-", "--", "[",
    "{", "}", "{{", "}}", "$", "@", "\u{A0}", "\u{200B}", "\u{FEFF}", "é", "漢", "😀", "&lt;", "&quot;",
    "&#106;", "&#x3a;", "&colon;", "&Tab;", "&NewLine;", "%3C", "%0A", "<script>", "</script>", "</textarea>",
    "</title>", "<!--", "-->", "]]>", "<img src=x onerror=x>", " onload=x ", " style=x ", "javascript:",
    "JAVASCRIPT:", "java", "script:", "data:text/html,", "vbscript:", "https://", "http://", "mailto:", "//",
    "e.org", "a", "x", "0", "1x", " 2x, ",
  ]

  /// Prints, for each page, its elements with the names of their attributes, and the schemes of its URLs, as a browser
  /// takes them.
  private static let reader = #"""
    import json, re, sys
    from html.parser import HTMLParser

    URLS = {"href", "src", "srcset", "action", "background", "data", "xlink:href"}

    class Reader(HTMLParser):
        def __init__(self):
            super().__init__(convert_charrefs=True)
            self.tags, self.schemes = [], set()

        def handle_starttag(self, tag, attributes):
            self.tags.append(tag + " " + " ".join(name for name, _ in attributes))
            for name, value in attributes:
                if name not in URLS:
                    continue
                urls = [value]
                if name == "srcset":
                    urls = [part.split()[0] for part in re.split(r",\s+", value) if part.split()]
                for url in urls:
                    url = re.sub(r"[\t\n\r]", "", url.strip("".join(map(chr, range(0x21))) + "\u00a0\ufeff\u200b"))
                    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):", url)
                    if scheme:
                        self.schemes.add(scheme[1].lower())

        def handle_endtag(self, tag):
            self.tags.append("/" + tag)

        def handle_comment(self, text):
            self.tags.append("comment")

        handle_decl = unknown_decl = handle_pi = handle_comment

    answers = []
    for page in json.load(sys.stdin):
        reader = Reader()
        reader.feed(page)
        reader.close()
        answers.append({"tags": reader.tags, "schemes": sorted(reader.schemes)})
    json.dump(answers, sys.stdout)
    """#

  private struct Answer: Decodable {
    let tags: [String]
    let schemes: [String]
  }

  private func read(_ pages: [String]) throws -> [Answer] {
    let input = String(decoding: try JSONEncoder().encode(pages), as: UTF8.self)
    let result = try ChildProcess.run("python3", ["-c", Self.reader], input: .text(input))
    return try JSONDecoder().decode([Answer].self, from: Data(result.output))
  }

  @Test(.enabled(if: ExternalTool.has("python3"), "needs python3"))
  func `no value makes an element, an attribute or a scheme`() throws {
    let template = try HTMLContextTests.folder(Self.places).catalogue().all[0]
    var generator = SplitMix(state: 20_261_201)
    func text() -> String {
      (0..<Int.random(in: 1...6, using: &generator)).map { _ in
        Self.pieces.randomElement(using: &generator)!
      }.joined()
    }
    func page(_ x: String, _ y: String) throws -> String {
      var values = values(app: x)
      values.variables = ["x": x, "y": y]
      return String(decoding: try template.render(values).html, as: UTF8.self)
    }
    let pairs = (0..<3000).map { _ in (text(), text()) }
    let answers = try read(try [page("x", "y")] + pairs.map(page))
    let harmless = answers[0]
    #expect(harmless.tags.count > 30)
    #expect(harmless.schemes == ["https", "mailto"])
    for (answer, pair) in zip(answers.dropFirst(), pairs) {
      #expect(answer.tags == harmless.tags, "\(pair)")
      #expect(Set(answer.schemes).isSubset(of: ["http", "https", "mailto"]), "\(pair)")
    }
    // The reader sees what we forbid.
    let bad = try read(["<a href=\" java\tscript:x\" onclick=x>"])
    #expect(bad[0].schemes == ["javascript"] && bad[0].tags == ["a href onclick"])
  }

  private struct Page: Decodable {
    let tags: [String]
    let schemes: [String]
  }

  @Test(.enabled(if: ExternalTool.has("chromium"), "needs chromium"))
  func `Chromium sees none either`() throws {
    let template = try HTMLContextTests.folder(Self.places).catalogue().all[0]
    var generator = SplitMix(state: 7)
    var rendered: [String] = []
    for index in 0..<400 {
      var values = values()
      let value = (0..<4).map { _ in Self.pieces.randomElement(using: &generator)! }.joined()
      values.variables = ["x": index == 0 ? "x" : value, "y": index == 0 ? "y" : value]
      rendered.append(String(decoding: try template.render(values).html, as: UTF8.self))
    }
    let pages = String(decoding: try JSONEncoder().encode(rendered.map { Data($0.utf8) }), as: UTF8.self)
    let script = """
      const texts = \(pages).map(text => new TextDecoder().decode(Uint8Array.from(atob(text), c => c.charCodeAt(0))));
      const scheme = url => {
        try { return new URL(url).protocol } catch { return (/^\\s*([a-z][a-z0-9+.-]*:)/i.exec(url) || [""])[0] }
      };
      return texts.map(text => {
        const all = Array.from(new DOMParser().parseFromString(text, "text/html").querySelectorAll("*"));
        const links = all.map(element => typeof element.href == "string" && element.href ? scheme(element.href) : "");
        return {
          tags: all.map(element => [element.localName, ...element.getAttributeNames()].join(" ")),
          schemes: Array.from(new Set(links.filter(Boolean))).sort()
        };
      });
      """
    let answers = try Chromium.evaluate(script, in: "<body></body>", width: 800, as: [Page].self)
    #expect(answers.count == rendered.count)
    for (answer, page) in zip(answers, rendered) {
      #expect(answer.tags == answers[0].tags, "\(page)")
      // `file:` is where the page lies, so it stands for what has no scheme.
      #expect(Set(answer.schemes).isSubset(of: ["file:", "http:", "https:", "mailto:", "about:"]), "\(page)")
    }
  }
}
