internal import CommandVerbs
internal import FoundationEssentials
internal import LinuxSystem
internal import MessageTemplates
internal import PasscodeService

extension Verbs {
  static let templatePreview = Verb(
    path: ["template", "preview"], summary: "write a page that shows every mail as a reader will see it",
    options: [
      TemplateSource.option, .value("out", "DIR", "where index.html is written"),
      .flag(
        "watch",
        "write it again whenever a template changes, until interrupted; a browser that has it open follows"),
    ],
    discussion: """
      The page needs no server and no network: open DIR/index.html in a browser. Your group may read it: all codes in it
      are made up, and names of tenants are nobody else's.
      """
  ) { invocation in
    let source = try TemplateSource(invocation)
    let out = try invocation.required("out")
    let isNew = !FileManager.default.fileExists(atPath: out)
    let directory = try Directory.make(out)
    if isNew { try directory.descriptor.setMode(0o750) }
    guard invocation.has("watch") else {
      try write(source.preview(), to: directory)
      try directory.remove(TemplatePreview.versionName)
      return .done
    }
    let signals = try SignalQueue([.interrupt, .terminate])
    var seen = source.fingerprint()
    try write(source.preview(isWatched: true), to: directory)
    while true {
      if try waitReadable([signals.pollDescriptor], milliseconds: 300)[0], signals.next() != nil { break }
      let fingerprint = source.fingerprint()
      guard fingerprint != seen else { continue }
      seen = fingerprint
      try write(source.preview(isWatched: true), to: directory)
    }
    try write(TemplatePreview.ended, as: TemplatePreview.versionName, in: directory)
    return .done
  }

  private static func write(_ preview: TemplatePreview, to directory: borrowing Directory) throws {
    // The page before its version: a browser that knows of a new one finds it.
    for name in [TemplatePreview.pageName, TemplatePreview.versionName] {
      if let text = preview.files[name] { try write(text, as: name, in: directory) }
    }
    let count = preview.findings.count
    Terminal.print(
      "\(directory.path)/index.html is written; lint: \(count == 0 ? "nothing found" : "\(count) \(count == 1 ? "finding" : "findings"), shown in place")"
    )
  }

  /// Seen whole or not at all, and by the operator's group, whatever the umask: what this program makes is else for its
  /// user alone.
  private static func write(_ text: String, as name: String, in directory: borrowing Directory) throws {
    let temporary = ".\(name).\(CurrentProcess.identifier)"
    try directory.remove(temporary)
    let file = try directory.create(temporary)
    try file.setMode(0o640)
    try file.writeAll(Array(text.utf8))
    try directory.rename(temporary, to: directory, as: name)
  }
}
