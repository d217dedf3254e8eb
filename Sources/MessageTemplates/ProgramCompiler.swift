internal import CodeRequests
internal import Documents

/// Puts the files of one mail together: the layout, what it includes, and what that includes, as one program.
struct ProgramCompiler {
  /// The most text that one part may come to, however often partials repeat it.
  private static let maximumSize = 512 * 1024

  private var program: TemplateProgram
  private let folders: TemplateFolders
  private let constants: [Int: [UInt8]]
  private let names: TemplateNames
  /// Where the program ends so far, in HTML.
  private var context = HTMLContext()
  private var open: [String] = []
  private(set) var origins: [TemplateOrigin] = []
  private var includesContent = false
  /// The faults that this mail adds to those of its files, and that end it.
  private(set) var faults: [TemplateFault] = []
  /// Values that stand where they could do harm: all are told.
  private var misplaced: [TemplateFault] = []

  private init(
    _ medium: TemplateProgram.Medium, _ folders: TemplateFolders, constants: [Int: [UInt8]],
    names: TemplateNames
  ) {
    program = TemplateProgram(medium: medium)
    self.folders = folders
    self.constants = constants
    self.names = names
  }

  struct Result {
    let program: TemplateProgram
    let origins: [TemplateOrigin]
    /// The locale's body is asked for, whether or not there is one.
    let includesContent: Bool
  }

  /// Compiles the file called `name` (a part or a layout); nil, with the faults in the library, where it cannot be.
  static func compile(
    _ name: String, as medium: TemplateProgram.Medium, in folders: TemplateFolders,
    constants: [Int: [UInt8]], library: inout TemplateLibrary
  ) -> Result? {
    let isLayout = name.hasPrefix("layout.")
    var compiler = ProgramCompiler(medium, folders, constants: constants, names: library.names)
    let candidates = (isLayout ? folders.all : folders.parts).map { TemplateFolders.path($0, name) }
    guard let source = compiler.find(name, candidates, library) else {
      if !candidates.contains(where: library.broken.contains) {
        library.add(
          TemplateFault(
            .missingPart, file: candidates.last ?? name,
            "is missing; expected \(isLayout ? "the frame of every mail" : "one of the parts subject.txt, preheader.txt, body.html, body.txt")"
              + (candidates.count > 1 ? "; looked for \(candidates.joined(separator: ", "))" : ""),
            cause: isLayout ? name : nil))
      }
      return nil
    }
    compiler.append(library.parse(source, trimmed: medium == .header), escapingText: false, &library)
    let faults = compiler.misplaced + compiler.faults
    for fault in faults { library.add(fault) }
    guard faults.isEmpty else { return nil }
    return Result(
      program: compiler.program, origins: compiler.origins, includesContent: compiler.includesContent)
  }

  private mutating func find(
    _ part: String, _ candidates: [String], _ library: TemplateLibrary
  ) -> TemplateSource? {
    guard let index = candidates.firstIndex(where: { library.files.sources[$0] != nil }) else { return nil }
    let origin = TemplateOrigin(
      part: part, file: candidates[index], passedOver: Array(candidates[..<index]))
    if !origins.contains(origin) { origins.append(origin) }
    return library.files.sources[candidates[index]]
  }

  private mutating func append(
    _ parsed: TemplateLibrary.Parsed, escapingText: Bool, _ library: inout TemplateLibrary
  ) {
    open.append(parsed.source.file)
    append(parsed.nodes, of: parsed.source, escapingText: escapingText, &library)
    open.removeLast()
  }

