/// Exit statuses that users rely on; those from 64 up are those of BSD's sysexits.h.
package enum ExitStatus: Int32, Error {
  case done = 0
  case faultsFound = 1
  case incorrect = 10
  case expired = 11
  case used = 12
  case locked = 13
  case unknownChallenge = 14
  case notAllowed = 15
  case usage = 64
  case badInput = 65
  case notFound = 66
  case unavailable = 69
  case cannotCreate = 73
  case inputOutput = 74
  case tryAgain = 75
  case configuration = 78
}

/// Why a command ends without having done its work: one line for standard error, and the status.
package struct CommandFault: Error {
  package let status: ExitStatus
  package let message: String

  package init(_ status: ExitStatus, _ message: String) {
    self.status = status
    self.message = message
  }

  package static func usage(_ message: String) -> CommandFault { CommandFault(.usage, message) }
}
