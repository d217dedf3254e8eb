import Foundation
import TestSupport
import Testing

/// What a person sees who drains the spool by hand.
@Suite(.waits) struct DrainProgressTests {
  @Test(arguments: [String?.none, "1"])
  func `a drain on a terminal shows how far it is below its log, and no line is torn`(noColour: String?)
    throws
  {
    let rig = try makeRig()
    _ = try rig.request(to: "anna@example.org")
    _ = try rig.request(to: "bo@example.org")
    let terminal = try PseudoTerminal()
    let result = try ChildProcess.run(
      "/bin/sh",
      ["-c", "exec \"$0\" worker --drain --config \"$1\" > \"$2\"", rig.command, rig.config, terminal.path],
      environment: ["TERM": "xterm", "NO_COLOR": noColour])
    #expect(result.status == 0, "\(result)")
    let screen = try terminal.screen()
    #expect(screen.contains(" of 2"), "\(screen)")
    #expect(screen.contains("\u{1B}[2m") == (noColour == nil), "\(screen)")
    let events = screen.components(separatedBy: "\r\n").dropLast()
    #expect(events.count >= 4)
    for event in events {
      // What stood there of the bar is taken away before the line begins.
      let line = event.components(separatedBy: "\r\u{1B}[K").last ?? ""
      let bare = line.replacing("\u{1B}[2m", with: "")
      #expect(bare.starts(with: #/\d\d:\d\d:\d\d\.\d{3} /#), "\(event)")
    }
    #expect(screen.hasSuffix("\r\n") || screen.hasSuffix("\r\u{1B}[K"), "\(screen)")
  }
}
