import CodeRequests
import Foundation
import Testing
import TestSupport

/// An installation of its own for one test, driven through the built command alone.
final class Scratch: Sendable {
  let directory: TemporaryDirectoryOwner
  let config: String
  let command: String
  /// Lives as long as the installation that sends to it.
  private let sink: Sink?

  var path: String { directory.path }
  var state: String { "\(path)/state" }
  var spool: String { "\(path)/state/spool" }
  var store: String { "\(path)/mail" }

  /// - Parameters:
  ///   - relay: `host:port`.
  ///   - extra: further keys of the configuration.
  init(
    in directory: TemporaryDirectoryOwner? = nil, relay: String, extra: String = "", templates: String? = nil,
    relayKeys: String = "security: \"plaintext\"", sink: Sink? = nil
  ) throws {
    self.sink = sink
    let directory = try directory ?? TemporaryDirectoryOwner()
    self.directory = directory
    command = try ExternalTool.built("passcode")
    config = "\(directory.path)/passcode.json5"
    let text = """
      {
        state: "state", templates: "\(templates ?? Self.templates)", app: "Fabrikam",
        sender: { name: "Fabrikam", address: "no-reply@fabrikam.example" },
        relays: [{ url: "smtp://\(relay)", \(relayKeys) }],
        \(extra)
      }
      """
    try Data(text.utf8).write(to: URL(fileURLWithPath: config))
  }

  /// The repository that the tests were built from.
  static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()
    .deletingLastPathComponent().path
  static var templates: String { "\(repository)/Templates" }

  /// Runs a verb to its end.
  @discardableResult
  func run(
    _ arguments: String..., input: ChildProcess.Input = .nothing, timeout: Duration = .seconds(30)
  ) throws -> ChildResult {
    try ChildProcess.run(
      command, arguments + ["--config", config], directory: path, input: input, timeout: timeout)
  }

  /// Starts a worker and waits until it says that it runs.
  func startWorker(_ arguments: String...) throws -> ChildProcess {
    let worker = try ChildProcess(command, ["worker", "--config", config] + arguments)
    try #require(worker.wait(for: "\"event\":\"started\""), "\(worker.text()) \(worker.text(of: .errors))")
    return worker
  }

  /// Enqueues through the command and returns the id.
  func request(to address: String, _ arguments: String...) throws -> String {
    let result = try ChildProcess.run(
      command, ["request", "--to", address, "--json", "--config", config] + arguments)
    try #require(result.status == 0, "\(result)")
    return try #require(try result.object()["id"] as? String)
  }

  /// The code of the mail that the sink took for `address`.
  func code(for address: String, timeout: String = "20s") throws -> String {
    let result = try ChildProcess.run(
      command, ["sink", "wait", "--store", store, "--to", address, "--timeout", timeout, "--json"],
      timeout: .seconds(40))
    try #require(result.status == 0, "\(result)")
    return try #require(try result.object()["code"] as? String)
  }

  func verify(_ id: String, _ code: String) throws -> ChildResult {
    try run("verify", id, "--json", input: .text(code + "\n"))
  }

  func status(_ id: String) throws -> [String: Any] { try run("status", id, "--json").object() }

  /// Puts a file into new/ as any program would: written elsewhere, then renamed.
  func drop(_ bytes: [UInt8], as name: String) throws {
    try makeSpool()
    let temporary = "\(spool)/tmp/\(UUID().uuidString)"
    try Data(bytes).write(to: URL(fileURLWithPath: temporary))
    try FileManager.default.moveItem(atPath: temporary, toPath: "\(spool)/new/\(name)")
  }

  func drop(_ text: String, as name: String) throws { try drop(Array(text.utf8), as: name) }

  func makeSpool() throws {
    for folder in ["new", "deferred", "failed", "rejected", "tmp"] {
      try FileManager.default.createDirectory(
        atPath: "\(spool)/\(folder)", withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700])
    }
  }

  func reason(_ name: String) -> String? {
    try? String(contentsOfFile: "\(spool)/rejected/\(name).reason", encoding: .utf8)
  }
}

/// Keeps a temporary directory for as long as a class needs it.
final class TemporaryDirectoryOwner: Sendable {
  private let directory: TemporaryDirectory
  var path: String { directory.path }
  init() throws { directory = try TemporaryDirectory() }
}

/// A sink as a process of its own.
final class Sink: Sendable {
  let process: ChildProcess
  let address: String

  init(_ arguments: String..., listen: String = "127.0.0.1:0") throws {
    process = try ChildProcess(
      try ExternalTool.built("passcode"), ["sink", "--listen", listen, "--json"] + arguments)
    try #require(process.wait(for: "\n"), "\(process.text(of: .errors))")
    let line = process.text().split(separator: "\n")[0]
    let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
    address = try #require(object?["listening"] as? String)
  }

  deinit { process.kill() }
}

extension ChildResult {
  /// The last line of the output as JSON.
  func object() throws -> [String: Any] {
    let line = try #require(lines.last, "\(self)")
    return try #require(
      try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(self)")
  }
}

/// A sink and an installation that sends to it.
func makeRig(extra: String = "") throws -> Scratch {
  let directory = try TemporaryDirectoryOwner()
  let sink = try Sink("--store", "\(directory.path)/mail")
  return try Scratch(in: directory, relay: sink.address, extra: extra, sink: sink)
}
