import Foundation
import Glibc
import LinuxSystem
import TestSupport
import Testing

@testable import SMTPDelivery

/// A file of mode 0600 with a secret in it.
func writeSecret(
  _ text: String, in directory: String, name: String = "secret", mode: Int = 0o600
) throws -> String {
  let path = "\(directory)/\(name)"
  try Data(text.utf8).write(to: URL(fileURLWithPath: path))
  try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
  return path
}

@Suite(.waits) struct AuthenticationTests {
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

  @Test(arguments: ["XOAUTH2", "OAUTHBEARER", "PLAIN"])
  func `reads the token or password again for each connection`(_ mechanism: String) throws {
    let directory = try TemporaryDirectory()
    // Each takes one mail and leaves.
    let script =
      Self.greet + [.expect("AUTH \(mechanism)"), .say("334 "), .expect(""), .say("235 Ok")]
      + ScriptedRelayStep.envelope() + [.expectMessage, .say("250 Ok"), .close]
    let relay = try ScriptedRelay([script, script, script])
    defer { relay.stop() }
    let path = directory.path + "/secret"
    let rig = try DeliveryRig(
      RelaySettings(
        url: relay.url, security: .plaintext, username: "mailer", passwordFile: path,
        mechanism: mechanism.lowercased(), lanes: 1, timing: testTiming()))
    let secrets = ["first-token", "second-token", "third-token"]
    for (index, secret) in secrets.enumerated() {
      // As a program that refreshes tokens does it: written beside, renamed over.
      let fresh = try writeSecret(secret, in: directory.path, name: "fresh")
      try rename(fresh, to: path)
      #expect(try rig.deliver(TestMail()).verdict == .sent)
      #expect(relay.wait { $0[index].isFinished })
    }
    #expect(relay.sessions.count == 3)
    #expect(relay.failure == nil)
    for (session, secret) in zip(relay.sessions, secrets) {
      let said = session.receivedText.components(separatedBy: "\r\n")
        .compactMap { Data(base64Encoded: $0) }.map { String(decoding: $0, as: UTF8.self) }
      for other in secrets {
        #expect(said.contains { $0.contains(other) } == (other == secret), "\(mechanism)")
      }
    }
  }

  private func rename(_ path: String, to place: String) throws {
    try systemCall("rename") { Glibc.rename(path, place) }
  }

  @Test(arguments: ["SCRAM-SHA-1", "SCRAM-SHA-256"])
  func `does SCRAM where libcurl can, and says plainly where it cannot`(_ mechanism: String) throws {
    let directory = try TemporaryDirectory()
    let relay = try ScriptedRelay(
      [],
      afterwards: ScriptedRelayStep.greet(["AUTH PLAIN \(mechanism)"]) + [
        .expect("AUTH \(mechanism)"), .close,
      ])
    defer { relay.stop() }
    let rig = try DeliveryRig(
      RelaySettings(
        url: relay.url, security: .plaintext, username: "mailer",
        passwordFile: try writeSecret("hunter2", in: directory.path), mechanism: mechanism, lanes: 1,
        timing: testTiming()))
    rig.mails.push(try TestMail())
    if libcurlHasSCRAM {
      #expect(try rig.waitForEvent(\.down).stage == .authentication)
      #expect(relay.failure == nil)
    } else {
      let trouble = try rig.waitForEvent(\.held)
      #expect(trouble.incident == .authenticationMissing)
      #expect(trouble.message.contains("cannot do \(mechanism)") && trouble.message.contains("GSASL"))
      #expect(relay.sessions.isEmpty, "nothing else is tried in its place")
    }
    #expect(rig.outcomes.isEmpty)
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
      #expect(throws: SecretFile.Fault.self) { try SecretFile(path: path, key: "passwordFile").read() }
    }
  }

  @Test(arguments: [true, false])
  func
    `a held relay is tried again at once when its password has been replaced, or written anew in its place`(
      _ isReplaced: Bool
    ) throws
  {
    let directory = try TemporaryDirectory()
    let secret = try writeSecret("old", in: directory.path)
    let login = ScriptedRelayStep.greet(["AUTH PLAIN"]) + [.expect("AUTH PLAIN"), .say("334 "), .expect("")]
    let relay = try ScriptedRelay(
      [login + [.say("535 5.7.8 no")]], afterwards: login + [.say("235 2.7.0 Ok"), .serve])
    defer { relay.stop() }
    let rig = try DeliveryRig(
      RelaySettings(
        url: relay.url, security: .plaintext, username: "mailer", passwordFile: secret, mechanism: "PLAIN",
        lanes: 2, timing: testTiming { $0.holdPause = .seconds(3600) }))
    rig.mails.push(try TestMail())
    try rig.waitForEvent(\.held)
    #expect(rig.outcomes.isEmpty)
    if isReplaced {
      let renewed = "\(directory.path)/renewed"
      try Data("new".utf8).write(to: URL(fileURLWithPath: renewed))
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: renewed)
      _ = Glibc.rename(renewed, secret)
    } else {
      try Data("new".utf8).write(to: URL(fileURLWithPath: secret))
    }
    #expect(try rig.reports(1).map(\.verdict) == [.sent])
    #expect(relay.sessions.count == 2)
  }
}
