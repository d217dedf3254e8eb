import Foundation
import TestSupport
import Testing

/// The examples in `Config/` that are commented out, as one who takes the comments away finds them.
@Suite(.waits) struct ConfigurationExampleTests {
  private static func text(_ name: String) throws -> String {
    try String(contentsOfFile: "\(Scratch.repository)/Config/\(name)", encoding: .utf8)
  }

  /// Without the slashes in front of lines of `example`, which begins with one that starts so.
  private static func uncommented(_ text: String, from start: String) -> String {
    var isInside = false
    return text.split(separator: "\n", omittingEmptySubsequences: false).map { line -> String in
      let bare = line.drop { $0 == " " }
      if bare.hasPrefix("// " + start) { isInside = true }
      if !bare.hasPrefix("//") { isInside = false }
      // A remark between two examples is a sentence.
      guard isInside, !bare.hasSuffix(":") else { return String(line) }
      return String(bare.dropFirst(2))
    }.joined(separator: "\n")
  }

  private func doctor(_ text: String) throws -> String {
    let directory = try TemporaryDirectoryOwner()
    let config = "\(directory.path)/passcode.json5"
    try text.replacing("/var/lib/passcode", with: "state").replacing("../.passcode", with: "state")
      .replacing("/etc/passcode/Templates", with: Scratch.templates)
      .replacing("../Templates", with: Scratch.templates)
      .write(toFile: config, atomically: true, encoding: .utf8)
    let command = try ExternalTool.built("passcode")
    return try ChildProcess.run(command, ["doctor", "--json", "--config", config]).text
  }

  @Test func `Microsoft's and Google's are relays that lack their secrets alone`() throws {
    let text = Self.uncommented(try Self.text("production.json5"), from: "{ url: \"smtp://smtp.office365")
    let placeholder = try doctor(text)
    #expect(
      placeholder.contains("relays[1].oauth.tokenURL: holds a character that no URL has"), "\(placeholder)")
    let said = try doctor(text.replacing("<tenant>", with: "fabrikam.example"))
    for part in [
      "relay smtp.office365.com:587", "relay.secret", "name its file in oauth.clientSecretFile",
      "relay smtp.gmail.com:587", "service-account.json", "name its file in oauth.keyFile",
      "relay backup.fabrikam.example:465",
    ] { #expect(said.contains(part), "\(part): \(said)") }
  }

  @Test func `what the developer's configuration explains of a token is what is known`() throws {
    let said = try doctor(Self.uncommented(try Self.text("passcode.json5"), from: "oauth: {"))
    // Every value stands for one's own, so the first that is wrong is told, and no key is unknown.
    #expect(said.contains("relays[0].") && !said.contains("is not a key"), "\(said)")
  }
}
