import Foundation
import TestSupport
import Testing

/// System calls have one home, `LinuxSystem`: `errno` is read in one way there, each call says what C function it is, and
/// tests can let it fail.
@Suite struct SystemCallUseTests {
  /// What stands elsewhere; each says why in the line above its import.
  private static let exceptions: Set = [
    "MessageTemplates/ContrastCheck.swift", "passcode-bench/Rig/PostfixQueue.swift",
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
