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
