import Foundation
import GuestPolicy
import TestSupport
import Testing

/// The reference of the tenants file's keys, and the example that shows them, against the keys that are read.
@Suite struct TenantsReferenceTests {
  private static let page = "\(Scratch.repository)/Sources/GuestPolicy/GuestPolicy.docc/Tenants.md"
  private static let example = "\(Scratch.repository)/Config/tenants.json5"

  @Test func `the page has every key as it is read`() throws {
    if ProcessInfo.processInfo.environment["PASSCODE_WRITE_REFERENCE"] != nil {
      try Data(TenantsFile.page.utf8).write(to: URL(fileURLWithPath: Self.page))
    }
    #expect(
      try String(contentsOfFile: Self.page, encoding: .utf8) == TenantsFile.page,
      "make it anew: PASSCODE_WRITE_REFERENCE=1 swift test --filter TenantsReferenceTests")
  }

  @Test func `the example loads, shows every key once, and says of each what it is`() throws {
    let text = try String(contentsOfFile: Self.example, encoding: .utf8)
    let tenants = try TenantDirectory(json5: Array(text.utf8), file: Self.example).tenants
    #expect(tenants.map(\.name) == ["Fabrikam", "Contoso"])
    let code = text.split(separator: "\n").map {
      $0.split(separator: "//", maxSplits: 1, omittingEmptySubsequences: false)[0]
    }
    var wanted: [Substring: Int] = [:]
    for path in TenantsFile.paths { wanted[path.split(separator: ".").last!, default: 0] += 1 }
    // What the second tenant must say as well.
    for name in ["id", "name"] { wanted[Substring(name)]! += 1 }
    for (name, count) in wanted {
      let shown = code.reduce(0) { sum, line in
        sum
          + line.split(separator: "\(name):", omittingEmptySubsequences: false).dropLast()
          .count { before in before.last.map { !$0.isLetter } ?? true }
      }
      #expect(shown == count, "\(name) is shown \(shown) times, and is a key in \(count) places")
    }
    #expect(TenantsFile.paths.count == 22)
  }
}
