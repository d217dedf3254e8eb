internal import CommandVerbs
internal import LinuxSystem
internal import SQLiteRecords

// As the service's own program begins, so that both are measured alike.
CurrentProcess.makePrivateFiles()
ignoreBrokenPipes()
SQLiteEngine.takeProcess()
let status = Verbs.command.run(CommandLine.arguments)
CurrentProcess.exitAtOnce(status.rawValue)
