internal import CommandVerbs
internal import LinuxSystem
internal import Records
internal import SQLiteRecords

// Whatever is made, database and logs among them, is for its owner alone.
CurrentProcess.makePrivateFiles()
// Codes, devices and keys are in it for a while.
CurrentProcess.keepMemoryPrivate()
ignoreBrokenPipes()
SQLiteEngine.takeProcess()
let status = Verbs.command.run(CommandLine.arguments)
// Not exit: libcrypto would take its tables apart piece by piece before the kernel drops them whole. Nothing here
// buffers output.
CurrentProcess.exitAtOnce(status.rawValue)
