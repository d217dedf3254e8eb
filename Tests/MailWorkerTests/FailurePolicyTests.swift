import Foundation
import TestSupport
import Testing

@testable import MailWorker
@testable import SMTPDelivery

/// What the headers of two modules say of failure, against the table that names a test for each sentence.
@Suite struct FailurePolicyTests {
  private static let modules = ["RequestSpool", "MailWorker"]

  /// The sentences behind `On failure:` of each file of a module, none where nothing can fail, and its text.
  private static func files(
    of module: String
  ) throws -> [(name: String, sentences: [String], source: String)] {
    let folder = "\(Scratch.repository)/Sources/\(module)"
    return try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".swift") }.map {
      file in
      let source = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
      let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
        .map { $0.trimmingCharacters(in: .whitespaces) }
      guard let start = lines.firstIndex(where: { $0.contains("On failure: ") }) else {
        return (file, [], source)
      }
      let paragraph = lines[start...].prefix { $0.hasPrefix("//") && $0 != "///" && $0 != "//" }
        .map { $0.drop { $0 == "/" }.trimmingCharacters(in: .whitespaces) }.joined(separator: " ")
      let policy = paragraph.components(separatedBy: "On failure: ")[1]
      let sentences = policy.dropLast().components(separatedBy: ". ").map { $0 + "." }
      return (file, sentences, source)
    }
  }

  @Test(arguments: modules)
  func `each sentence about failure names tests that exist, and stands as it is in its file`(
    module: String
  ) throws {
    let article = try String(
      contentsOfFile: "\(Scratch.repository)/Sources/MailWorker/MailWorker.docc/Failures.md", encoding: .utf8)
    let section = try #require(article.components(separatedBy: "\n## ").first { $0.hasPrefix("\(module)\n") })
    let rows = section.split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst(2)
      .map { $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) } }
    let said = try Self.files(of: module).flatMap { file in file.sentences.map { [file.name, $0] } }
    #expect(said.count > 15)
    #expect(Set(rows.map { Array($0.prefix(2)) }) == Set(said))
    let names = try TestNames.all()
    for row in rows {
      let tests = row[2].components(separatedBy: "`").enumerated().filter { !$0.offset.isMultiple(of: 2) }
      #expect(!tests.isEmpty, "\(row)")
      for test in tests { #expect(names.contains(test.element), "\(test.element)") }
    }
  }

  @Test(arguments: modules)
  func `where nothing is said to fail, nothing is thrown`(module: String) throws {
    let files = try Self.files(of: module).filter(\.sentences.isEmpty)
    #expect(module == "RequestSpool" || files.count >= 3)
    for file in files {
      for word in [" throws", "throws(", " throw ", "try!", "fatalError"] {
        #expect(!file.source.contains(word), "\(file.name): \(word)")
      }
    }
  }

  @Test func `what a dead worker said of its relays is forgotten, and nobody needs the file`() throws {
    let directory = try TemporaryDirectory()
    let trouble = RelayTrouble(
      stage: .connect, incident: .connectionLost, reply: nil, message: "relay.example:25: refused")
    let dead = RelayOutage(directory: directory.path)
    dead.note(.down(relay: "relay.example:25", trouble, pause: .seconds(1)))
    dead.publish()
    #expect(RelayOutage.reason(in: directory.path)?.contains("refused") == true)
    let next = RelayOutage(directory: directory.path)
    #expect(RelayOutage.reason(in: directory.path) == nil)
    next.clear()
    let nowhere = RelayOutage(directory: "\(directory.path)/missing")
    nowhere.publish()
    #expect(RelayOutage.reason(in: "\(directory.path)/missing") == nil)
    nowhere.clear()
  }

  @Test func `a connection is no news`() {
    #expect(LogEvent(.connected(relay: "relay.example:25", isEncrypted: true, took: .seconds(1))) == nil)
    #expect(LogEvent(.recovered(relay: "relay.example:25"))?.name == .relayUp)
  }
}
