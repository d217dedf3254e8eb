internal import CodeRequests
internal import LinuxSystem

/// What the name of an attribute says about a value in it.
enum AttributeKind: Equatable, Sendable {
  /// Text in quotes.
  case plain
  case url(URLList)
  /// Script, style or markup, where escaping does not help; the text goes on after the name of the attribute.
  case forbidden(String)

  /// What ends one URL of an attribute that holds several.
  enum URLList: Equatable, Sendable { case single, commas, blanks }

  /// - Parameters: both in lower case, as they stand in the tag.
  init(name: [UInt8], of element: [UInt8]) {
    let element = String(decoding: element, as: UTF8.self)
    let written = String(decoding: name, as: UTF8.self)
    // `xlink:href` of SVG, `v:src` and `o:href` of Office.
    let name = written.split(separator: ":", omittingEmptySubsequences: false).last.map(String.init) ?? ""
    let tag = element.split(separator: ":").last.map(String.init) ?? element
    let isName = written.utf8.allSatisfy {
      $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
        || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".")
    }
    if tag == "script" {
      self = .forbidden("which belongs to a script; take it out")
    } else if !isName {
      self = .forbidden("which is no name that HTML knows; check quotes and blanks before it")
    } else if name.hasPrefix("on") {
      self = .forbidden("which is a script; take it out")
    } else if name == "style" {
      self = .forbidden("where it could say more than one property; write styles out, or choose by a section")
    } else if name == "srcdoc" {
      self = .forbidden("which is a document of its own; take it out")
    } else if Self.animations.contains(tag), Self.animated.contains(name) {
      self = .forbidden("which can set a link; write it out")
    } else if name == "srcset" || name == "imagesrcset" {
      self = .url(.commas)
    } else if ["ping", "archive", "attributionsrc", "profile"].contains(name) {
      self = .url(.blanks)
    } else if Self.urls.contains(name) || (tag == "param" && name == "value") || written.hasPrefix("xmlns") {
      self = .url(.single)
    } else if !written.hasPrefix("data-"),
      ["src", "url", "uri"].contains(where: { name.firstRange(ofASCII: $0) != nil })
    {
      self = .url(.single)
    } else {
      self = .plain
    }
  }

  private static let urls: Set<String> = [
    "href", "src", "action", "formaction", "background", "poster", "cite", "data", "codebase", "classid",
    "longdesc", "usemap", "manifest", "icon", "lowsrc", "dynsrc", "itemid", "itemtype", "code", "object",
  ]
  private static let animations: Set<String> = ["animate", "set", "animatetransform", "animatemotion"]
  private static let animated: Set<String> = ["to", "from", "by", "values", "attributename"]
}
