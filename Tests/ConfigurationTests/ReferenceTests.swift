import Configuration
import Foundation
import Records
import SMTPDelivery
import TestSupport
import Testing

/// The reference of all keys, and the example that explains them, against the keys that are read.
@Suite struct ReferenceTests {
  private static let page = "\(Scratch.repository)/Sources/Configuration/Configuration.docc/Keys.md"
  private static let example = "\(Scratch.repository)/Config/passcode.json5"

  @Test func `the page has every key as it is read`() throws {
    if ProcessInfo.processInfo.environment["PASSCODE_WRITE_REFERENCE"] != nil {
      try Data(SettingsReference.page.utf8).write(to: URL(fileURLWithPath: Self.page))
    }
    let page = try String(contentsOfFile: Self.page, encoding: .utf8)
    #expect(
      page == SettingsReference.page,
      "make it anew: PASSCODE_WRITE_REFERENCE=1 swift test --filter ReferenceTests")
  }

  @Test func `every key says what it takes and what it is for, once`() {
    for entry in SettingsReference.entries {
      #expect(!entry.meaning.isEmpty && !entry.accepts.isEmpty, "\(entry.key)")
    }
    #expect(Set(SettingsReference.entries.map(\.key)).count == SettingsReference.entries.count)
  }

  @Test func `the example shows every key`() throws {
    let text = try String(contentsOfFile: Self.example, encoding: .utf8)
    var wanted: [Substring: Int] = [:]
    // A list of windows shows its keys as often as it likes, once for all.
    for entry in SettingsReference.entries where !entry.key.contains("[].") || entry.key.hasPrefix("relays") {
      wanted[entry.key.split(separator: ".").last!, default: 0] += 1
    }
    for (name, count) in wanted {
      let shown = text.split(separator: "\(name):", omittingEmptySubsequences: false).dropLast()
        .count { before in before.last.map { !$0.isLetter } ?? true }
      #expect(shown >= count, "\(name) is shown \(shown) times, and is a key in \(count) places")
    }
  }

  @Test func `the example shows the defaults where it does not say otherwise`() throws {
    let example = try Settings(file: Self.example)
    let bare = try Settings(
      json5: Data(
        """
        { sender: { address: "no-reply@fabrikam.example" }, relays: [{ url: "smtp://127.0.0.1:2525" }] }
        """.utf8), file: Self.example)
    #expect(example.passcode == bare.passcode && example.delivery == bare.delivery)
    #expect(example.limits == bare.limits && example.verification == bare.verification)
    #expect(example.sessionPurposes == bare.sessionPurposes)
    #expect(example.sessionLifetime == bare.sessionLifetime)
    #expect(example.defaultLocale == bare.defaultLocale && example.templates == bare.templates)
    #expect(example.subjectShowsCode == bare.subjectShowsCode && example.boundDomain == bare.boundDomain)
    #expect(example.tenants == bare.tenants)
    let (shown, usual) = (try example.relaySettings()[0], try bare.relaySettings()[0])
    #expect(shown.lanes == usual.lanes && shown.timing == usual.timing && shown.pipelines == usual.pipelines)
  }

  @Test func `each default that is written in the reference reads back as what holds without it`() throws {
    let defaults = SettingsReference.entries.filter {
      $0.absence?.hasPrefix("\"") == true || Int($0.absence ?? "") != nil
    }

    for entry in defaults where !entry.key.contains("[]") && entry.key != "state" && entry.key != "templates"
    {
      let path = entry.key.split(separator: ".")
      let nested = path.dropLast().reversed().reduce("\(path.last!): \(entry.absence!)") {
        "\($1): { \($0) }"
      }
      let text = """
        { sender: { address: "a@b.example" }, relays: [{ url: "smtp://127.0.0.1" }], \(nested) }
        """
      let given = try Settings(json5: Data(text.utf8), file: "/c.json5")
      let bare = try Settings(
        json5: Data(#"{ sender: { address: "a@b.example" }, relays: [{ url: "smtp://127.0.0.1" }] }"#.utf8),
        file: "/c.json5")
      #expect(given.passcode == bare.passcode && given.delivery == bare.delivery, "\(entry.key)")
      #expect(given.sessionLifetime == bare.sessionLifetime, "\(entry.key)")
      #expect(given.defaultLocale == bare.defaultLocale, "\(entry.key)")
    }
  }
}
