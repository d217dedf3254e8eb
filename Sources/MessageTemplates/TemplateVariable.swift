internal import CodeRequests
internal import FoundationEssentials
internal import JSON5Text

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
    let file: [String: Declaration]
    do {
      let decoder = JSONDecoder()
      decoder.allowsJSON5 = true
      file = try decoder.decode([String: Declaration].self, from: Data(source.bytes))
    } catch {
      throw source.fault(
        .badVariables, decoding: error,
        "expected { name: { description: \"…\", example: \"…\", required: false } }")
    }
    var variables: [TemplateVariable] = []
    for (name, declaration) in file.sorted(by: { $0.key < $1.key }) {
      guard MustacheParser.isName(Array(name.utf8)), name.utf8.count <= 64 else {
        throw source.fault(
          .badVariables, near: name,
          "'\(name)' is not a name; expected a letter, then letters, digits, _ or -, at most 64 in all")
      }
      guard TemplateNames.Known(rawValue: name) == nil else {
        throw source.fault(.badVariables, near: name, "'\(name)' is a built-in name; choose another")
      }
      variables.append(
        TemplateVariable(
          name: name, description: declaration.description ?? "", example: declaration.example ?? name,
          isRequired: declaration.required ?? false))
    }
    return variables
  }

  private struct Declaration: Decodable {
    var description: String?
    var example: String?
    var required: Bool?

    private enum Key: String, CodingKey, CaseIterable { case description, example, required }

    init(from decoder: any Decoder) throws {
      try checkKeys(of: decoder, known: Key.allCases.map(\.rawValue))
      let fields = try decoder.container(keyedBy: Key.self)
      description = try fields.decodeIfPresent(String.self, forKey: .description)
      example = try fields.decodeIfPresent(String.self, forKey: .example)
      required = try fields.decodeIfPresent(Bool.self, forKey: .required)
    }
  }
}

struct AnyKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }
  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

/// A key that a JSON5 file may not have.
struct UnknownKey: Error {
  let name: String
  let known: [String]
}

func checkKeys(of decoder: any Decoder, known: [String]) throws {
  for key in try decoder.container(keyedBy: AnyKey.self).allKeys where !known.contains(key.stringValue) {
    throw UnknownKey(name: key.stringValue, known: known)
  }
}

extension TemplateSource {
  /// What Foundation's decoder has to say, with the place where it says one.
  func fault(_ rule: TemplateRule, decoding error: any Error, _ expected: String) -> TemplateFault {
    if let unknown = error as? UnknownKey {
      let nearest = CodeRequests.nearest(to: unknown.name, in: unknown.known)
      return fault(
        rule, near: unknown.name,
        "'\(unknown.name)' is not known here"
          + (nearest.map { "; did you mean '\($0)'?" }
            ?? "; known are \(unknown.known.joined(separator: ", "))"))
    }
    var place: (line: Int, column: Int) = (1, 1)
    var path: [any CodingKey] = []
    switch error as? DecodingError {
    case .dataCorrupted:
      // The decoder tells no place.
      do throws(JSON5Outline.SyntaxFault) {
        _ = try JSON5Outline(bytes)
        place = position(of: bytes.count)
      } catch { place = position(of: error.offset) }
      return TemplateFault(
        rule, file: file, line: place.line, column: place.column, "is not valid JSON5 here; \(expected)")
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context):
      path = context.codingPath
    default: break
    }
    guard let last = path.last else { return fault(rule, at: 0, "has the wrong shape; \(expected)") }
    return fault(rule, near: last.stringValue, "'\(last.stringValue)' has the wrong type; \(expected)")
  }
}
