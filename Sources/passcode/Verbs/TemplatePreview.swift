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
      .flag("watch", "write it again whenever a template changes, until interrupted"),
    ],
    discussion: "The page needs no server and no network: open DIR/index.html in a browser."
  ) { invocation in
    let source = try TemplateSource(invocation)
    let out = try invocation.required("out")
    try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: true)
    let signals = try SignalQueue([.interrupt, .terminate])
    var seen = source.fingerprint()
    try write(source.preview(), to: out)
    while invocation.has("watch") {
      if try waitReadable([signals.pollDescriptor], milliseconds: 300)[0], signals.next() != nil { break }
      let fingerprint = source.fingerprint()
      guard fingerprint != seen else { continue }
      seen = fingerprint
      try write(source.preview(), to: out)
    }
    return .done
  }

  private static func write(_ preview: TemplatePreview, to directory: String) throws {
    for (name, text) in preview.files {
      try Data(text.utf8).write(to: URL(fileURLWithPath: "\(directory)/\(name)"), options: .atomic)
    }
    let count = preview.findings.count
    Terminal.print(
      "\(directory)/index.html: \(count == 0 ? "nothing found" : "\(count) \(count == 1 ? "finding" : "findings"), shown in place")"
    )
  }
}
