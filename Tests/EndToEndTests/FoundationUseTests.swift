import Foundation
import TestSupport
import Testing

/// The service does without Foundation proper: it brings ICU along, 38 MB of data and half of each command's start.
@Suite struct FoundationUseTests {
  /// What the benches and tests alone are made of.
  private static let others = ["passcode-bench", "RecordFilling", "CBaselines"]

  @Test func `no module of the service imports Foundation`() throws {
    let sources = "\(Scratch.repository)/Sources"
    let files = try #require(FileManager.default.enumerator(atPath: sources)).compactMap { $0 as? String }
      .filter { file in file.hasSuffix(".swift") && !Self.others.contains { file.hasPrefix("\($0)/") } }
    #expect(files.count > 150)
    for file in files {
      let lines = try String(contentsOfFile: "\(sources)/\(file)", encoding: .utf8).split(separator: "\n")
      for line in lines where line.split(separator: " ").drop(while: { $0 != "import" }).count > 1 {
        let module = line.split(separator: " ").drop { $0 != "import" }.dropFirst().first
        #expect(!["Foundation", "FoundationInternationalization"].contains(module), "\(file): \(line)")
      }
    }
  }

  @Test func `the command knows nothing of ICU`() throws {
    let command = try Data(contentsOf: URL(fileURLWithPath: ExternalTool.built("passcode")))
    for name in ["FoundationICU", "libFoundation.so", "icudt"] {
      #expect(command.range(of: Data(name.utf8)) == nil, "\(name)")
    }
  }
}
