import CodeRequests
import Foundation
import MessageTemplates
import Testing

@Suite struct ReloaderTests {
  private static let start = Date(timeIntervalSince1970: 1_800_000_000)

  /// Polls twice a second of injected time; what the first five polls told.
  private func events(_ reloader: TemplateReloader, from second: Int) -> [String] {
    (0..<5).compactMap { step in
      switch reloader.poll(now: Self.start + Double(second) + Double(step) / 2) {
      case .loaded: "loaded"
      case .refused(let faults): faults.description
      case nil: nil
      }
    }
  }

  private func subject(_ reloader: TemplateReloader) throws -> String {
    try reloader.current.all[0].render(values()).subject
  }

  @Test func `takes a sound change, keeps the last good version over a bad one, and says so once`() throws {
    let folder = try TemplateFolder()
    let reloader = try TemplateReloader(directory: folder.path)
    #expect(events(reloader, from: 0).isEmpty)
    try folder.write("New {{app}} words", to: "en/sign-in/subject.txt")
    #expect(events(reloader, from: 10) == ["loaded"])
    #expect(try subject(reloader) == "New Fabrikam words")
    try folder.write("Bad {{ap}} words", to: "en/sign-in/subject.txt")
    let told = events(reloader, from: 20)
    #expect(
      told == ["\(folder.path)/en/sign-in/subject.txt:1:7: 'ap' is not a known name; did you mean 'app'?"])
    #expect(events(reloader, from: 30).isEmpty)
    #expect(try subject(reloader) == "New Fabrikam words")
    try folder.write("Good {{app}} words", to: "en/sign-in/subject.txt")
    #expect(events(reloader, from: 40) == ["loaded"])
    #expect(try subject(reloader) == "Good Fabrikam words")
  }

  @Test func `a clock that is set back while a change settles does not hold it up`() throws {
    let folder = try TemplateFolder()
    let reloader = try TemplateReloader(directory: folder.path)
    try folder.write("New {{app}} words", to: "en/sign-in/subject.txt")
    #expect(reloader.poll(now: Self.start).isNothing)
    #expect(!reloader.poll(now: Self.start - 120).isNothing)
    #expect(try subject(reloader) == "New Fabrikam words")
  }

  @Test func `survives a file that is written in steps, and an editor that renames`() throws {
    let folder = try TemplateFolder()
    let reloader = try TemplateReloader(directory: folder.path)
    let file = "en/sign-in/subject.txt"
    for (step, text) in ["", "{{", "{{app}}", "{{app}} at last"].enumerated() {
      try folder.write(text, to: file)
      #expect(reloader.poll(now: Self.start + Double(step)).isNothing)
    }
    #expect(events(reloader, from: 10) == ["loaded"])
    #expect(try subject(reloader) == "Fabrikam at last")
    try folder.write("{{app}} renamed", to: "en/sign-in/.subject.txt.new")
    #expect(events(reloader, from: 20).isEmpty)
    #expect(rename("\(folder.path)/en/sign-in/.subject.txt.new", "\(folder.path)/\(file)") == 0)
    #expect(events(reloader, from: 30) == ["loaded"])
    #expect(try subject(reloader) == "Fabrikam renamed")
  }

  @Test func `keeps the last good version when the directory goes away`() throws {
    let folder = try TemplateFolder()
    let reloader = try TemplateReloader(directory: folder.path)
    try FileManager.default.removeItem(atPath: folder.path)
    #expect(events(reloader, from: 0).count == 1)
    #expect(try subject(reloader) == "Your Fabrikam code")
  }

  @Test func `a locale or purpose that vanishes is no sound change, an override that does is`() throws {
    let folder = try TemplateFolder([
      "fi/plurals.json5": TemplateFolder.sound["en/plurals.json5"]!, "fi/sign-in/subject.txt": "Koodi",
      "fi/sign-in/preheader.txt": "Koodi", "fi/sign-in/body.html": "<p>{{code}}</p>",
      "fi/sign-in/body.txt": "{{code}}", "tenants/T/en/sign-in/subject.txt": "T's words",
    ])
    let reloader = try TemplateReloader(directory: folder.path)
    func move(_ from: String, _ to: String) throws {
      try FileManager.default.moveItem(atPath: "\(folder.path)/\(from)", toPath: "\(folder.path)/\(to)")
    }
    try move("fi", ".fi")
    #expect(
      events(reloader, from: 0) == [
        "\(folder.path)/fi/sign-in: is gone, though mail is sent from it; put it back, or send the worker SIGHUP to go on without it"
      ])
    #expect(events(reloader, from: 10).isEmpty)
    #expect(reloader.current.locales.map(\.rawValue) == ["en", "fi"])
    try move(".fi", "fi")
    #expect(events(reloader, from: 20) == ["loaded"])
    try move("tenants", ".tenants")
    #expect(events(reloader, from: 30) == ["loaded"])
    #expect(reloader.current.tenantNames.isEmpty)
    // A new start takes what is there.
    try move("fi", ".fi")
    #expect(try TemplateReloader(directory: folder.path).current.locales.map(\.rawValue) == ["en"])
  }

  @Test func `a file that is cut off in the middle of a save is not used`() throws {
    let folder = try TemplateFolder()
    let reloader = try TemplateReloader(directory: folder.path)
    let file = "en/sign-in/body.txt"
    let whole = Array("Your new code:\n\n{{code}}\n".utf8)
    for count in 0..<whole.count - 1 {
      // Every prefix, each at rest long enough to be looked at.
      try folder.write(Data(whole[..<count]), to: file)
      let told = events(reloader, from: 10 * (count + 1))
      let isWhole = whole[..<count].starts(with: whole.dropLast())
      #expect(told == ["loaded"] || !isWhole, "\(count): \(told)")
      let text = String(decoding: try reloader.current.all[0].render(values()).text, as: UTF8.self)
      #expect(text.contains("042917"), "\(count): \(text)")
    }
  }

  @Test func `at start a fault is an error`() throws {
    let folder = try TemplateFolder(["en/sign-in/subject.txt": "{{x}}"])
    #expect(throws: TemplateFaults.self) { try TemplateReloader(directory: folder.path) }
  }
}

extension TemplateReloader.Event? {
  fileprivate var isNothing: Bool { if case nil = self { true } else { false } }
}
