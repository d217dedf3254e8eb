internal import CodeRequests
internal import CommandVerbs
internal import Configuration
internal import Foundation
// Glibc: posix_spawn, timed from its call on; the service starts no program.
internal import Glibc
internal import LinuxSystem
internal import PasscodeService

extension Verbs {
  /// `passcode verify` as a shell or another program calls it: from the start of the process to its end.
  static func verifyProcess(_ invocation: Invocation) throws -> ExitStatus {
    let count = try invocation.integer("count", in: 1...100_000) ?? 200
    let bench = try Bench(relay: nil, needsRelay: false, place: invocation.string("place"))
    defer { bench.end() }
    let installation = try bench.installation("process", lanes: 1)
    let tickets = try admit(installation, count: count)
    let program = try Bench.program()
    let config = installation.settings.file
    // Kept open as a worker keeps it, so that no process finds itself the last one to close the records.
    let records = try installation.records()
    defer { withExtendedLifetime(records) {} }
    var ours: [Double] = []
    var baseline: [Double] = []
    for (id, code) in tickets {
      let (time, status) = try run([program, "verify", id, "--config", config], input: code + "\n")
      guard status == 0 else { throw CommandFault(.inputOutput, "a good code was not verified") }
      ours.append(time)
      baseline.append(try run(["/bin/true"], input: "").milliseconds)
    }
    let sorted = ours.sorted()
    var figures = Figures()
    figures.add("passcode verify, median", "processMilliseconds", [Figures.median(ours)], "ms")
    figures.add("nine in ten within", "p90Milliseconds", [sorted[count * 9 / 10]], "ms")
    figures.add("/bin/true, median", "baselineMilliseconds", [Figures.median(baseline)], "ms")
    figures.print(title: "verify: \(count) right codes, a process each", isJSON: invocation.isJSON)
    return .done
  }

  /// Runs a program with `input` on its standard input and nobody listening; how long it took, and its exit status.
  private static func run(
    _ words: [String], input: String
  ) throws -> (milliseconds: Double, status: Int32) {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw CommandFault(.inputOutput, "no pipe could be made") }
    defer { close(ends[0]) }
    // Less than a pipe holds, so that nobody waits for a reader.
    _ = Array(input.utf8).withUnsafeBytes { write(ends[1], $0.baseAddress, $0.count) }
    close(ends[1])
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO)
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
    var arguments = words.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var identifier: pid_t = 0
    var status: Int32 = 0
    let start = ContinuousClock.now
    guard posix_spawn(&identifier, words[0], &actions, nil, &arguments, environ) == 0 else {
      throw CommandFault(.inputOutput, "\(words[0]) could not be started")
    }
    while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
    let time = (ContinuousClock.now - start).inSeconds * 1000
    return (time, status & 0x7F == 0 ? (status >> 8) & 0xFF : -1)
  }
}
