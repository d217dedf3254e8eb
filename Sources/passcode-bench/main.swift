internal import CommandVerbs
internal import Glibc
internal import LinuxSystem
internal import SQLiteRecords

// As the service's own program begins, so that both are measured alike.
umask(0o077)
ignoreBrokenPipes()
SQLiteEngine.takeProcess()
let status = Verbs.command.run(CommandLine.arguments)
_exit(status.rawValue)
