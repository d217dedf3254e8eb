import Foundation
import TestSupport
import Testing

/// System calls have one home, `LinuxSystem`: `errno` is read in one way there, each call says what C function it is, and
/// tests can let it fail.
@Suite struct SystemCallUseTests {
  /// Who else writes to a standard stream: the choke point itself, the log, and a test's own report of a fault.
  private static let writers: Set = [
    "CommandVerbs/Terminal.swift", "LinuxSystem/Faults/FailPoint.swift", "MailWorker/EventLogWriter.swift",
  ]

  @Test func `nothing is shown to people but through the one place that escapes it`() throws {
    let sources = "\(Scratch.repository)/Sources"
    let files = try #require(FileManager.default.enumerator(atPath: sources)).compactMap { $0 as? String }
      .filter { $0.hasSuffix(".swift") && !$0.hasPrefix("passcode-bench/") }
    var found: Set<String> = []
    for file in files {
      let text = try String(contentsOfFile: "\(sources)/\(file)", encoding: .utf8)
      let lines = text.split(separator: "\n").map { $0.drop { $0 == " " } }.filter { !$0.hasPrefix("//") }
      #expect(
        !lines.contains {
          $0.contains("FileHandle") || $0.hasPrefix("Swift.print(") || $0.contains("debugPrint(")
            || $0.hasPrefix("print(") || $0.contains(" print(") && !$0.contains("func print(")
        }, "\(file)")
      if lines.contains(where: { $0.contains("BorrowedDescriptor(") && $0.contains(".writeAll") })
        || lines.contains(where: { $0.contains("descriptor = BorrowedDescriptor(") })
      {
        found.insert(file)
      }
    }
    #expect(found == Self.writers)
  }

  /// What stands elsewhere; each says why in the line above its import.
  private static let exceptions: Set = [
    "Branding/HexColour.swift", "passcode-bench/Rig/PostfixQueue.swift",
    "passcode-bench/Verbs/VerifyProcess.swift",
  ]

  @Test func `no module but LinuxSystem imports the C library`() throws {
    let sources = "\(Scratch.repository)/Sources"
    let files = try #require(FileManager.default.enumerator(atPath: sources)).compactMap { $0 as? String }
      .filter { $0.hasSuffix(".swift") && !$0.hasPrefix("LinuxSystem/") }
    #expect(files.count > 150)
    var found: Set<String> = []
    for file in files {
      let lines = try String(contentsOfFile: "\(sources)/\(file)", encoding: .utf8)
        .split(separator: "\n", omittingEmptySubsequences: false)
      for (index, line) in lines.enumerated() {
        let words = line.split(separator: " ").drop { $0 != "import" }.dropFirst()
        guard let module = words.first, ["Glibc", "CLinux", "Musl"].contains(module) else { continue }
        found.insert(file)
        let reason = index > 0 ? lines[index - 1] : ""
        #expect(reason.hasPrefix("// \(module): "), "\(file) does not say why it imports \(module)")
      }
    }
    #expect(found == Self.exceptions)
  }
}
