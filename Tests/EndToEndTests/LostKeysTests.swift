import Foundation
import TestSupport
import Testing

/// `1.key` or `address.key` has gone or was swapped: every part says which file, makes none, and goes on with the backup.
@Suite(.waits) struct LostKeysTests {
  private func keyFiles(_ scratch: Scratch) throws -> [String: Data] {
    let keys = "\(scratch.state)/keys"
    var files: [String: Data] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: keys) where name.hasSuffix(".key") {
      files[name] = try Data(contentsOf: URL(fileURLWithPath: "\(keys)/\(name)"))
    }
    return files
  }

  private func put(_ data: Data?, _ name: String, _ scratch: Scratch) throws {
    let file = "\(scratch.state)/keys/\(name)"
    guard let data else { return try FileManager.default.removeItem(atPath: file) }
    try data.write(to: URL(fileURLWithPath: file))
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
  }

  @Test(arguments: ["1.key", "address.key"], [false, true])
  func `worker, verifier and commands name the file and make none`(name: String, isSwapped: Bool) throws {
    let scratch = try makeRig()
    let worker = try scratch.startWorker()
    let id = try scratch.request(to: "anna@example.org")
    let code = try scratch.code(for: "anna@example.org")
    let whole = try keyFiles(scratch)
    var foreign: Data?
    if isSwapped {
      let other = try makeRig()
      #expect(try other.run("keys", "list").status == 0)
      foreign = try keyFiles(other)[name]
    }
    try put(foreign, name, scratch)
    let left = try keyFiles(scratch)

    let results = [
      try scratch.run("keys", "list"), try scratch.run("keys", "rotate"), try scratch.run("status", id),
      try scratch.run("doctor"),
      try scratch.run("request", "--to", "bo@example.org", "--dry-run"),
    ]
    for result in results {
      let text = result.text + result.errorText
      #expect(result.status != 0 && text.contains(name) && text.contains("restore"), "\(result)")
    }
    let lost = try scratch.verify(id, code)
    #expect(lost.status == 78 && lost.errorText.contains(name), "\(lost)")
    // The worker that runs refuses to take them, and goes on with its own.
    worker.signal(SIGHUP)
    #expect(worker.wait(for: "\"event\":\"reload-refused\""))
    #expect(worker.wait(for: name))
    let later = try scratch.request(to: "bo@example.org")
    let sent = try scratch.code(for: "bo@example.org")
    worker.signal(SIGTERM)
    _ = try worker.wait()
    let restarted = try scratch.run("worker", "--drain")
    #expect(restarted.status == 78 && restarted.errorText.contains(name), "\(restarted)")
    #expect(try keyFiles(scratch) == left)

    try put(whole[name], name, scratch)
    #expect(try scratch.verify(id, code).status == 0)
    #expect(try scratch.verify(later, sent).status == 0)
    #expect(try scratch.run("keys", "rotate").status == 0)
  }
}
