import Foundation
import TestSupport
import Testing

/// libidn2 is loaded when a text is not ASCII, by the built command, which has no ICU.
@Suite(.waits) struct Libidn2Tests {
  private func run(
    _ scratch: Scratch, _ words: [String], _ environment: [String: String]
  ) throws -> ChildResult {
    try ChildProcess.run(scratch.command, words + ["--config", scratch.config], environment: environment)
  }

  @Test func `a domain in letters of any script is sent to as A-labels`() throws {
    let scratch = try makeRig()
    let id = try scratch.request(to: "anna@bücher.example")
    #expect(try scratch.run("worker", "--drain").status == 0)
    #expect(try scratch.status(id)["outcome"] as? String == "sent")
    _ = try scratch.code(for: "anna@xn--bcher-kva.example")
  }

  @Test func `where it cannot be loaded ASCII works, and the rest is refused with the package's name`() throws
  {
    let scratch = try makeRig()
    let folder = "\(scratch.path)/broken"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    try Data("no library".utf8).write(to: URL(fileURLWithPath: "\(folder)/libidn2.so.0"))
    let broken = ["LD_LIBRARY_PATH": folder]

    // The loader tells every file that it takes up.
    let plain = try run(
      scratch, ["request", "--to", "anna@example.org"], broken.merging(["LD_DEBUG": "files"]) { $1 })
    #expect(plain.status == 0, "\(plain)")
    #expect(!plain.errorText.contains("libidn2"))
    #expect(try run(scratch, ["request", "--to", "åsa@xn--bcher-kva.example"], broken).status == 0)

    let refused = try run(scratch, ["request", "--to", "anna@bücher.example"], broken)
    #expect(refused.status == 65, "\(refused)")
    #expect(refused.errorText.contains("\(folder)/libidn2.so.0: "), "\(refused)")
    #expect(refused.errorText.contains("libidn2-0") && !refused.errorText.contains("bücher"), "\(refused)")
  }
}
