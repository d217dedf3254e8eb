internal import Glibc
internal import LinuxSystem
internal import PasscodeVerifier

// Whatever is made, database and logs among them, is for its owner alone.
umask(0o077)
ignoreBrokenPipes()
RecordStore.takeProcess()
exit(Command.run(CommandLine.arguments).rawValue)
