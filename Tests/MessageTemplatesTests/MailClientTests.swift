import Foundation
import MessageTemplates
import TestSupport
import Testing

/// The mails that ship, beside the table of what mail programs show.
@Suite struct MailClientTests {
  /// The first cell of each row under a heading, without its marks.
  private static func rows(_ heading: String) throws -> [String: [String]] {
    let page = try String(
      contentsOfFile:
        "\(Scratch.repository)/Sources/MessageTemplates/MessageTemplates.docc/MailClients.md",
      encoding: .utf8)
    let start = try #require(page.range(of: "| \(heading) |"))
    let table = page[start.lowerBound...].split(separator: "\n", omittingEmptySubsequences: false)
      .prefix { $0.hasPrefix("|") }.dropFirst(2)
    var rows: [String: [String]] = [:]
    for line in table {
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      rows[cells[0].replacing("`", with: "")] = Array(cells.dropFirst())
    }
    return rows
  }

  private struct Tag {
    let name: String
    var attributes: [(name: String, value: String)] = []
    var styles: [(property: String, value: String)] = []
  }

  /// What ships, and one that is written from right to left.
  private static let mails = Result { () throws -> [String] in
    let shippedMails = try TemplateCatalogue(directory: shipped).all
    let directory = try TemporaryDirectoryOwner()
    let templates = try TemplateCopy(at: "\(directory.path)/T", locales: ["en"])
    try FileManager.default.moveItem(atPath: "\(templates.path)/en", toPath: "\(templates.path)/fa")
    var given = values()
    given.footer = "Fabrikam AB\nStorgatan 1"
    given.codeDomain = "login.fabrikam.example"
    given.clientAgent = "Firefox/1 Windows"
    return try (shippedMails + TemplateCatalogue(directory: templates.path).all).map {
      String(decoding: try $0.render(given).html, as: UTF8.self)
    }
  }

