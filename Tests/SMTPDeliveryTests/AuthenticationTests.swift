import Foundation
import LinuxSystem
import TestSupport
import Testing

@testable import SMTPDelivery

/// A file of mode 0600 with a secret in it.
func writeSecret(_ text: String, in directory: String, mode: Int = 0o600) throws -> String {
  let path = directory + "/secret"
  try Data(text.utf8).write(to: URL(fileURLWithPath: path))
  try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
  return path
}

@Suite struct AuthenticationTests {
  private static let greet = ScriptedRelayStep.greet([
    "PIPELINING", "AUTH PLAIN LOGIN CRAM-MD5 XOAUTH2 OAUTHBEARER",
  ])

  private static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

  static let exchanges: [(mechanism: String, script: [ScriptedRelayStep])] = [
    (
      "PLAIN",
      [.expect("AUTH PLAIN"), .say("334 "), .expect(base64("\0mailer\0hunter2"))]
    ),
    (
      "LOGIN",
      [
        .expect("AUTH LOGIN"), .say("334 VXNlcm5hbWU6"), .expect(base64("mailer")), .say("334 UGFzc3dvcmQ6"),
        .expect(base64("hunter2")),
      ]
    ),
    (
      "CRAM-MD5",
      [
        .expect("AUTH CRAM-MD5"), .say("334 " + base64("<1.2@x>")),
        .expect(String(base64("mailer ").prefix(8))),
      ]
    ),
    (
      "XOAUTH2",
      [
        .expect("AUTH XOAUTH2"), .say("334 "),
        .expect(base64("user=mailer\u{1}auth=Bearer hunter2\u{1}\u{1}")),
      ]
    ),
    ("OAUTHBEARER", [.expect("AUTH OAUTHBEARER"), .say("334 "), .expect("bixhPW1haWxlci")]),
  ]

  @Test(arguments: exchanges)
  func `authenticates by the pinned mechanism and no other`(
    _ exchange: (mechanism: String, script: [ScriptedRelayStep])
  ) throws {
    let directory = try TemporaryDirectory()
    let relay = try ScriptedRelay([
      Self.greet + exchange.script + [.say("235 2.7.0 welcome"), .serve]
    ])
    defer { relay.stop() }
    let rig = try DeliveryRig(
      RelaySettings(
        url: relay.url, security: .plaintext, username: "mailer",
        passwordFile: try writeSecret("hunter2\n", in: directory.path), mechanism: exchange.mechanism,
        lanes: 1,
        timing: testTiming()))
    #expect(try rig.deliver(TestMail()).verdict == .sent)
    #expect(relay.failure == nil)
  }

  @Test func `reads the token again for each connection`() throws {
    let directory = try TemporaryDirectory()
    func script(_ token: String) -> [ScriptedRelayStep] {
      Self.greet + [
        .expect("AUTH XOAUTH2"), .say("334 "),
        .expect(Self.base64("user=mailer\u{1}auth=Bearer \(token)\u{1}\u{1}")), .say("235 Ok"),
      ] + ScriptedRelayStep.envelope() + [.expectMessage, .say("250 Ok"), .close]
    }
    let relay = try ScriptedRelay([script("first"), script("second")])
    defer { relay.stop() }
    let path = try writeSecret("first", in: directory.path)
    let rig = try DeliveryRig(
      RelaySettings(
        url: relay.url, security: .plaintext, username: "mailer", passwordFile: path, mechanism: "xoauth2",
        lanes: 1, timing: testTiming()))
    #expect(try rig.deliver(TestMail()).verdict == .sent)
    #expect(relay.wait { $0[0].isFinished })
    _ = try writeSecret("second", in: directory.path)
    #expect(try rig.deliver(TestMail()).verdict == .sent)
    #expect(relay.sessions.count == 2)
    #expect(relay.failure == nil)
  }

  @Test(arguments: [
    ("secret\n", 0o644, "chmod 600"), ("", 0o600, "is empty"), ("a\r\nb", 0o600, "control character"),
    (String(repeating: "x", count: 20_000), 0o600, "16 KiB"),
  ])
  func `a password file that cannot be used holds the relay`(_ text: String, _ mode: Int, _ advice: String)
    throws
  {
    let directory = try TemporaryDirectory()
    let relay = try ScriptedRelay([])
    defer { relay.stop() }
    let rig = try DeliveryRig(
      RelaySettings(
        url: relay.url, security: .plaintext, username: "mailer",
        passwordFile: try writeSecret(text, in: directory.path, mode: mode), lanes: 1, timing: testTiming()))
    rig.mails.push(try TestMail())
    let trouble = try rig.waitForEvent(\.held)
    #expect(trouble.incident == .secretUnreadable)
    #expect(trouble.message.contains(advice))
    #expect(relay.sessions.isEmpty)
  }

  @Test func `a missing password file, a directory and a FIFO hold the relay too`() throws {
    let directory = try TemporaryDirectory()
    let fifo = directory.path + "/fifo"
    mkfifo(fifo, 0o600)
    for path in [directory.path + "/none", directory.path, fifo] {
      #expect(throws: SecretFile.Fault.self) { try SecretFile(path: path).read() }
    }
  }
}
