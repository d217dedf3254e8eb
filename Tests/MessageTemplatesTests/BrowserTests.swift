import Foundation
import TestSupport
import Testing

@testable import MessageTemplates

/// The preview and the mails in it, as Chromium lays them out.
@Suite(.waitsLong, .enabled(if: ExternalTool.has("chromium"), "needs chromium"))
struct BrowserTests {
  /// What ships, and two tenants: one with words of its own, one with colours of its own.
  private static let preview = Result { try makePreview() }

  private static func makePreview() throws -> TemplatePreview {
    let directory = try TemporaryDirectoryOwner()
    let root = "\(directory.path)/T"
    try FileManager.default.copyItem(atPath: shipped, toPath: root)
    for folder in ["Contoso/sv/sign-in", "Northwind/cs"] {
      try FileManager.default.createDirectory(
        atPath: "\(root)/tenants/\(folder)", withIntermediateDirectories: true)
    }
    try "Contoso: kod till {{app}}".write(
      toFile: "\(root)/tenants/Contoso/sv/sign-in/subject.txt", atomically: true, encoding: .utf8)
    try String(contentsOfFile: "\(root)/code.html", encoding: .utf8).replacing("#eaeffb", with: "#fdf0dc")
      .replacing("#14234b", with: "#4a2b00")
      .write(toFile: "\(root)/tenants/Northwind/cs/code.html", atomically: true, encoding: .utf8)
    let preview = TemplatePreview(directory: root)
    #expect(preview.findings == [])
    return preview
  }

  private static func page() throws -> String {
    try #require(try preview.get().files[TemplatePreview.pageName])
  }

  /// Each mail with the usual values and with hostile ones, the former also as a reader in the dark sees it: the title that
  /// its frame has, and its source. Other numbers of minutes change no more than a word.
  private static func mails() throws -> [[String]] {
    let preview = try preview.get()
    return preview.cards.flatMap { card in
      zip(preview.samples, card.mails).flatMap { sample, mail -> [[String]] in
        guard sample == preview.samples[0] || sample.app != preview.samples[0].app else { return [] }
        let source = String(decoding: mail.mail.html, as: UTF8.self)
        let name = "\(card.identifier): \(card.locale), \(sample.label)"
        // Values change no colour: one dark mail of each is enough.
        let dark = source.replacing("(prefers-color-scheme: dark)", with: "all")
        return [["\(name), light", source]] + (sample == preview.samples[0] ? [["\(name), dark", dark]] : [])
      }
    }
  }

  /// The style of the page as a browser set to dark takes it.
  private static func darkStyle(of page: String) throws -> String {
    let end = try #require(page.range(of: "</style>")).lowerBound
    let start = try #require(page.range(of: "<style>")).upperBound
    return String(page[start..<end]).replacing("(prefers-color-scheme: dark)", with: "all")
      .replacing("color-scheme: light dark", with: "color-scheme: dark")
  }

  /// WCAG 2.2 contrast of every text that is shown.
  private static let contrast = """
    const channels = text => text.match(/[\\d.]+/g).map(Number);
    const luminance = color => color.slice(0, 3).map(c => c / 255)
      .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
      .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const background = element => {
      for (; element; element = element.parentElement) {
        const color = channels(element.ownerDocument.defaultView.getComputedStyle(element).backgroundColor);
        if (color.length < 4 || color[3] > 0) return color;
      }
      return [255, 255, 255];
    };
    const faint = document => {
      const found = [];
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) {
        const node = walker.currentNode, element = node.parentElement;
        if (!node.data.trim() || element.closest("style, script")) continue;
        if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
        const style = document.defaultView.getComputedStyle(element);
        const [front, back] = [luminance(channels(style.color)), luminance(background(element))];
        const ratio = (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
        seen += 1;
        if (ratio < 4.5) found.push(ratio.toFixed(2) + " " + style.color + " " + node.data.trim().slice(0, 40));
      }
      return found;
    };
    let seen = 0;
    """

  private struct Mails: Decodable {
    var mails: Int
    var texts: Int
    var split: [String]
    var wide: [String]
    var faint: [String]
    var structure: [String]
  }

