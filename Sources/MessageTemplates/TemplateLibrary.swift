internal import FoundationEssentials

/// The files of a directory while a catalogue is built from them: parses each once, and finds a part or a partial
/// in the nearest folder that has it.
struct TemplateLibrary {
  let files: TemplateFiles
  let names: TemplateNames
  private(set) var faults: [TemplateFault]
  /// What is looked at by nobody and stops nothing.
  private(set) var warnings: [TemplateFault]
  /// Files that have a fault already: that they are missing would be a second one.
  let broken: Set<String>

  private struct ParsedKey: Hashable {
    let file: String
    let indentation: [UInt8]
    let isTrimmed: Bool
  }
  struct Parsed {
    let source: TemplateSource
    let nodes: [MustacheNode]
  }
  private var parsed: [ParsedKey: Parsed] = [:]

  init(_ files: TemplateFiles) {
    self.files = files
    var faults = files.faults.filter { Self.isWanted($0.file, files) }
    var names = TemplateNames()
    if let source = files.sources["variables.json5"] {
      do throws(TemplateFault) {
        names = TemplateNames(variables: try TemplateVariable.declarations(in: source))
      } catch { faults.append(error) }
    }
    warnings = files.strays + files.faults.filter { !Self.isWanted($0.file, files) }
    self.names = names
    broken = Set(files.faults.map(\.file))
    self.faults = faults
  }

  /// False for a file that no mail can be made of, whatever is wrong with it: notes with CRLF, a link that leads nowhere.
  private static func isWanted(_ file: String, _ files: TemplateFiles) -> Bool {
    let path = file.split(separator: "/")
    guard let name = path.last else { return true }
    // What stands where a locale or a purpose does may be one; beside the parts of a mail it is none.
    guard TemplateFiles.isTemplate(file) else {
      return path.count < (path[0] == CatalogueLoader.tenantsFolder ? 5 : 3)
    }
    let known = [
      "layout.html", "layout.txt", ValidityPhrases.fileName, RequestPhrases.fileName, "variables.json5",
    ]
    if CatalogueLoader.isPart(name) || known.contains(String(name)) { return true }
    let partial = name.prefix { $0 != "." }
    return files.sources.values.contains { includes(partial, $0.text) }
  }

  /// Whether `{{> partial }}` stands in a text.
  private static func includes(_ partial: Substring, _ text: String) -> Bool {
    text.ranges(of: "{{>").contains { open in
      let rest = text[open.upperBound...].drop(while: \.isWhitespace)
      return rest.hasPrefix(partial)
        && rest.dropFirst(partial.count).drop(while: \.isWhitespace).hasPrefix("}}")
    }
  }

  func hasFault(in origins: [TemplateOrigin]) -> Bool {
    !faults.isEmpty && origins.contains { origin in faults.contains { $0.file == origin.file } }
  }

  mutating func add(_ fault: TemplateFault) { faults.append(fault) }

  mutating func warn(_ fault: TemplateFault) { warnings.append(fault) }

  /// The purposes of which some folder holds every part.
  lazy var wholePurposes: Set<String> = Set(
    files.folders.compactMap { folder, names in
      guard CatalogueLoader.parts.allSatisfy(names.contains) else { return nil }
      return folder.split(separator: "/").last.map(String.init)
    })

  /// The file as nodes; its faults are kept once, from its own text.
  mutating func parse(_ source: TemplateSource, indentation: [UInt8] = [], trimmed: Bool = false) -> Parsed {
    let key = ParsedKey(file: source.file, indentation: indentation, isTrimmed: trimmed)
    if let known = parsed[key] { return known }
    var text = trimmed ? source.withoutFinalLineEnd() : source
    if !indentation.isEmpty { text = text.indented(by: indentation) }
    var parser = MustacheParser(text, names: names)
    let nodes = parser.parse()
    if indentation.isEmpty { faults += parser.faults }
    let result = Parsed(source: text, nodes: nodes)
    parsed[key] = result
    return result
  }
}

/// Where the files of one mail are looked for: those of one tenant first, nearest first.
struct TemplateFolders: Sendable {
  /// The folders that hold the parts of one purpose in one locale.
  let parts: [String]
  /// Those, then the locale's own, then the one above, for each of tenant and common.
  let all: [String]

  /// - Parameters:
  ///   - tenant: the tenant's folder, `tenants/fabrikam`, with the name of its folder for the locale, if any.
  ///   - common: the name of the common folder for the locale, if any.
  init(tenant: (folder: String, locale: String?)?, common: String?, purpose: String) {
    var parts: [String] = []
    var all: [String] = []
    if let tenant {
      if let locale = tenant.locale {
        parts.append("\(tenant.folder)/\(locale)/\(purpose)")
        all += [parts[0], "\(tenant.folder)/\(locale)"]
      }
      all.append(tenant.folder)
    }
    if let common {
      parts.append("\(common)/\(purpose)")
      all += ["\(common)/\(purpose)", common]
    }
    all.append("")
    self.parts = parts
    self.all = all
  }

  static func path(_ folder: String, _ name: String) -> String { folder.isEmpty ? name : "\(folder)/\(name)" }
}
