import Foundation
import RecordsFixture
import TestSupport
import Testing

/// The table in the module's documentation that names a test for every documented fact.
@Suite struct DocumentationTests {
  private static func article() throws -> String {
    try String(
      contentsOfFile:
        "\(Scratch.repository)/Sources/PasscodeVerifier/PasscodeVerifier.docc/PasscodeVerifier.md",
      encoding: .utf8)
  }

  private static func rows() throws -> [(fact: String, tests: [String])] {
    let section = try #require(
      try article().components(separatedBy: "\n## ").first { $0.hasPrefix("The documented behaviour") })
    return section.split(separator: "\n").filter { $0.hasPrefix("| ") && !$0.hasPrefix("| ---") }.dropFirst()
      .map {
        let cells = $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        let names = cells[1].split(separator: "`", omittingEmptySubsequences: false).enumerated()
          .filter { !$0.offset.isMultiple(of: 2) }.map(\.element)
        return (cells[0], names.map { String($0) })
      }
  }

  @Test func `each documented fact names tests, and each of these exists`() throws {
    let rows = try Self.rows()
    let tests = try TestNames.all()
    for number in 1...9 { #expect(rows.contains { $0.fact.hasPrefix("\(number). ") }, "fact \(number)") }
    #expect(rows.count >= 25)
    for row in rows {
      #expect(!row.tests.isEmpty, "\(row.fact)")
      for name in row.tests { #expect(tests.contains(name), "\(name)") }
    }
  }

  @Test func `the documentation names every public type of the module, and no other`() throws {
    let folder = "\(Scratch.repository)/Sources/PasscodeVerifier"
    var types: Set<String> = []
    for file in try FileManager.default.contentsOfDirectory(atPath: folder) where file.hasSuffix(".swift") {
      let source = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
      for line in source.split(separator: "\n") {
        let words = line.split { $0 == " " || $0 == ":" }
        // What it hands on from the records is its interface as well.
        let isHandedOn = line.hasPrefix("@_exported public import ") && words.last!.hasPrefix("Records.")
        guard line.hasPrefix("public ") || isHandedOn,
          let place = words.firstIndex(where: { ["struct", "enum", "class"].contains($0) }), place < 4
        else { continue }
        types.insert(String(words[place + 1].split(separator: ".").last!))
      }
    }
    let topics = try #require(try Self.article().components(separatedBy: "\n## Topics").last)
    let named = topics.components(separatedBy: "``").enumerated().filter { !$0.offset.isMultiple(of: 2) }
      .map(\.element)
    #expect(Set(named) == types)
  }
}