  private static let mailScript = """
    const result = { mails: 0, texts: 0, split: [], wide: [], faint: [], structure: [] };
    const frame = document.createElement("iframe");
    document.body.append(frame);
    const sources = JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(document.body.dataset.mails), c => c.charCodeAt(0))));
    for (const [name, source] of sources) {
      result.mails += 1;
      // Written into the frame that is there: going to a page costs a document with all that belongs to one.
      const mail = frame.contentDocument;
      mail.open();
      mail.write(source);
      mail.close();
      while (mail.readyState != "complete") await new Promise(wait => setTimeout(wait, 1));
      const walker = mail.createTreeWalker(mail.body, NodeFilter.SHOW_TEXT);
      const codes = [];
      while (walker.nextNode()) if (/0.?4.?2.?9.?1.?7/.test(walker.currentNode.data)) codes.push(walker.currentNode);
      if (codes.length != 1 || codes[0].data.trim() != "042917" || mail.body.innerText.split("042917").length != 2)
        result.split.push(name);
      // The dark one differs in colours alone.
      if (!name.endsWith("dark")) for (const width of [320, 375, 640]) {
        frame.style.width = width + "px";
        const root = mail.documentElement;
        if (root.clientWidth != width) result.wide.push(name + " is laid out at " + root.clientWidth);
        if (root.scrollWidth > root.clientWidth) result.wide.push(name + " at " + width + ": " + root.scrollWidth);
        // A long word of a heading is not torn.
        if (width == 320) for (const { index, 0: word } of mail.querySelector("h1").innerText.matchAll(/[^\\s-]+/g)) {
          const range = mail.createRange();
          range.setStart(mail.querySelector("h1").firstChild, index);
          range.setEnd(mail.querySelector("h1").firstChild, index + word.length);
          if (range.getClientRects().length > 1) result.wide.push(name + " tears " + word);
        }
      }
      result.faint.push(...faint(mail).map(text => name + ": " + text));
      // What a screen reader meets: the language, one article with a name, the heading first, then the code.
      const article = mail.querySelectorAll("[role=article]");
      const locale = name.split(": ")[1].split(",")[0];
      const lines = mail.body.innerText.split("\\n").map(line => line.trim()).filter(line => line);
      if (mail.documentElement.lang != locale || article.length != 1 || article[0].lang != locale
        || article[0].ariaLabel != mail.title || !mail.title || mail.querySelectorAll("h1").length != 1
        || Array.from(mail.querySelectorAll("table"), t => t.role).some(role => role != "presentation")
        || lines.indexOf(mail.querySelector("h1").innerText) != 1 || lines.indexOf("042917") != 3 || !lines[2].endsWith(":"))
        result.structure.push(name);
    }
    frame.remove();
    result.texts = seen;
    return result;
    """

  @Test
  func `every mail: the code is one text node, nothing is wider than the screen, all text has contrast`()
    throws
  {
    let found = try Self.findings.get().mails
    // 30 that ship, one of Contoso's, 2 of Northwind's, with three sets of values; one of them dark too.
    #expect(found.mails == 33 * (3 + 1))
    #expect(found.texts > found.mails * 7)
    #expect(found.split == [])
    #expect(found.wide == [])
    #expect(found.faint == [])
    #expect(found.structure == [])
  }

  private struct Page: Decodable {
    var width: Int
    var background: String
    var states: Int
    var texts: Int
    var wide: [String]
    var faint: [String]
    var columns: [Int]
    var shown: [String]
    /// How large a phone's screen is shown.
    var scale: Double
    /// At how many heights the mails of the first row begin.
    var heights: Int
    /// How many mails are left by each filter, and what the page says of it.
    var filtered: [String]
    /// Where the menu leads.
    var jumps: [String]
  }

  private static let pageScript = """
    const view = document.querySelector("iframe");
    while (!view.contentDocument.querySelector("main") || view.contentDocument.readyState != "complete") await new Promise(wait => setTimeout(wait, 10));
    const page = view.contentDocument, style = page.querySelector("style"), light = style.textContent;
    const dark = new TextDecoder().decode(Uint8Array.from(atob(document.body.dataset.dark), c => c.charCodeAt(0)));
    const inputs = name => Array.from(page.getElementsByName(name));
    const look = async (width, words) => {
      view.style.width = width + "px";
      style.textContent = words;
      seen = 0;
      const result = { width: page.documentElement.clientWidth, states: 0, wide: [], faint: [], columns: [], shown: [], filtered: [] };
      result.background = page.defaultView.getComputedStyle(page.body).backgroundColor;
      for (const view of inputs("view")) for (const theme of inputs("theme"))
      for (const sample of inputs("sample").filter((sample, index, all) => index == 0 || index >= all.length - 2)) {
        for (const input of [view, theme, sample]) if (!input.checked) input.click();
        const name = [view.value, theme.value, sample.value].join(" "), root = page.documentElement;
        result.states += 1;
        if (root.scrollWidth > root.clientWidth) result.wide.push(name + ": " + root.scrollWidth);
        const frames = Array.from(page.querySelectorAll("#all-sv-sign-in canvas")).filter(f => f.checkVisibility());
        result.shown.push(frames.length + " " + Array.from(page.querySelectorAll("#all-sv-sign-in pre")).filter(f => f.checkVisibility()).length);
        if (theme.value == "both" && sample.value == "0") {
          const tops = Array.from(page.querySelectorAll("#sign-in > .strip > article"), a => a.getBoundingClientRect().top);
          result.columns.push(tops.filter(top => top == tops[0]).length);
          result.faint.push(...faint(page).map(text => name + ": " + text));
          const rooms = Array.from(page.querySelectorAll("#sign-in > .strip .room.light .screen"), r => r.getBoundingClientRect());
          if (view.value == "phone") {
            result.scale = rooms[0].width / 320;
            result.heights = new Set(rooms.slice(0, result.columns[0]).map(r => r.top)).size;
          }
        }
      }
      const left = () => Array.from(page.querySelectorAll("article")).filter(a => a.checkVisibility()).length;
      const rows = () => Array.from(page.querySelectorAll(".inbox li")).filter(a => a.checkVisibility()).length;
      const form = page.querySelector(".filters"), box = tag => form.querySelector("[value='" + tag + "']");
      const choose = (select, value) => { select.value = value; select.dispatchEvent(new Event("change", { bubbles: true })); };
      const note = () => result.filtered.push([left(), rows(), page.getElementById("count").textContent].join(" "));
      note();
      box("sv").click(); note();
      box("cs").click(); note();
      choose(form.purpose, "sign-in"); note();
      choose(form.tenant, "=Northwind"); note();
      choose(form.tenant, "-"); note();
      form.querySelector("[type=reset]").click();
      await new Promise(wait => setTimeout(wait, 1)); note();
      const jump = page.querySelector(".jump");
      jump.open = true;
      result.jumps = Array.from(jump.querySelectorAll("a"), a => decodeURIComponent(a.hash.slice(1))).filter(id => id && !page.getElementById(id));
      result.jumps.push(jump.querySelector("div").getBoundingClientRect().left >= 0 ? "in sight" : "out of sight");
      jump.open = false;
      result.texts = seen;
      return result;
    };
    return [await look(1280, dark), await look(390, light)];
    """

