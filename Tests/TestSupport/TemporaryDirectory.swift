internal import Foundation

/// A directory of its own for one test, removed with everything in it when the value goes away.
package struct TemporaryDirectory: ~Copyable {
  package let path: String

  package init() throws {
    let url = FileManager.default.temporaryDirectory
      .appendingPathComponent("passcode-test-\(UUID().uuidString)", isDirectory: true)
    try FileManager.default.createDirectory(
      at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// Keeps a temporary directory for as long as a class needs it.
package final class TemporaryDirectoryOwner: Sendable {
  private let directory: TemporaryDirectory
  package var path: String { directory.path }
  package init() throws { directory = try TemporaryDirectory() }
}
