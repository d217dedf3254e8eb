internal import Glibc
internal import LinuxSystem

ignoreBrokenPipes()
exit(Command.run(CommandLine.arguments).rawValue)
