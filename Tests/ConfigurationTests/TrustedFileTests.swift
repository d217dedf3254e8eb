import Configuration
import Foundation
import Glibc
import LinuxSystem
import TestSupport
import Testing

/// Whose configuration is read, and whose the files may be that it names.
@Suite struct TrustedFileTests {
  private let directory: TemporaryDirectoryOwner
  private var file: String { "\(directory.path)/passcode.json5" }
  private var secret: String { "\(directory.path)/relay.password" }

  init() throws {
    directory = try TemporaryDirectoryOwner()
    mkdir("\(directory.path)/state", 0o700)
    try write(
      """
      {
        state: "state", sender: { address: "no-reply@fabrikam.example" },
        relays: [
          { url: "smtp://127.0.0.1:25", security: "plaintext" },
          { url: "smtp://127.0.0.1:26", security: "plaintext", username: "mailer", passwordFile: "relay.password",
            caFile: "ca.pem", clientCertificate: "ours.pem", clientKey: "ours.key" },
          { url: "smtp://127.0.0.1:27", security: "plaintext", username: "mailer", mechanism: "XOAUTH2",
            oauth: { grant: "client-credentials", tokenURL: "https://login.example/token", clientID: "c",
              clientSecretFile: "client.secret", caFile: "login-ca.pem" } },
          { url: "smtp://127.0.0.1:28", security: "plaintext", username: "mailer", mechanism: "XOAUTH2",
            oauth: { grant: "jwt-bearer", keyFile: "account.json", scope: "s" } },
        ],
      }
      """, to: file, mode: 0o644)
    try write("hunter2", to: secret, mode: 0o600)
    for name in ["ca.pem", "ours.pem", "ours.key", "client.secret", "login-ca.pem", "account.json"] {
      try write("x", to: "\(directory.path)/\(name)", mode: 0o600)
    }
  }

  private func write(_ text: String, to path: String, mode: mode_t) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    chmod(path, mode)
  }

  private func give(_ paths: [String], to user: uid_t) { for path in paths { chown(path, user, user) } }

  private func read() throws(ConfigurationFault) -> Settings {
    try Settings(file: file, trust: FileTrust(user: geteuid()))
  }

  @Test(arguments: [(mode_t(0o666), "o-w"), (0o646, "o-w"), (0o602, "o-w")])
  func `a configuration that others can write is refused, with the command that mends it`(
    _ mode: mode_t, _ mending: String
  ) throws {
    #expect(throws: Never.self) { try read() }
    chmod(file, mode)
    let fault = #expect(throws: ConfigurationFault.self) { try read() }
    #expect(fault?.file == file)
    let text = try #require(fault?.message)
    #expect(
      text.hasPrefix("\(file) belongs to user \(geteuid()) and has mode 0\(String(mode, radix: 8)), so that"))
    #expect(
      text.contains("accepted is what belongs to root") && text.hasSuffix("Run: chmod \(mending) \(file)"))
  }

  @Test func `so is one in a directory where others can replace it, and one behind a link there`() throws {
    mkdir("\(directory.path)/elsewhere", 0o700)
    symlink(file, "\(directory.path)/elsewhere/passcode.json5")
    let trust = FileTrust(user: geteuid())
    let link = "\(directory.path)/elsewhere/passcode.json5"
    #expect(throws: Never.self) { try Settings(file: link, trust: trust) }
    chmod("\(directory.path)/elsewhere", 0o777)
    #expect(throws: ConfigurationFault.self) { try Settings(file: link, trust: trust) }
    #expect(throws: Never.self) { try read() }
  }

  /// Each file that relays name, the key that names it, and whether it holds a secret.
  static let named = [
    ("relay.password", "relays[1].passwordFile"), ("ca.pem", "relays[1].caFile"),
    ("ours.pem", "relays[1].clientCertificate"), ("ours.key", "relays[1].clientKey"),
    ("client.secret", "relays[2].oauth.clientSecretFile"), ("login-ca.pem", "relays[2].oauth.caFile"),
    ("account.json", "relays[3].oauth.keyFile"),
  ]

  @Test(arguments: named)
  func `what relays name is refused where others can write it`(_ name: String, _ key: String) throws {
    let settings = try read()
    #expect(try settings.relaySettings().count == 4)
    chmod("\(directory.path)/\(name)", 0o602)
    #expect(settings.secretFaults().map(\.key) == [key])
    let fault = #expect(throws: ConfigurationFault.self) { try settings.relaySettings() }
    #expect(fault?.description.hasPrefix("\(file): \(key): \(directory.path)/\(name) belongs to ") == true)
    // One that is not there yet is missed when it is wanted.
    unlink("\(directory.path)/\(name)")
    #expect(throws: Never.self) { try settings.relaySettings() }
  }

  /// What the attack was: somebody's configuration, and root's password in it.
  @Test(.enabled(if: getuid() == 0, "needs root"))
  func `root reads nobody's configuration but the service's, and no secret for it but the service's`() throws
  {
    give([file, directory.path], to: 4322)
    let fault = #expect(throws: ConfigurationFault.self) { try read() }
    #expect(
      fault?.message.contains("belongs to user 4322 and has mode 0700; accepted is what belongs to root")
        == true)
    // Whoever plants a configuration can plant a state directory beside it, and gets no further with it than his own.
    give(["\(directory.path)/state"], to: 4322)
    let settings = try read()
    #expect(
      settings.secretFaults().map(\.key) == [
        "relays[1].passwordFile", "relays[1].clientKey", "relays[2].oauth.clientSecretFile",
        "relays[3].oauth.keyFile",
      ])
    give(
      ["relay.password", "ours.key", "client.secret", "account.json"].map { "\(directory.path)/\($0)" },
      to: 4322)
    #expect(settings.secretFaults().isEmpty)
    // A third one's is nobody's.
    give([secret], to: 4323)
    #expect(settings.secretFaults().map(\.key) == ["relays[1].passwordFile"])
    give([file], to: 4323)
    #expect(throws: ConfigurationFault.self) { try read() }
  }

  @Test(.enabled(if: getuid() == 0, "needs root"))
  func `root's configuration may name what is the service's`() throws {
    give(["\(directory.path)/state", secret], to: 4322)
    #expect(try read().secretFaults().isEmpty)
    give([secret], to: 4323)
    #expect(try read().secretFaults().first?.message.contains("user 4322 (the service's)") == true)
  }
}
