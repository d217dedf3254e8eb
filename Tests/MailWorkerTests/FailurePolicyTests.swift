import Foundation
import TestSupport
import Testing

@Suite struct FailurePolicyTests {
  @Test(arguments: ["RequestSpool", "MailWorker"])
  func `each file says what happens on failure`(module: String) throws {
    let folder = "\(Scratch.repository)/Sources/\(module)"
    let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".swift") }
    #expect(files.count > 10)
    for file in files {
      let text = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
      #expect(text.contains("On failure: "), "\(file)")
    }
  }
}
