internal import CommandVerbs
internal import Glibc
internal import PasscodeService

extension Installation {
  /// The one that the command line or the environment names.
  init(_ invocation: Invocation) throws {
    try self.init(
      file: invocation.string("config"), variable: getenv("PASSCODE_CONFIG").map { String(cString: $0) })
  }
}
