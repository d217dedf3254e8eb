internal import CodeRequests

/// What a mail needs so that its reader can sign in, whatever the values are. A template that lacks it is not loaded:
/// the last good version stays in use, and at start it is an error.
extension CatalogueLoader {
  /// Without the code nobody can sign in, so it has to be there whatever the values are.
  mutating func checkCode(of body: ProgramCompiler.Result?, in layout: ProgramCompiler.Result?) {
    let code = TemplateNames.Known.code.slot
    guard let body, let layout, layout.includesContent,
      !layout.program.alwaysShows(code, filled: library.names.filled)
    else { return }
    // A misspelt name is told already.
    guard !library.faults.contains(where: { $0.file == body.origins[0].file }) else { return }
    // The layout may leave out a body that shows it.
    let isBody = !body.program.alwaysShows(code, filled: library.names.filled)
    addMissingCode(isBody ? body : layout, isShown: layout.program.shows(code))
  }

  mutating func addMissingCode(_ part: ProgramCompiler.Result, isShown: Bool) {
    library.add(
      TemplateFault(
        .missingCode, file: part.origins[0].file, line: 1,
        isShown
          ? "shows {{code}} only where a section is; take it out of sections of values that may be missing"
          : "never shows {{code}}; without it nobody can sign in"))
  }

  /// The code may be there and yet be seen by nobody: in a comment, or behind a quote that is never closed.
  mutating func checkVisibility(of template: MailTemplate) {
    guard template.html.shows(TemplateNames.Known.code.slot), !library.hasFault(in: template.origins) else {
      return
    }
    // Without what may be missing it can look otherwise only where something that may be is asked for.
    let depends = !template.html.slots.isSubset(of: library.names.filled)
    let samples = [TemplateValues.filledSample(template.names), depends ? .bareSample(template.names) : nil]
    for sample in samples {
      guard let sample, let html = try? template.render(sample).html else { continue }
      let code = Array(sample.code.reveal().utf8)
      if HTMLReading(html).shows(code) { continue }
      let files = template.origins.map(\.file).filter { $0.hasSuffix(".html") }
      let source = files.compactMap { library.files.sources[$0] }.first { $0.text.contains("{{code}}") }
      library.add(
        (source ?? library.files.sources[files[0]]!).fault(
          .hiddenCode, near: "{{code}}",
          "{{code}} stands where no reader sees it: in a comment, in a tag, or in an element that is hidden; look for a quote or a comment that is not closed"
        ))
      return
    }
  }

  /// Subject and preheader are one line that is not empty.
  mutating func checkLine(_ line: ProgramCompiler.Result) {
    let file = line.origins[0].file
    if line.program.text.contains(UInt8(ascii: "\n")) {
      library.add(
        TemplateFault(
          .notOneLine, file: file, line: 2, "has more than one line; expected one, so join them"))
    }
    if line.program.alwaysShowsText(filled: library.names.filled) { return }
    // A misspelt name is told already.
    guard !library.faults.contains(where: { $0.file == file }) else { return }
    library.add(
      TemplateFault(
        .emptyPart, file: file,
        line.program.slots.isEmpty
          ? "is empty; expected one line of text"
          : "is empty where a value is missing; expected text beside it that is always there"))
  }

  mutating func checkTabs(_ line: ProgramCompiler.Result) {
    guard line.program.text.contains(UInt8(ascii: "\t")) else { return }
    library.add(
      TemplateFault(
        .tabInHeader, file: line.origins[0].file, line: 1,
        "holds a tab, which no subject can carry; use a blank"))
  }

  /// A layout without the body would send the same words whatever the locale.
  mutating func checkLayout(_ layout: ProgramCompiler.Result) {
    let file = layout.origins[0].file
    if !layout.includesContent {
      library.add(
        TemplateFault(
          .missingPartial, file: file,
          "never includes the locale's body; expected {{> content}} where it goes"))
    }
  }
}
