import CodeRequests
import Foundation
import RecordKeys
import RecordsFixture
import TestSupport
import Testing

@testable import PasscodeVerifier
@testable import Records
@testable import SQLiteRecords

/// The package in Tests/FrontendExample: a frontend that imports `PasscodeVerifier` and nothing else, and one that
/// imports what the product `RequestSpool` brings.
@Suite(.waitsLong) struct FrontendExampleTests {
  private static var repository: String { Scratch.repository }

  @Test func `the example imports the module alone`() throws {
    let source = try String(
      contentsOfFile: "\(Self.repository)/Tests/FrontendExample/Sources/Frontend/main.swift", encoding: .utf8)
    let imports = source.split(separator: "\n").filter { $0.hasPrefix("import ") }
    #expect(imports == ["import PasscodeVerifier"])
  }

  @Test func `the README's example of a sealed code is the one that is compiled there`() throws {
    func lines(_ path: String) throws -> [String] {
      try String(contentsOfFile: "\(Self.repository)/\(path)", encoding: .utf8).components(separatedBy: "\n")
    }
    let readme = try lines("README.md")
    let calls = try lines("Tests/FrontendExample/Sources/Enqueuer/main.swift").filter {
      $0.contains("keys.seal") || $0.contains("spool.enqueue")
    }
    #expect(calls.count == 2)
    for call in calls {
      let words = call.replacingOccurrences(of: "\\(arguments[1])", with: "/var/lib/passcode")
      #expect(readme.contains { $0.hasPrefix(words) }, "\(words)")
    }
  }

  @Test(
    .enabled(if: ExternalTool.isContinuousIntegration, "builds a package, which takes a minute; set CI=true"))
  func `a frontend that imports the module alone signs a guest in, and out`() throws {
    let scratch = "\(Self.repository)/.build/frontend-example"
    let package = "\(Self.repository)/Tests/FrontendExample"
    func build() throws -> ChildResult {
      try ChildProcess.run(
        "swift", ["build", "--package-path", package, "--scratch-path", scratch], timeout: .seconds(600))
    }
    // In a kept scratch directory SwiftPM does not notice files that were added to the package since.
    if try build().status != 0 {
      try FileManager.default.removeItem(atPath: scratch)
      let again = try build()
      #expect(again.status == 0, "\(again)")
    }

    let installation = try Installation()
    let tenants = "\(installation.path)/tenants.json5"
    try "{ tenants: [{ id: 'f', name: 'Fabrikam', passcodes: 'enabled' }] }".write(
      toFile: tenants, atomically: true, encoding: .utf8)
    let store = try installation.store()
    let (first, second) = (try request(), try request(to: "bert@example.org"))
    let now = Date()
    let (one, two) = (
      try store.sent(first, at: now, tenant: "f"), try store.sent(second, at: now, tenant: "f")
    )
    let path = installation.path
    func answer(_ code: String, _ challenge: String) throws -> String {
      try ChildProcess.run(
        "\(scratch)/debug/Frontend", [path, tenants, challenge], input: .text(code + "\n")
      ).text
    }
    #expect(try answer(one.wrong, first.id.rawValue) == "wrong, 4 left\n")
    #expect(
      try answer(one.code, first.id.rawValue)
        == "signed in a•••@example.org; the token prints as ••••••\nsigned out: true\n")
    #expect(try answer(one.code, first.id.rawValue) == "used\n")
    #expect(try answer(two.code, "bert@EXAMPLE.org").hasPrefix("signed in b•••@example.org"))

    let asked = try ChildProcess.run(
      "\(scratch)/debug/Enqueuer", [path, "cara@example.org"], input: .text("482913\n"))
    let id = try RequestID(asked.text.trimmingCharacters(in: .newlines))
    let file = try #require(FileManager.default.contentsOfDirectory(atPath: "\(path)/spool/new").first)
    let written = try CodeRequest(json: Data(contentsOf: URL(fileURLWithPath: "\(path)/spool/new/\(file)")))
    #expect(written.id == id && written.code == nil)
    #expect(try installation.keyring.open(try #require(written.sealedCode), for: id).reveal() == "482913")
  }
}
