internal import CodeRequests
internal import Documents

/// A name that requests may bring a value for, declared in `variables.json5`:
/// `city: { description: "Where the sign-in came from", example: "Malmö", required: false }`.
///
/// Values come from whoever asks for a code, and go out under our name. So they are short and hold nothing that programs
/// which show mail make a link of, unless `maxLength` and `links` say otherwise.
package struct TemplateVariable: Hashable, Sendable {
  package let name: String
  package let description: String
  /// What lint and the preview show.
  package let example: String
  /// A request without it is not sent.
  package let isRequired: Bool
  /// A value has at most so many characters.
  package let maximum: Int
  /// A value may hold links.
  package let mayHoldLinks: Bool

  private static let usualMaximum = 64
  /// A request's own limit.
  private static let mostOfRequest = 4096

  /// Reads `variables.json5`; the order of slots is that of the names.
  static func declarations(in source: TemplateSource) throws(TemplateFault) -> [TemplateVariable] {
    try source.read(
      .badVariables,
      "{ name: { description: \"…\", example: \"…\", required: false, maxLength: 64, links: false } }"
    ) { (file) throws(DocumentFault) in
      var variables: [TemplateVariable] = []
      for (name, node) in try file.members() { variables.append(try TemplateVariable(name, node)) }
      return variables.sorted { $0.name < $1.name }
    }
  }

  private init(_ name: String, _ node: DocumentNode) throws(DocumentFault) {
    guard MustacheParser.isName(Array(name.utf8)), name.utf8.count <= 64 else {
      throw node.fault("is not a name; expected a letter, then letters, digits, _ or -, at most 64 in all")
    }
    guard TemplateNames.Known(rawValue: name) == nil else {
      throw node.fault("is a built-in name; choose another")
    }
    let fields = try node.object(["description", "example", "required", "maxLength", "links"])
    self.name = name
    description = try fields["description"]?.string() ?? ""
    example = try fields["example"]?.string() ?? name
    isRequired = try fields["required"]?.boolean() ?? false
    maximum = try fields["maxLength"]?.integer(in: 1...Self.mostOfRequest) ?? Self.usualMaximum
    mayHoldLinks = try fields["links"]?.boolean() ?? false
  }

  /// Whether a request may bring this value.
  ///
  /// - Throws: a fault of the variable that does not repeat the value.
  func check(_ value: String) throws(RequestFault) {
    func fault(_ message: String) -> RequestFault { RequestFault(field: "variables.\(name)", message) }
    guard value.unicodeScalars.count <= maximum else {
      throw fault(
        "has more than \(maximum) characters; maxLength in variables.json5 of the templates would allow it more"
      )
    }
    guard mayHoldLinks || !LinkText.isIn(value) else {
      throw fault(
        "holds what mail programs make a link of, such as a URL, a domain or an address; links: true in variables.json5 of the templates would allow it"
      )
    }
  }
}
