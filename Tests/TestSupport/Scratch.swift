internal import Foundation
package import SMTPSink

/// An installation of its own for one test, driven through the built command alone.
package final class Scratch: Sendable {
  package let directory: TemporaryDirectoryOwner
  package let config: String
  package let command: String
  private let sink: (any AnyObject & Sendable)?

  package var path: String { directory.path }
  package var state: String { "\(path)/state" }
  package var spool: String { "\(path)/state/spool" }
  package var store: String { "\(path)/mail" }

  /// - Parameters:
  ///   - relay: `host:port`.
  ///   - scheme: `smtp` or `smtps`.
  ///   - extra: further keys of the configuration.
  ///   - templates: nil for a copy of those that ship, in English alone.
  ///   - relayKeys: further keys of the relay.
  ///   - furtherRelays: `host:port` of those that come after it, with the same keys.
  ///   - sink: kept for as long as this.
  package init(
    in directory: TemporaryDirectoryOwner? = nil, relay: String, scheme: String = "smtp", extra: String = "",
    templates: String? = nil, relayKeys: String = "security: \"plaintext\"",
    furtherRelays: [String] = [], sink: (any AnyObject & Sendable)? = nil
  ) throws {
    self.sink = sink
    let directory = try directory ?? TemporaryDirectoryOwner()
    self.directory = directory
    command = try ExternalTool.built("passcode")
    config = "\(directory.path)/passcode.json5"
    let templates = try templates ?? TemplateCopy(at: "\(directory.path)/templates", locales: ["en"]).path
    let relays = ([relay] + furtherRelays).map { "{ url: \"\(scheme)://\($0)\", \(relayKeys) }" }
    let text = """
      {
        state: "state", templates: "\(templates)", app: "Fabrikam",
        sender: { name: "Fabrikam", address: "no-reply@fabrikam.example" },
        relays: [\(relays.joined(separator: ", "))],
        \(extra)
      }
      """
    try Data(text.utf8).write(to: URL(fileURLWithPath: config))
  }

  /// The repository that the tests were built from.
  package static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()
    .deletingLastPathComponent().path
  package static var templates: String { "\(repository)/Templates" }

  /// Runs a verb to its end.
  @discardableResult
  package func run(
    _ arguments: String..., input: ChildProcess.Input = .nothing, timeout: Duration = patience
  ) throws -> ChildResult {
    try ChildProcess.run(
      command, arguments + ["--config", config], input: input, timeout: timeout)
  }

  /// Starts a worker and waits until it says that it runs.
  package func startWorker(_ arguments: String...) throws -> ChildProcess {
    let worker = try ChildProcess(command, ["worker", "--config", config] + arguments)
    guard worker.wait(for: "\"event\":\"started\"") else {
      throw Unexpected("the worker did not start", worker.text() + worker.text(of: .errors))
    }
    return worker
  }

  /// Enqueues through the command and returns the id.
  package func request(to address: String, _ arguments: String...) throws -> String {
    let result = try ChildProcess.run(
      command, ["request", "--to", address, "--json", "--config", config] + arguments)
    return try result.string("id")
  }

  /// The code of the mail that the sink took for `address`.
  package func code(for address: String, timeout: Duration = patience) throws -> String {
    guard let code = try SinkStore(directory: store).wait(to: address, timeout: timeout)?.code else {
      throw Unexpected("no mail with a code came", address)
    }
    return code
  }

  package func verify(_ id: String, _ code: String) throws -> ChildResult {
    try run("verify", id, "--json", input: .text(code + "\n"))
  }

  package func status(_ id: String) throws -> [String: Any] { try run("status", id, "--json").object() }

  /// Puts a file into new/ as any program would: written elsewhere, then renamed.
  package func drop(_ bytes: [UInt8], as name: String) throws {
    try makeSpool()
    let temporary = "\(spool)/tmp/\(UUID().uuidString)"
    try Data(bytes).write(to: URL(fileURLWithPath: temporary))
    try FileManager.default.moveItem(atPath: temporary, toPath: "\(spool)/new/\(name)")
  }

  package func drop(_ text: String, as name: String) throws { try drop(Array(text.utf8), as: name) }

  package func makeSpool() throws {
    for folder in ["new", "deferred", "failed", "rejected", "tmp"] {
      try FileManager.default.createDirectory(
        atPath: "\(spool)/\(folder)", withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700])
    }
  }

  package func reason(_ name: String) -> String? {
    try? String(contentsOfFile: "\(spool)/rejected/\(name).reason", encoding: .utf8)
  }
}

/// A sink and an installation that sends to it.
package func makeRig(extra: String = "", templates: String? = nil) throws -> Scratch {
  let directory = try TemporaryDirectoryOwner()
  let sink = try SinkServer(store: "\(directory.path)/mail")
  return try Scratch(in: directory, relay: sink.address, extra: extra, templates: templates, sink: sink)
}

extension SinkServer {
  /// A sink in the process of the tests, which serves until nobody holds it.
  package convenience init(store directory: String) throws {
    var settings = SinkSettings()
    settings.store = try SinkStore(directory: directory)
    try self.init(settings: settings)
    try start()
  }
}
