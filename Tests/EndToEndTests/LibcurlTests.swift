import Foundation
import TestSupport
import Testing

/// libcurl and the forty libraries behind it are loaded when a relay is first wanted.
@Suite(.waits) struct LibcurlTests {
  private func run(
    _ scratch: Scratch, _ words: [String], _ environment: [String: String], input: String = ""
  ) throws -> ChildResult {
    try ChildProcess.run(
      scratch.command, words + ["--config", scratch.config], environment: environment, input: .text(input))
  }

  @Test func `short commands start without it`() throws {
    let scratch = try makeRig()
    let id = try scratch.request(to: "anna@example.org")
    #expect(try scratch.run("worker", "--drain").status == 0)
    let code = try scratch.code(for: "anna@example.org")
    // The loader tells every file that it takes up.
    let loader = ["LD_DEBUG": "files"]
    let short = [
      ["verify", id], ["status", id], ["request", "--to", "eva@example.org"], ["queue", "list"], ["version"],
    ]
    for words in short {
      let result = try run(scratch, words, loader, input: code + "\n")
      #expect(result.status == 0, "\(words)")
      #expect(result.errorText.contains("libsqlite3.so"), "\(words)")
      for library in ["libcurl", "libssl"] { #expect(!result.errorText.contains(library), "\(words)") }
    }
    // That this can fail: the doctor looks at the relay.
    #expect(try run(scratch, ["doctor"], loader).errorText.contains("libcurl.so.4"))
  }

  @Test func `a worker that cannot load it does not start, and says why`() throws {
    let sink = try Sink()
    let scratch = try Scratch(relay: sink.address)
    let folder = "\(scratch.path)/broken"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    try Data("no library".utf8).write(to: URL(fileURLWithPath: "\(folder)/libcurl.so.4"))
    let broken = ["LD_LIBRARY_PATH": folder]
    let id = try scratch.request(to: "anna@example.org")

    let worker = try run(scratch, ["worker", "--drain"], broken)
    #expect(worker.status == 69, "\(worker)")
    #expect(worker.errorText.contains("libcurl cannot be loaded: \(folder)/libcurl.so.4: "), "\(worker)")
    #expect(worker.errorText.contains("libcurl4"), "\(worker)")
    #expect(!worker.text.contains("\"event\":\"started\""), "\(worker)")
    // Nothing became of the mail, and nothing was counted against it.
    #expect(try scratch.status(id)["state"] as? String == "queued")

    let doctor = try run(scratch, ["doctor", "--json"], broken)
    #expect(doctor.status == 1, "\(doctor)")
    #expect(
      doctor.lines.contains {
        $0.contains("\"fault\"") && $0.contains("libcurl.so.4") && $0.contains(sink.address)
      },
      "\(doctor)")
    // Who checks a code needs no libcurl.
    #expect(try run(scratch, ["verify", id], broken, input: "123456\n").status == 14)

    #expect(try scratch.run("worker", "--drain").status == 0)
    #expect(try scratch.status(id)["outcome"] as? String == "sent")
  }
}
