internal import CommandVerbs
internal import MailWorker
internal import PasscodeService

extension Verbs {
  static let worker = Verb(
    path: ["worker"], summary: "send what is in the spool until SIGTERM or SIGINT",
    options: [
      .flag("drain", "end when nothing is left to do that can be done")
    ],
    discussion: """
      Prints its log to standard output, one event a line: JSON, or columns where a person reads it.

      SIGTERM and SIGINT finish the mails in flight within delivery.grace and end; a second SIGINT ends at once.
      SIGHUP reads configuration and templates again; where they are faulty the old ones stay. A second worker on the
      same spool is a standby until the first one is gone.

      --drain ends with 74 where the disk does not let it read, move or remove a file, when all else is done: it names the
      file, which stays where it is. Trouble with the disk as a whole, with the records or with a relay it waits out.
      """
  ) { invocation in
    let process = try WorkerProcess(try Service(invocation).installation, invocation)
    // What was posted until here, also where it ends with an error.
    defer { process.log.close() }
    return try process.run()
  }
}
