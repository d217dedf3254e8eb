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

extension Installation {
  /// Whether the command line or the environment names one, or a configuration lies where it is looked for.
  static func isThere(_ invocation: Invocation) -> Bool {
    isThere(file: invocation.string("config"), variable: CurrentProcess.variable("PASSCODE_CONFIG"))
  }
}
