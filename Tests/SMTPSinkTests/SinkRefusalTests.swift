import Foundation
import LinuxSystem
import TestSupport
import Testing

@testable import SMTPSink

/// What a sink tells of that it did not take.
@Suite(.waits) struct SinkRefusalTests {
  /// `rcpt a@b.example -> c@b.example: 550 5.1.1`.
  private static func line(_ refusal: SinkRefusal) -> String {
    let reply = refusal.reply.map { $0.split(separator: " ").prefix(2).joined(separator: " ") } ?? "closed"
    let people = [refusal.user, refusal.sender].compactMap(\.self) + refusal.recipients.map { "-> \($0)" }
    return ([refusal.stage.rawValue] + people).joined(separator: " ") + ": " + reply
  }

  private func told(_ settings: SinkSettings = SinkSettings(), _ talk: (RawClient) -> Void) throws -> [String]
  {
    let lines = Monitor<[String]>([])
    let server = try startedSink(
      settings, onRefusal: { refusal in lines.change { $0.append(Self.line(refusal)) } })
    talk(try RawClient.ready(server))
    server.stop()
    return lines.withLock { $0 }
  }

  @Test func `a recipient, a message and a greylisted one are told, and what was taken is not`() throws {
    let lines = try told { client in
      _ = client.deliver(to: "anna@b.example")
      for recipient in [
        "rcpt-550-5.1.1@b.example", "data-451-4.3.0@b.example", "greylist-1@b.example",
        "greylist-1@b.example",
        "rcpt-5x@b.example",
      ] {
        _ = client.deliver(to: recipient)
        _ = client.ask("RSET")
      }
      _ = client.deliver(to: "anna@b.example", "bare\nnewline\r\n")
    }
    #expect(
      lines == [
        "rcpt a@b.example -> rcpt-550-5.1.1@b.example: 550 5.1.1",
        "message a@b.example -> data-451-4.3.0@b.example: 451 4.3.0",
        "rcpt a@b.example -> greylist-1@b.example: 451 4.7.1",
        "rcpt a@b.example -> rcpt-5x@b.example: 550 5.1.3",
        "message a@b.example -> anna@b.example: 550 5.5.2",
      ])
  }

  @Test(arguments: [
    ("drop-rcpt@b.example", "rcpt a@b.example -> drop-rcpt@b.example: closed"),
    ("drop-data@b.example", "data a@b.example -> drop-data@b.example: closed"),
    ("drop-dot@b.example", "message a@b.example -> drop-dot@b.example: closed"),
  ])
  func `a connection that is closed is told`(_ recipient: String, _ line: String) throws {
    #expect(try told { _ = $0.deliver(to: recipient) } == [line])
  }

  @Test
  func `a login that fails is told with its user and never with its password, and so is mail without one`()
    throws
  {
    var settings = SinkSettings()
    settings.credentials = SinkCredentials(user: "mailer", password: "s3cret")
    let plain = Data("\0anna\0hunter2".utf8).base64EncodedString()
    let lines = try told(settings) { client in
      _ = client.ask("AUTH PLAIN \(plain)")
      _ = client.ask("AUTH LOGIN")
      _ = client.ask(Data("bo".utf8).base64EncodedString())
      _ = client.ask(Data("hunter2".utf8).base64EncodedString())
      _ = client.ask("AUTH CRAM-MD5")
      _ = client.ask("MAIL FROM:<a@b.example> SIZE=10")
      _ = client.ask("AUTH PLAIN \(Data("\0mailer\0s3cret".utf8).base64EncodedString())")
      _ = client.ask("MAIL FROM:<a@b.example> SIZE=99999999")
    }
    #expect(
      lines == [
        "auth anna: 535 5.7.8", "auth bo: 535 5.7.8", "auth: 504 5.5.4", "mail a@b.example: 530 5.7.0",
        "mail a@b.example: 552 5.3.4",
      ])
  }
}
