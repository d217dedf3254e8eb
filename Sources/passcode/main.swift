internal import Glibc
internal import LinuxSystem

// Whatever is made, database and logs among them, is for its owner alone.
umask(0o077)
ignoreBrokenPipes()
exit(Command.run(CommandLine.arguments).rawValue)
