internal import Foundation

/// A sink as a process of its own.
package final class Sink: Sendable {
  package let process: ChildProcess
  package let address: String

  package init(_ arguments: String..., listen: String = "127.0.0.1:0") throws {
    process = try ChildProcess(
      try ExternalTool.built("passcode"), ["sink", "--listen", listen, "--json"] + arguments)
    guard process.wait(for: "\n"), let line = process.text().split(separator: "\n").first,
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
      let address = object["listening"] as? String
    else { throw Unexpected("the sink did not start", process.text() + process.text(of: .errors)) }
    self.address = address
  }

  deinit { process.kill() }
}
