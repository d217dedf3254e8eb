import Foundation
import LinuxSystem
import Testing

@testable import CommandVerbs

/// Which verb is called, with what, and what is said where none is.
@Suite struct CommandTests {
  /// A program that notes how it was called.
  private final class Program: Sendable {
    let calls = Monitor<[String]>([])

    var command: Command {
      func verb(_ path: [String], _ operands: [String] = []) -> Verb {
        Verb(path: path, summary: "test", operands: operands) { [calls] invocation in
          let call =
            [invocation.verb.name] + invocation.operands + invocation.strings("config").map { "config=\($0)" }
          calls.change { $0.append((call + (invocation.isJSON ? ["json"] : [])).joined(separator: " ")) }
          return .done
        }
      }
      return Command(
        name: "program", purpose: "test", start: "program a",
        verbs: [verb(["status"], ["ID"]), verb(["queue", "list"]), verb(["queue", "retry"], ["ID"])],
        options: [.value("config", "FILE", "")])
    }
  }

  @Test(arguments: [
    (["--config", "F", "status", "x"], "status x config=F"),
    (["--config=F", "--json", "status", "x"], "status x config=F json"),
    (["status", "x", "--config", "F"], "status x config=F"),
    (["--config", "F", "queue"], "queue list config=F"),
    (["--config", "queue", "queue", "retry", "x"], "queue retry x config=queue"),
    (["--json", "queue", "list"], "queue list json"),
  ])
  func `takes what every verb takes before the verb, too`(_ words: [String], _ call: String) {
    let program = Program()
    #expect(program.command.run(["program"] + words) == .done)
    #expect(program.calls.withLock { $0 } == [call])
  }

  @Test(arguments: [
    (["frob"], "there is no verb 'frob'. See program help."),
    (["qeue"], "there is no verb 'qeue'; did you mean queue? See program help."),
    (["hlep"], "there is no verb 'hlep'; did you mean help? See program help."),
    (["--cnfig", "F", "status"], "program knows no option --cnfig before the verb; see program help"),
    (["--config"], "--config needs FILE"),
    (["--config", "F"], "a verb is missing behind --config; see program help"),
    (["--config", "F", "status", "x", "--config", "G"], "--config is given twice"),
    (["queue", "rtry"], "program queue takes one of list, retry; did you mean queue retry?"),
  ])
  func `says what is wrong`(_ words: [String], _ message: String) {
    let fault = #expect(throws: CommandFault.self) { try Program().command.dispatch(words[...]) }
    #expect(fault?.message == message && fault?.status == .usage)
  }

  @Test func `help explains itself`() {
    #expect(Program().command.run(["program", "help", "help"]) == .done)
    #expect(Program().command.run(["program", "--json", "help"]) == .done)
    #expect(Help.pageOfHelp(Program().command).hasPrefix("usage: program help [VERB]"))
  }

  @Test func `what the system refuses is told by its path, what it is, and what to do`() throws {
    func said(_ body: () throws -> Void) -> String {
      do {
        try body()
        return ""
      } catch { return Command.explain(error).1 }
    }
    let manager = FileManager.default
    let told = [
      said { try manager.createDirectory(atPath: "/proc/none/here", withIntermediateDirectories: true) },
      said { _ = try Data(contentsOf: URL(fileURLWithPath: "/nowhere/at/all")) },
      said { try Data().write(to: URL(fileURLWithPath: "/nowhere/at/all")) },
      said { _ = try Directory("/nowhere/at/all") },
    ]
    for text in told {
      #expect(text.hasPrefix("/proc/none") || text.hasPrefix("/nowhere/at/all is not there ("), "\(text)")
      #expect(!text.contains("Domain") && !text.contains("Error") && text.contains("; "), "\(text)")
    }
    #expect(
      Command.explain(SystemCallError("mkdir", "/x", .permissionDenied)).1
        == "/x may not be used by this user (mkdir: Permission denied); run it as the user whose it is, or have its owner or mode changed"
    )
  }
}

@Suite struct ProgressBarTests {
  @Test func `shows the share, the total, the rate and what is left`() {
    var bar = ProgressBar(total: 20_000)
    #expect(bar.line(columns: 80) == "[........................]    0 %  0 of 20000")
    bar.note(done: 5000, at: 5)
    #expect(
      bar.line(columns: 80, remark: "3 not sent")
        == "[######..................]   25 %  5000 of 20000  1000/s  15 s left  3 not sent")
    // The rate is of late.
    bar.note(done: 5100, at: 10)
    bar.note(done: 5200, at: 15)
    #expect(bar.line(columns: 80).hasSuffix("20/s  12 min left"))
    bar.note(done: 20_000, at: 20)
    #expect(
      bar.line(columns: 80).hasPrefix("[########################]  100 %  20000 of 20000")
        && !bar.line(columns: 80).contains("left"))
  }

  @Test func `what comes meanwhile is more to do, and nothing at all is all`() {
    var bar = ProgressBar(total: 10)
    bar.note(done: 12, at: 1)
    #expect(bar.total == 12 && bar.line(columns: 80).contains("100 %  12 of 12"))
    #expect(ProgressBar(total: 0).line(columns: 80).contains("100 %"))
  }

  @Test(arguments: 1...120) func `never fills the terminal's line`(_ columns: Int) {
    var bar = ProgressBar(total: 1_000_000)
    bar.note(done: 333_333, at: 7)
    #expect(bar.line(columns: columns, remark: "12 not sent").count < columns)
  }
}
