internal import Foundation

/// Part of a test that has a process of its own: it changes its user, or what cannot be changed back.
///
/// It is a test in a suite of its own, which is enabled in such a process alone. Swift Testing's exit tests would do the
/// same, and watch for any child's end without a pause from then on.
package enum OwnProcess {
  private static let variable = "PASSCODE_TEST_ARGUMENTS"

  /// What the test that started this process handed over; nil where none did.
  package static let arguments: [String]? = ProcessInfo.processInfo.environment[variable]?
    .components(separatedBy: "\n")

  /// Runs a suite of the module, in a process of its own; its status is 0 where each test of it passed.
  package static func run(_ suite: String, _ arguments: String...) throws -> ChildResult {
    try ChildProcess.run(
      FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"),
      ["--testing-library", "swift-testing", "--filter", "\\.\(suite)/"],
      environment: [variable: arguments.joined(separator: "\n")])
  }
}
