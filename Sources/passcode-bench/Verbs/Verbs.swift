internal import CommandVerbs

/// All benches, in the order the help shows them: those of the worker, of its parts, and of what it costs over time.
enum Verbs {
  static let command = Command(
    name: "passcode-bench",
    purpose: "Sizes a machine for Passcode Mailer: each bench prints its figures, a baseline and the ratio.",
    start: "passcode-bench drain",
    verbs: [drain, queue, takeover, smtp, enqueue, latency, verify, render, month, idle])
}
