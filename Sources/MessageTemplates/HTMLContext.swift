/// Where a place in an HTML document stands, as far as a value there could do harm: followed byte by byte through the
/// text of a template, as the tokenizer of the HTML standard goes (WHATWG, 13.2.5), when templates are loaded.
///
/// A value never changes it, since it is escaped for where it stands; where no escaping would help, `value` says why.
struct HTMLContext: Equatable, Sendable {
  /// Why a value, or what follows a section, may not stand where it does.
  struct Problem: Error, Hashable {
    /// Goes on after the tag's own text.
    let message: String
  }

  enum Place: Equatable, Sendable {
    case text
    /// Behind `<` and behind `</`, before what says whether a tag begins.
    case tagOpen, endTagOpen
    case tagName
    case beforeName, name, afterName, beforeValue
    case unquoted
    case quoted(UInt8)
    /// Behind a section that may have added attributes: a blank, `/` or `>` has to follow.
    case sectionEnd
    /// The same with a blank behind it.
    case afterSection
    /// Behind `<!`, with as many bytes as say what it is.
    case markup([UInt8])
    /// How much of `-->` or `--!>` stands there already.
    case comment(CommentEnd)
    case declaration
    /// What is no markup up to the end tag of `element`; how much of that stands there already.
    case raw(matched: Int)
  }

  enum CommentEnd: Equatable, Sendable { case start, startDash, none, dash, dashes, bang }

  var place = Place.text
  /// The tag that is being read, or whose content is no markup; in lower case, as all names here.
  var element: [UInt8] = []
  var isEndTag = false
  var attribute: [UInt8] = []
  var kind = AttributeKind.plain
  var url = URLPosition()
  /// `<meta http-equiv>` makes a URL of what else is text.
  var isRefresh = false
  var hasValueInContent = false

  // MARK: Values

  /// How a value that stands here is to be escaped.
  mutating func value() throws(Problem) -> ValueEscaping {
    switch place {
    case .text: return .html
    case .quoted: return try valueInQuotes()
    case .raw(let matched):
      guard Self.escapable.contains(name(element)) else {
        throw Problem(
          message: "stands in <\(name(element))>, where no escaping makes it harmless; take it out")
      }
      guard matched == 0 else {
        throw Problem(message: "stands in the tag that ends <\(name(element))>; take it out")
      }
      return .html
    case .beforeValue, .unquoted:
      throw Problem(
        message:
          "stands in the attribute '\(name(attribute))' without quotes, where a blank in it would begin another attribute; put quotes around it"
      )
    case .tagOpen, .endTagOpen, .tagName:
      throw Problem(message: "stands in the name of a tag; write the name out")
    case .beforeName, .name, .afterName, .sectionEnd, .afterSection:
      throw Problem(
        message: "stands where a tag has its attributes' names; put it into an attribute, in quotes")
    case .markup, .comment:
      throw Problem(
        message: "stands in a comment of the HTML, which readers get to see; take it out, or write {{! … }}")
    case .declaration:
      throw Problem(message: "stands in a declaration, <!…> or <?…>; take it out")
    }
  }

  /// Within a style sheet or a `style` in quotes, where a colour may stand and nothing that somebody else writes.
  var isStyle: Bool {
    switch place {
    case .quoted: name(attribute) == "style"
    case .raw(matched: 0): name(element) == "style"
    default: false
    }
  }

  private mutating func valueInQuotes() throws(Problem) -> ValueEscaping {
    switch kind {
    case .plain:
      guard name(element) == "meta", name(attribute) == "content" else { return .html }
      guard !isRefresh else { throw Self.refresh }
      hasValueInContent = true
      return .html
    case .url(let list): return try url.value(in: list)
    case .forbidden(let reason):
      throw Problem(message: "stands in the attribute '\(name(attribute))', \(reason)")
    }
  }

  private static let refresh = Problem(
    message: "stands in the content of <meta http-equiv>, which can lead elsewhere; write it out")

  /// Whether the text of a file that is no HTML may stand here: it may where a value may, but for URLs.
  func text() throws(Problem) {
    if case .quoted = place, case .url = kind {
      throw Problem(message: "is text, and stands in a URL; use a value")
    }
    var copy = self
    _ = try copy.value()
  }

  // MARK: Sections

  /// What holds behind a section: both with what is in it and without. Nil where the two have nothing in common.
  static func joined(_ one: HTMLContext, _ other: HTMLContext) -> HTMLContext? {
    if one == other { return one }
    var (one, other) = (one, other)
    one.isRefresh = one.isRefresh || other.isRefresh
    one.hasValueInContent = one.hasValueInContent || other.hasValueInContent
    (other.isRefresh, other.hasValueInContent) = (one.isRefresh, one.hasValueInContent)
    if one == other { return one }
    guard one.element == other.element, one.isEndTag == other.isEndTag else { return nil }
    if let joined = Place.joined(one.place, other.place) {
      one.place = joined
      (one.attribute, one.kind, one.url) = ([], .plain, URLPosition())
      return one
    }
    guard one.place == other.place, one.attribute == other.attribute, one.kind == other.kind,
      case .quoted = one.place, let url = URLPosition.joined(one.url, other.url)
    else { return nil }
    one.url = url
    return one
  }

  /// For messages: where one is here.
  var description: String {
    switch place {
    case .text: "in text"
    case .tagOpen, .endTagOpen, .tagName: "in the name of a tag"
    case .beforeName, .name, .afterName, .sectionEnd, .afterSection: "in the tag <\(name(element))>"
    case .beforeValue, .unquoted: "in the attribute '\(name(attribute))', which has no quotes"
    case .quoted: "within the quotes of the attribute '\(name(attribute))'"
    case .markup, .comment: "in a comment"
    case .declaration: "in a declaration"
    case .raw: "in <\(name(element))>"
    }
  }

  func name(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  /// Elements whose content is text, with character references.
  static let escapable: Set<String> = ["title", "textarea"]
  /// Elements whose content is no markup, or is one only to some programs.
  static let raw: Set<String> = [
    "title", "textarea", "script", "style", "xmp", "iframe", "noembed", "noframes", "noscript", "plaintext",
  ]
}

extension HTMLContext.Place {
  /// Two places in one tag between which a section leads; nil where either is in a value.
  fileprivate static func joined(_ one: Self, _ other: Self) -> Self? {
    let between: [Self] = [.beforeName, .afterName, .afterSection]
    let open: [Self] = between + [.tagName, .name, .unquoted, .sectionEnd]
    if between.contains(one), between.contains(other) { return .afterSection }
    return open.contains(one) && open.contains(other) ? .sectionEnd : nil
  }
}