  private static func tags(_ html: String) -> [Tag] {
    // Conditional comments are for Outlook alone, and shown as tags here.
    let body = html.replacing(/<style>[\s\S]*?<\/style>/, with: "<style>").replacing(
      /<!--\[if mso\]>|<!\[endif\]-->/, with: "")
    return body.matches(of: /<([a-z][a-z0-9]*)((?:\s+[a-zA-Z-]+="[^"]*")*)\s*>/).map { match in
      var tag = Tag(name: String(match.1))
      for attribute in match.2.matches(of: /([a-zA-Z-]+)="([^"]*)"/) {
        tag.attributes.append((String(attribute.1), String(attribute.2)))
        guard attribute.1 == "style" else { continue }
        tag.styles = attribute.2.split(separator: ";").map { declaration in
          let parts = declaration.split(separator: ":", maxSplits: 1).map {
            $0.trimmingCharacters(in: .whitespaces)
          }
          return (parts[0], parts.count > 1 ? parts[1] : "")
        }
      }
      return tag
    }
  }

  @Test func `uses what the table has, and the table has what is used`() throws {
    let (properties, attributes) = (try Self.rows("property"), try Self.rows("attribute"))
    var used: (properties: Set<String>, attributes: Set<String>, elements: Set<String>) = ([], [], [])
    for mail in try Self.mails.get() {
      for tag in Self.tags(mail) {
        used.elements.insert(tag.name)
        used.properties.formUnion(tag.styles.map(\.property))
        if tag.name != "meta" { used.attributes.formUnion(tag.attributes.map(\.name)) }
      }
    }
    #expect(used.properties == Set(properties.keys))
    #expect(used.attributes == Set(attributes.keys))
    let elements: Set = [
      "body", "br", "div", "h1", "head", "html", "meta", "p", "strong", "style", "table", "td", "title", "tr",
    ]
    #expect(used.elements == elements)
    // Each says of eight programs what they show, and where it is not all, what is left.
    for rows in [properties, attributes, try Self.rows("rule")] {
      for (name, cells) in rows {
        #expect(cells.prefix(8).allSatisfy { ["yes", "part", "no"].contains($0) }, "\(name)")
        #expect(cells.prefix(8).allSatisfy { $0 == "yes" } || cells.count == 9, "\(name)")
      }
    }
  }

  @Test func `keeps to the limits that the table names`() throws {
    for mail in try Self.mails.get() {
      for tag in Self.tags(mail) {
        let styles = Dictionary(tag.styles.map { ($0.property, $0.value) }) { $1 }
        let written = "\(tag)"
        for property in ["padding", "border", "border-left", "border-bottom", "border-top", "height"]
        where styles[property] != nil && styles[property] != "0" { #expect(tag.name == "td", "\(written)") }
        for (property, value) in tag.styles where property.hasPrefix("border") && property != "border-radius"
        {
          let width = value.prefix { $0.isNumber }
          #expect(Int(width).map { $0 <= 8 } == true, "\(written)")
        }
        // Word takes a height of lines for the least unless it is told before.
        if let index = tag.styles.firstIndex(where: { $0.property == "line-height" }) {
          #expect(index > 0 && tag.styles[index - 1] == ("mso-line-height-rule", "exactly"), "\(written)")
        }
        #expect(
          styles["font-weight"] ?? "700" == "700" && styles["display"] ?? "none" == "none", "\(written)")
        #expect(
          styles["max-width"] == nil || tag.name == "table" || styles["display"] == "none", "\(written)")
        for property in ["opacity", "overflow", "max-height"] where styles[property] != nil {
          #expect(styles["display"] == "none", "\(written)")
        }
        for value in [styles["font-size"], styles["line-height"], styles["letter-spacing"]].compactMap({ $0 })
        {
          #expect(value == "0" || value.hasSuffix("px"), "\(written)")
        }
        if let margin = styles["margin"] {
          #expect(!margin.contains("-") && !margin.contains("auto"), "\(written)")
          #expect(margin == "0" || !["body", "span"].contains(tag.name), "\(written)")
        }
        #expect(!tag.styles.contains { $0.value.contains("!important") }, "\(written)")
        let attributes = Dictionary(tag.attributes.map { ($0.name, $0.value) }) { $1 }
        if let background = styles["background-color"], tag.name == "td" || tag.name == "table" {
          #expect(attributes["bgcolor"] == background, "\(written)")
        }
        // Who drops `dir` reads `direction`.
        if let direction = attributes["dir"], tag.name != "html" {
          #expect(styles["direction"] == direction, "\(written)")
        }
        if styles["height"] != nil { #expect(attributes["height"] != nil, "\(written)") }
      }
    }
  }

  @Test func `a mail that is written from right to left is so without its attributes`() throws {
    let mail = try #require(Self.mails.get().last).replacing(/\sdir="[a-z]*"/, with: "")
    let cells = Self.tags(mail).filter {
      $0.name == "td" && $0.styles.contains { $0.property == "font-family" }
    }
    #expect(cells.count == 5)
    for cell in cells {
      let isCode = cell.attributes.contains { $0 == ("class", "code") }
      #expect(cell.styles.first.map { $0 == ("direction", isCode ? "ltr" : "rtl") } == true, "\(cell)")
    }
  }

  /// GMX, WEB.DE and Gmail for accounts of others drop it whole.
  @Test func `nothing vital stands in the style sheet`() throws {
    for mail in try Self.mails.get() {
      let sheets = mail.matches(of: /<style>([\s\S]*?)<\/style>/).map { String($0.1) }
      #expect(
        sheets.count == 2
          && mail.range(of: "</head>").map { mail[$0.upperBound...].contains("<style") } == false)
      let rules = sheets[0].matches(of: /([^{}]+)\{([^{}]*)\}/)
      for rule in rules {
        let selector = rule.1.trimmingCharacters(in: .whitespacesAndNewlines)
        for declaration in rule.2.split(separator: ";") {
          let parts = declaration.split(separator: ":", maxSplits: 1).map {
            $0.trimmingCharacters(in: .whitespaces)
          }
          // Sizes for phones, colours for the dark: no rule shows, hides or places anything.
          let isLess = [
            "padding", "font-size", "letter-spacing", "color", "background-color", "border-color",
            "color-scheme",
          ].contains(parts[0])
          #expect(isLess, "\(selector): \(declaration)")
          #expect(selector == ":root" || parts[1].hasSuffix(" !important"), "\(selector): \(declaration)")
        }
      }
      #expect(!sheets[0].contains("/*") && sheets[0].utf8.count < 16_384)
    }
  }
}
