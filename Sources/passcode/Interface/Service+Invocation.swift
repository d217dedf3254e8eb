internal import CommandVerbs
internal import LinuxSystem
internal import PasscodeService

extension Service {
  /// The service of the installation that the command line or the environment names.
  convenience init(_ invocation: Invocation) throws {
    self.init(
      try Installation(
        file: invocation.string("config"), variable: CurrentProcess.variable("PASSCODE_CONFIG")))
  }
}
