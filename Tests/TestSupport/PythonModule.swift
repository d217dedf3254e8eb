internal import Foundation

/// A Python that has a module which is not part of Python.
///
/// The `python3` of PATH need not be the one that Debian's packages are for: both are asked.
package enum PythonModule {
  /// The path of an interpreter that can import `module`; nil where there is none.
  package static func interpreter(with module: String) -> String? {
    [ExternalTool.path(of: "python3"), "/usr/bin/python3"].compactMap(\.self)
      .filter { FileManager.default.isExecutableFile(atPath: $0) }
      .first { (try? ChildProcess.run($0, ["-c", "import \(module)"]))?.status == 0 }
  }

  /// For `.enabled(if:)`. In continuous integration always true: there a machine without it has to fail.
  package static func has(_ module: String) -> Bool {
    ExternalTool.isContinuousIntegration || interpreter(with: module) != nil
  }
}
