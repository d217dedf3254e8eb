internal import CodeRequests
internal import CommandVerbs
internal import Configuration
internal import FoundationEssentials
internal import SMTPSink

extension Verbs {
  static let sinkWait = Verb(
    path: ["sink", "wait"], summary: "wait for a message in a sink's store and print its code",
    options: [
      .value("store", "DIR", "the sink's --store"),
      .value("to", "ADDR", "one of the message's recipients; without it any"),
      .value(
        "since", "T",
        "only messages received then or later: RFC 3339 to the microsecond, or an age such as 30s"),
      .value("timeout", "T", "default 30s"),
    ],
    discussion: """
      Prints the newest message that is there already, else the next one, with its code and how that was found. Exit status
      66 where none came. A test that notes the time before it makes its program send mail, and gives it to --since, gets that
      mail however long ago it came, and none from before: date -u +%FT%T.%6NZ
      """
  ) { invocation in
    let directory = try invocation.required("store")
    guard FileManager.default.fileExists(atPath: directory) else {
      throw CommandFault(
        .notFound, "\(directory): there is no such store; start passcode sink --store \(directory)")
    }
    let since = try invocation.moment("since")
    let duration = try invocation.duration("timeout") ?? .seconds(30)
    let recipient = try invocation.string("to").map { try EmailAddress($0).rawValue }
    let message = try SinkStore(directory: directory).wait(to: recipient, since: since, timeout: duration)
    guard let message else {
      throw CommandFault(.notFound, "no such message came within \(duration.settingsText)")
    }
    if invocation.isJSON {
      // As it lies there: an older one, or one that was written by hand, may hold anything.
      Terminal.print(line: String(decoding: message.json(), as: UTF8.self).trimmed)
    } else {
      Rows.print([
        ("file", message.file), ("to", "\(message.to)"), ("subject", message.subject),
        ("code", message.code ?? "none found"),
      ])
      if let note = message.codeFound.flatMap(FoundCode.words(of:)) {
        Terminal.print(line: "found    \(note)")
      }
    }
    return .done
  }
}