  private struct Findings: Decodable {
    var mails: Mails
    var looks: [Page]
  }

  /// One browser for both.
  private static let findings = Result { try look() }

  /// The page is looked at in a frame of 1280 points, dark, then of 390, light: a window has at least 500 points.
  private static func look() throws -> Findings {
    // The mails in its frames are looked at for themselves. A canvas is laid out as a frame is, and costs no document.
    let shell = try page().replacing("iframe", with: "canvas")
    let source = shell.replacing("&", with: "&amp;").replacing("\"", with: "&quot;")
    let dark = Data(try darkStyle(of: shell).utf8).base64EncodedString()
    let mails = try JSONEncoder().encode(Self.mails()).base64EncodedString()
    return try Chromium.evaluate(
      """
      \(contrast)
      const mails = await (async () => {
      \(mailScript)
      })();
      const looks = await (async () => {
      \(pageScript)
      })();
      return { mails, looks };
      """,
      in: """
        <!DOCTYPE html><body style="margin:0" data-dark="\(dark)" data-mails="\(mails)">
        <iframe style="border:0;width:1280px;height:1900px" srcdoc="\(source)"></iframe></body>
        """, width: 1280)
  }

  @Test func `the page holds its width and its contrast, whatever is switched on`() throws {
    let looks = try Self.findings.get().looks
    #expect(looks.map(\.width) == [1280, 390])
    #expect(looks[0].background != looks[1].background, "one of them is dark")
    for found in looks {
      #expect(found.states == 3 * 3 * 3)
      #expect(found.wide == [])
      #expect(found.faint == [])
      #expect(found.texts > 200)
      // Three phones side by side at their own size on a wide screen, one below the other on a phone.
      #expect(found.columns == (found.width == 1280 ? [3, 2, 3] : [1, 1, 1]))
      #expect(found.width == 1280 ? found.scale == 1 : found.scale > 0.9)
      #expect(found.heights == 1)
      // Phone and desktop show light and dark, one of them where asked to; text shows the text.
      let frames = ["2 0", "1 0", "1 0", "2 0", "1 0", "1 0", "0 1", "0 1", "0 1"]
      #expect(found.shown == frames.flatMap { Array(repeating: $0, count: 3) })
      #expect(
        found.filtered == [
          "33 33 ", "3 3 3 of 33 mails", "7 7 7 of 33 mails", "4 4 4 of 33 mails", "1 1 1 of 33 mails",
          "2 2 2 of 33 mails", "33 33 ",
        ])
      #expect(found.jumps == ["in sight"])
    }
  }

  private static let folder = ProcessInfo.processInfo.environment["SCREENSHOTS"]

  /// `SCREENSHOTS=folder swift test --filter BrowserTests` keeps them, that of a phone as well.
  @Test(arguments: folder == nil ? [1280] : [1280, 390])
  func `there is a picture of the page to look at`(width: Int) throws {
    let page = try Self.page()
    // On a phone the page is looked at through a frame: a window is wider.
    let frame =
      width > 600
      ? page
      : "<!DOCTYPE html><body style=\"margin:0\"><iframe style=\"border:0;width:\(width)px;height:2600px\" srcdoc=\"\(page.replacing("&", with: "&amp;").replacing("\"", with: "&quot;"))\"></iframe></body>"
    let picture = try Chromium.screenshot(of: frame, width: width, height: 2600)
    #expect(picture.starts(with: [0x89, 0x50, 0x4E, 0x47]))
    // Not blank, and as wide as it was asked for: the width is the first number of the header.
    #expect(picture.count > 100_000)
    #expect(picture[16..<20].reduce(0) { $0 << 8 | Int($1) } == width)
    if let folder = Self.folder {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try picture.write(to: URL(fileURLWithPath: "\(folder)/preview-\(width).png"))
    }
  }
}
