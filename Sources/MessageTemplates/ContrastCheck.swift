internal import Branding
internal import CodeRequests

/// Finds text whose colour is too near to what is behind it, by the inline styles of the elements around it.
struct ContrastCheck {
  /// A colour, and how it is written.
  struct Shade: Hashable {
    let written: String
    let colour: HexColour
  }

  struct Finding: Hashable {
    let color: Shade
    let background: Shade
    let ratio: Double
  }

  /// The colours of each stretch of text, and of each rule of the style element that sets both.
  static func findings(in html: String) -> Set<Finding> {
    var findings: Set<Finding> = []
    var stack: [(tag: String, color: Shade, background: Shade, isHidden: Bool)] = [
      ("", Shade(written: "black", colour: .black), Shade(written: "white", colour: .white), false)
    ]
    var rest = html[...]
    while let open = rest.firstIndex(of: "<") {
      let text = rest[..<open]
      let top = stack[stack.count - 1]
      if !top.isHidden, text.contains(where: { !$0.isWhitespace }) {
        note(top.color, top.background, &findings)
      }
      guard let close = rest[open...].firstIndex(of: ">") else { break }
      let tag = rest[rest.index(after: open)..<close]
      rest = rest[rest.index(after: close)...]
      let name = tag.drop { $0 == "/" }.prefix { $0.isLetter || $0.isNumber }.lowercased()
      if tag.hasPrefix("/") {
        if let index = stack.lastIndex(where: { $0.tag == name }), index > 0 {
          stack.removeSubrange(index...)
        }
      } else if name == "style" {
        let end = rest.firstRange(ofASCII: "</style")?.lowerBound ?? rest.endIndex
        for rule in rest[..<end].split(separator: "}") {
          let style = String(rule.split(separator: "{").last ?? "")
          if let color = color("color", in: style), let back = background(in: style) {
            note(color, back, &findings)
          }
        }
        rest = rest[end...]
      } else if !["meta", "br", "hr", "img", "link", "input", "col", "!doctype", ""].contains(name),
        !tag.hasSuffix("/")
      {
        let style = attribute("style", in: tag) ?? ""
        stack.append(
          (
            name, color("color", in: style) ?? top.color,
            background(in: style) ?? shade(attribute("bgcolor", in: tag) ?? "") ?? top.background,
            top.isHidden || style.contains("display:none") || name == "title"
          ))
      }
    }
    return findings
  }

  private static func background(in style: String) -> Shade? {
    color("background-color", in: style) ?? color("background", in: style)
  }

  private static func note(_ color: Shade, _ background: Shade, _ findings: inout Set<Finding>) {
    let ratio = color.colour.contrast(with: background.colour)
    findings.insert(Finding(color: color, background: background, ratio: ratio))
  }

  private static func attribute(_ name: String, in tag: Substring) -> String? {
    guard let range = tag.firstRange(ofASCII: "\(name)=\"") else { return nil }
    return String(tag[range.upperBound...].prefix { $0 != "\"" })
  }

  /// The value of one property of a style.
  private static func color(_ property: String, in style: String) -> Shade? {
    for declaration in style.split(separator: ";") {
      let parts = declaration.split(separator: ":", maxSplits: 1).map(\.trimmed)
      guard parts.count == 2, parts[0].lowercased() == property else { continue }
      return shade(parts[1].replacing("!important", with: "").trimmed)
    }
    return nil
  }

  /// The names of HTML 4 and those of grey, which are what people write.
  private static let named = [
    "aqua": "#00ffff", "black": "#000000", "blue": "#0000ff", "darkgray": "#a9a9a9", "darkgrey": "#a9a9a9",
    "dimgray": "#696969", "dimgrey": "#696969", "fuchsia": "#ff00ff", "gray": "#808080", "green": "#008000",
    "grey": "#808080", "lightgray": "#d3d3d3", "lightgrey": "#d3d3d3", "lime": "#00ff00", "maroon": "#800000",
    "navy": "#000080", "olive": "#808000", "orange": "#ffa500", "purple": "#800080", "red": "#ff0000",
    "silver": "#c0c0c0", "teal": "#008080", "white": "#ffffff", "yellow": "#ffff00",
  ]

  private static func shade(_ written: String) -> Shade? {
    colour(written).map { Shade(written: written, colour: $0) }
  }

  /// Of `#rgb`, `#rrggbb`, `rgb(r, g, b)` and common names; nil for what cannot be judged.
  private static func colour(_ text: String) -> HexColour? {
    let text = text.lowercased()
    if text.hasPrefix("rgb(") {
      let numbers = text.dropFirst(4).split { !$0.isNumber }.compactMap { UInt8($0) }
      guard numbers.count == 3, text.hasSuffix(")"), !text.contains("%") else { return nil }
      return HexColour(numbers[0], numbers[1], numbers[2])
    }
    return HexColour(named[text] ?? text)
  }
}
