import Foundation
import Glibc
import LinuxSystem
import MessageTemplates
import Testing

/// Whoever can write a template can have every code mailed to himself as well, or replace the words around it.
@Suite struct TrustTests {
  private let trust = FileTrust(user: geteuid())

  @Test(
    arguments: [
      ("", 0o707, "o-w"), ("en", 0o702, "o-w"), ("en/sign-in", 0o777, "o-w"),
      ("en/sign-in/subject.txt", 0o606, "o-w"),
      ("variables.json5", 0o602, "o-w"),
    ] as [(String, mode_t, String)])
  func `a folder or file that others can write is refused, wherever it lies`(
    _ name: String, _ mode: mode_t, _ mending: String
  ) throws {
    let folder = try TemplateFolder(["variables.json5": "{}"])
    let path = name.isEmpty ? folder.path : "\(folder.path)/\(name)"
    #expect(TemplateLint.findings(in: folder.path, trust: trust).map(\.rule).contains(.untrusted) == false)
    chmod(path, mode)
    let fault = try #require(
      TemplateLint.findings(in: folder.path, trust: trust).first { $0.rule == .untrusted })
    #expect(fault.file == name)
    #expect(fault.message.contains("so that everybody can write it"))
    #expect(fault.message.hasSuffix(name.isEmpty ? "chmod \(mending) \(path)" : "/\(name)"))
    #expect(throws: TemplateFaults.self) { try TemplateCatalogue(directory: folder.path, trust: trust) }
    #expect(throws: Never.self) { try TemplateCatalogue(directory: folder.path) }
  }

  @Test func `so is what a link leads to through a folder that others can write`() throws {
    let folder = try TemplateFolder()
    let fm = FileManager.default
    try fm.createDirectory(
      atPath: "\(folder.path)/..data", withIntermediateDirectories: false,
      attributes: [.posixPermissions: 0o700])
    try fm.moveItem(
      atPath: "\(folder.path)/en/sign-in/subject.txt", toPath: "\(folder.path)/..data/subject.txt")
    symlink("../../..data/subject.txt", "\(folder.path)/en/sign-in/subject.txt")
    #expect(throws: Never.self) { try TemplateCatalogue(directory: folder.path, trust: trust) }
    chmod("\(folder.path)/..data", 0o777)
    #expect(throws: TemplateFaults.self) { try TemplateCatalogue(directory: folder.path, trust: trust) }
  }

  @Test func `a running worker goes on with the templates that it has`() throws {
    let folder = try TemplateFolder()
    let reloader = try TemplateReloader(directory: folder.path, trust: trust)
    try folder.write("Planted {{app}}", to: "en/sign-in/subject.txt")
    chmod("\(folder.path)/en/sign-in/subject.txt", 0o666)
    var told: [String] = []
    for step in 0..<4 {
      if case .refused(let faults) = reloader.poll(
        now: Date(timeIntervalSince1970: 1_800_000_000 + Double(step)))
      {
        told.append(faults.description)
      }
    }
    #expect(told.count == 1 && told[0].contains("Run: chmod o-w"))
    #expect(try reloader.current.all[0].render(values()).subject.contains("Planted") == false)
  }
}