  private mutating func append(
    _ siblings: [MustacheNode], of source: TemplateSource, escapingText: Bool,
    _ library: inout TemplateLibrary
  ) {
    /// What a section began and ended with, where the next one is there in its stead.
    var alternative: (before: HTMLContext, after: HTMLContext)?
    for (index, node) in siblings.enumerated() {
      guard faults.isEmpty else { return }
      switch node {
      case .text(let range): append(text: range, of: source, escaping: escapingText)
      case .value(let slot, let offset):
        let escaping = escaping(of: slot, source, offset)
        if let constant = constants[slot] {
          program.append(literal: escaping.escaped(constant))
        } else {
          program.append(value: slot, escaping)
        }
      case .section(let slot, let isInverted, let nodes, let offset):
        if let constant = constants[slot] {
          if constant.isEmpty == isInverted {
            append(nodes, of: source, escapingText: escapingText, &library)
          }
        } else {
          let start = program.beginSection()
          let before = alternative?.before ?? context
          context = before
          append(nodes, of: source, escapingText: escapingText, &library)
          program.endSection(start, slot: slot, isInverted: isInverted)
          let other = alternative?.after
          alternative = nil
          if other == nil, index + 1 < siblings.count, siblings[index + 1].isElse(of: slot, isInverted) {
            alternative = (before, context)
          } else {
            join(before, other, "{{\(isInverted ? "^" : "#")\(names.all[slot])}}", source, offset)
          }
        }
      case .partial(let name, let indentation, let offset):
        include(name, indentation.map { Array(source.bytes[$0]) } ?? [], source, offset, &library)
      }
      if program.text.count > Self.maximumSize || program.instructions.count > 10_000 {
        faults.append(
          TemplateFault(
            .tooLong, file: source.file,
            "with everything it includes this comes to more than \(Self.maximumSize / 1024) KB; a mail has a few"
          ))
      }
    }
  }

  /// Text that is escaped changes nothing in HTML.
  private mutating func append(text range: Range<Int>, of source: TemplateSource, escaping: Bool) {
    let bytes = source.bytes[range]
    if escaping { return program.append(literal: ValueEscaping.html.escaped(bytes)) }
    program.append(literal: bytes)
    guard program.medium == .html, let (offset, problem) = context.read(bytes) else { return }
    misplaced.append(
      source.fault(.htmlContext, at: range.lowerBound + offset, "what stands here \(problem.message)"))
  }

  private mutating func escaping(
    of slot: Int, _ source: TemplateSource, _ offset: Int
  ) -> ValueEscaping {
    let mayHaveLines = slot == TemplateNames.Known.footer.slot
    guard program.medium == .html else {
      if mayHaveLines, program.medium == .header {
        misplaced.append(
          source.fault(
            .notOneLine, at: offset,
            "{{\(names.all[slot])}} may have several lines, and this is one line; take it out"))
      }
      return .none
    }
    // Nothing but # and digits, or the template's own locale and direction, which need no escaping and end nothing.
    if TemplateNames.colours.contains(slot) || constants[slot] != nil, context.isStyle { return .none }
    let isText = context.place == .text
    do throws(HTMLContext.Problem) {
      let escaping = try context.value()
      return mayHaveLines && isText ? .lines : escaping
    } catch {
      misplaced.append(
        source.fault(.htmlContext, at: offset, "{{\(names.all[slot])}} \(error.message)"))
      return .html
    }
  }

  /// Goes on behind a section whose end leads to the same place as leaving it out, or as what is there in its stead.
  private mutating func join(
    _ before: HTMLContext, _ alternative: HTMLContext?, _ tag: String, _ source: TemplateSource, _ offset: Int
  ) {
    guard program.medium == .html, faults.isEmpty else { return }
    if let joined = HTMLContext.joined(alternative ?? before, context) {
      context = joined
      return
    }
    let found =
      alternative.map { "ends \(context.description), and the one before it \($0.description)" }
      ?? "begins \(before.description) and ends \(context.description)"
    faults.append(
      source.fault(
        .htmlContext, at: offset,
        "the section \(tag) \(found); close in it what it opens, and open what it closes"))
  }

  private mutating func include(
    _ name: String, _ indentation: [UInt8], _ source: TemplateSource, _ offset: Int,
    _ library: inout TemplateLibrary
  ) {
    let isHTML = program.medium == .html
    // `content` is the locale's body; `subject` and `preheader` are texts wherever they are included.
    let part: String
    switch name {
    case "content": part = isHTML ? "body.html" : "body.txt"
    case "subject", "preheader": part = "\(name).txt"
    default: part = isHTML ? "\(name).html" : "\(name).txt"
    }
    if name == "content" { includesContent = true }
    let isPart = ["content", "subject", "preheader"].contains(name)
    let candidates = (isPart ? folders.parts : folders.all).map { TemplateFolders.path($0, part) }
    guard let found = find(part, candidates, library) else {
      // A missing body is told once, where the parts are looked for.
      guard !isPart, !candidates.contains(where: library.broken.contains) else { return }
      let near = Documents.nearest(to: name, in: partials(isHTML ? ".html" : ".txt", library))
      let fault = source.fault(
        .missingPartial, at: offset,
        "there is no partial '\(name)'; " + (near.map { "did you mean '\($0)'? " } ?? "")
          + "looked for \(candidates.joined(separator: ", "))")
      faults.append(
        TemplateFault(
          fault.rule, file: fault.file, line: fault.line, column: fault.column, fault.message, cause: part))
      return
    }
    if open.contains(found.file) {
      let chain = (open.drop { $0 != found.file } + [found.file]).joined(separator: " → ")
      faults.append(
        source.fault(.recursivePartial, at: offset, "{{> \(name)}} includes itself: \(chain); take one out"))
      return
    }
    let isOneLine = name == "subject" || name == "preheader"
    if isHTML, isOneLine {
      do throws(HTMLContext.Problem) { try context.text() } catch {
        misplaced.append(source.fault(.htmlContext, at: offset, "{{> \(name)}} \(error.message)"))
      }
    }
    append(
      library.parse(found, indentation: indentation, trimmed: isOneLine), escapingText: isHTML && isOneLine,
      &library)
  }

  /// The names of what could be included.
  private func partials(_ suffix: String, _ library: TemplateLibrary) -> [String] {
    let files = folders.all.flatMap { library.files.names(in: $0) }
    return files.filter { $0.hasSuffix(suffix) }.map { String($0.dropLast(suffix.count)) } + ["content"]
  }
}

extension MustacheNode {
  /// `{{^x}}…{{/x}}` right behind `{{#x}}…{{/x}}`, or the other way round: one of them is there.
  fileprivate func isElse(of slot: Int, _ isInverted: Bool) -> Bool {
    if case .section(slot, !isInverted, _, _) = self { true } else { false }
  }
}
