internal import Foundation

/// A program that a test needs and that the machine may not have.
package enum ExternalTool {
  /// The path of `name`, looked for in PATH and where Debian keeps the programs of daemons; nil where it is
  /// missing.
  package static func path(of name: String) -> String? {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    return (path.split(separator: ":").map(String.init) + ["/usr/sbin", "/sbin", "/usr/local/sbin"])
      .map { "\($0)/\(name)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  /// For `.enabled(if:)`: true where all of `names` are there. In continuous integration (`CI` is set) always
  /// true, so that a test which misses its program fails there instead of being skipped.
  package static func has(_ names: String...) -> Bool {
    isContinuousIntegration || names.allSatisfy { path(of: $0) != nil }
  }

  package static var isContinuousIntegration: Bool {
    !(ProcessInfo.processInfo.environment["CI"] ?? "").isEmpty
  }

  /// The path of `name`, or an error that says what to install.
  package static func require(_ name: String) throws -> String {
    guard let path = path(of: name) else { throw MissingTool(name: name) }
    return path
  }

  /// The path of a program that this package builds, beside the running tests.
  package static func built(_ name: String) throws -> String {
    let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let folder = URL(fileURLWithPath: tests).deletingLastPathComponent()
    let path = folder.appendingPathComponent(name).path
    guard FileManager.default.isExecutableFile(atPath: path) else { throw MissingTool(name: path) }
    return path
  }
}

package struct MissingTool: Error, CustomStringConvertible {
  package let name: String
  package var description: String { "the program \(name) is not installed; this test needs it" }
}
