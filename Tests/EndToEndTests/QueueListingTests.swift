import CommandVerbs
import Foundation
import LinuxSystem
import TestSupport
import Testing

@testable import passcode

@Suite(.waits) struct QueueListingTests {
  /// What a verb that runs in this process prints for people.
  private func text(_ words: [String], _ scratch: Scratch) -> String {
    let text = Monitor("")
    let streams = Terminal.Streams(input: nil) { piece, _ in text.withLock { $0 += piece } }
    _ = Terminal.$streams.withValue(streams) {
      Verbs.command.run(["passcode"] + words + ["--config", scratch.config])
    }
    return text.withLock { $0 }
  }

  @Test func `who waits is listed in the letters of his domain, shortened`() throws {
    let scratch = try makeRig()
    _ = text(["request", "--to", "anna@żółw.pl"], scratch)
    let listed = text(["queue"], scratch)
    #expect(listed.contains("@żółw.pl") && !listed.contains("anna@"), "\(listed)")
  }
}
