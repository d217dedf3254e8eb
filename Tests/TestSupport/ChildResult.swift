internal import Foundation
internal import Glibc

/// How a program ended and what it wrote.
package struct ChildResult: Sendable, CustomStringConvertible {
  package enum Ending: Sendable, Equatable {
    case exited(Int32)
    case signalled(Int32)

    init(waitStatus status: Int32) {
      self = status & 0x7F == 0 ? .exited((status >> 8) & 0xFF) : .signalled(status & 0x7F)
    }
  }

  package let ending: Ending
  package let output: [UInt8]
  package let errors: [UInt8]

  /// The exit status; nil where a signal ended it.
  package var status: Int32? { if case .exited(let status) = ending { status } else { nil } }
  package var text: String { String(decoding: output, as: UTF8.self) }
  package var errorText: String { String(decoding: errors, as: UTF8.self) }
  package var lines: [Substring] { text.split(separator: "\n") }

  /// For a failed expectation: how it ended and what it said.
  package var description: String { "\(ending)\n--- output\n\(text)\n--- errors\n\(errorText)" }
}

/// A program had not ended in time and was killed.
package struct ChildTimeout: Error, CustomStringConvertible {
  package let name: String
  package let limit: Duration
  package let output: [UInt8]
  package let errors: [UInt8]

  package var description: String {
    """
    \(name) had not ended after \(limit) and was killed
    --- output
    \(String(decoding: output, as: UTF8.self))
    --- errors
    \(String(decoding: errors, as: UTF8.self))
    """
  }
}

extension ChildResult {
  /// The last line of the output as JSON.
  package func object() throws -> [String: Any] {
    guard let line = lines.last,
      let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
    else { throw Unexpected("no JSON object was printed", description) }
    return object
  }

  /// A text of that object.
  ///
  /// - Throws: also where the program ended with a fault.
  package func string(_ key: String) throws -> String {
    guard status == 0, let text = try object()[key] as? String else {
      throw Unexpected("no \(key) was printed, or the status is not 0", description)
    }
    return text
  }
}

/// A test cannot go on: what a program was to do did not happen.
package struct Unexpected: Error, CustomStringConvertible {
  package let description: String

  package init(_ what: String, _ output: String) { description = "\(what)\n\(output)" }
}
