internal import CodeRequests
internal import Documents

/// A name that requests may bring a value for, declared in `variables.json5`:
/// `city: { description: "Where the sign-in came from", example: "Malmö", required: false }`.
package struct TemplateVariable: Hashable, Sendable {
  package let name: String
  package let description: String
  /// What lint and the preview show.
  package let example: String
  /// A request without it is not sent.
  package let isRequired: Bool

  /// Reads `variables.json5`; the order of slots is that of the names.
  static func declarations(in source: TemplateSource) throws(TemplateFault) -> [TemplateVariable] {
    try source.read(
      .badVariables, "{ name: { description: \"…\", example: \"…\", required: false } }"
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
    let fields = try node.object(["description", "example", "required"])
    self.name = name
    description = try fields["description"]?.string() ?? ""
    example = try fields["example"]?.string() ?? name
    isRequired = try fields["required"]?.boolean() ?? false
  }
}
