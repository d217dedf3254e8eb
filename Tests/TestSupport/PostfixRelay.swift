internal import Foundation
internal import Glibc

/// A real Postfix that takes mail for every domain over STARTTLS and delivers it to one Maildir.
///
/// It has a configuration, a queue and a data directory of its own in a scratch directory; nothing outside is
/// read but its programs, nothing outside is written. Postfix insists on root to start, since its daemons run
/// under accounts of their own. It ends with this value, and at the latest a quarter of an hour after the start,
/// should the tests be killed.
package final class PostfixRelay: Sendable {
  package let port: UInt16
  /// For `localhost` and 127.0.0.1; its own CA.
  package let certificate: TestCertificate
  private let directory: TemporaryDirectory
  private let master: ChildProcess

  /// For `.enabled(if:)`. In continuous integration always true: there a machine without it has to fail.
  package static var isAvailable: Bool {
    ExternalTool.isContinuousIntegration || (ExternalTool.has("postfix", "postconf") && geteuid() == 0)
  }
  /// Why not, for the same.
  package static let comment = "postfix is not installed, or these tests do not run as root"

  /// Any account but root: virtual(8) delivers as it.
  private static let mailOwner: uid_t = 65534

  /// - Parameter requiresTLS: true refuses MAIL before STARTTLS with 530.
  package init(requiresTLS: Bool = false) throws {
    directory = try TemporaryDirectory()
    certificate = try TestCertificate()
    let path = directory.path
    // The daemons give up root and have to get to their queue all the same.
    chmod(path, 0o711)
    for folder in [
      "conf", "spool", "data", "mail", "mail/inbox", "mail/inbox/new", "mail/inbox/cur", "mail/inbox/tmp",
    ] {
      try FileManager.default.createDirectory(atPath: "\(path)/\(folder)", withIntermediateDirectories: false)
      if folder.hasPrefix("mail") { chown("\(path)/\(folder)", Self.mailOwner, Self.mailOwner) }
    }
    guard let postfix = getpwnam("postfix")?.pointee else { throw MissingTool(name: "postfix (its account)") }
    chown("\(path)/data", postfix.pw_uid, postfix.pw_gid)
    try Self.mainConfiguration(path, certificate, requiresTLS: requiresTLS)
      .write(toFile: "\(path)/conf/main.cf", atomically: false, encoding: .utf8)
    let daemons = try ChildProcess.run("postconf", ["-c", "\(path)/conf", "-h", "daemon_directory"]).text
      .trimmingCharacters(in: .whitespacesAndNewlines)

    var attempts = 0
    while true {
      let port = try freeLoopbackPort()
      try Self.services(port: port).write(
        toFile: "\(path)/conf/master.cf", atomically: false, encoding: .utf8)
      if attempts == 0 {
        // Makes the folders of the queue, with owners and modes.
        let check = try ChildProcess.run("postfix", ["-c", "\(path)/conf", "check"], timeout: .seconds(60))
        guard check.status == 0 else { throw Failure(what: "postfix check", log: check.description) }
      }
      let master = try ChildProcess(
        "\(daemons)/master", ["-c", "\(path)/conf", "-d", "-s", "-e", "900"],
        environment: ["MAIL_CONFIG": nil])
      if master.wait(for: "daemon started", timeout: .seconds(60)) {
        self.port = port
        self.master = master
        return
      }
      // Somebody may have taken the port meanwhile.
      attempts += 1
      guard attempts < 5 else { throw Failure(what: "master", log: master.text() + master.text(of: .errors)) }
    }
  }

  deinit { stop() }

  /// Stops it and all its daemons; what was delivered stays.
  package func stop() {
    master.signal(SIGTERM)
    _ = try? master.wait(timeout: .seconds(10))
  }

  /// What it logged so far.
  package var log: String { master.text() }

  /// Waits until so many mails lie in the Maildir, and returns them as `mails` does.
  ///
  /// - Throws: with the log, where the time is over first.
  package func mails(count: Int, timeout: Duration = .seconds(30)) throws -> [RelayedMail] {
    // virtual(8) logs after it has delivered.
    guard master.wait(for: "status=sent (delivered to maildir)", count: count, timeout: timeout) else {
      throw Failure(what: "delivery of \(count) mails", log: log)
    }
    return try mails()
  }

  /// The mails that were delivered, in no order.
  package func mails() throws -> [RelayedMail] {
    let inbox = directory.path + "/mail/inbox/new"
    return try FileManager.default.contentsOfDirectory(atPath: inbox).map { name in
      RelayedMail(content: Array(try Data(contentsOf: URL(fileURLWithPath: "\(inbox)/\(name)"))))
    }
  }

  package struct Failure: Error, CustomStringConvertible {
    package let what: String
    package let log: String
    package var description: String { "\(what) failed\n\(log)" }
  }

  private static func mainConfiguration(
    _ path: String, _ certificate: TestCertificate, requiresTLS: Bool
  ) -> String {
    """
    compatibility_level = 3.6
    queue_directory = \(path)/spool
    data_directory = \(path)/data
    myhostname = relay.localhost
    mydestination =
    alias_maps =
    inet_interfaces = 127.0.0.1
    inet_protocols = ipv4
    mynetworks = 127.0.0.0/8
    maillog_file = /dev/stdout
    virtual_mailbox_domains = static:all
    virtual_mailbox_maps = static:inbox/
    virtual_mailbox_base = \(path)/mail
    virtual_uid_maps = static:\(mailOwner)
    virtual_gid_maps = static:\(mailOwner)
    smtpd_tls_security_level = \(requiresTLS ? "encrypt" : "may")
    smtpd_tls_cert_file = \(certificate.certificateFile)
    smtpd_tls_key_file = \(certificate.keyFile)
    smtpd_peername_lookup = no
    smtputf8_enable = yes

    """
  }

  private static func services(port: UInt16) -> String {
    """
    127.0.0.1:\(port) inet n - n - - smtpd
    cleanup unix n - n - 0 cleanup
    qmgr unix n - n 300 1 qmgr
    tlsmgr unix - - n 1000? 1 tlsmgr
    rewrite unix - - n - - trivial-rewrite
    bounce unix - - n - 0 bounce
    defer unix - - n - 0 bounce
    trace unix - - n - 0 bounce
    verify unix - - n - 1 verify
    proxymap unix - - n - - proxymap
    proxywrite unix - - n - 1 proxymap
    error unix - - n - - error
    retry unix - - n - - error
    virtual unix - n n - - virtual
    anvil unix - - n - 1 anvil
    scache unix - - n - 1 scache
    postlog unix-dgram n - n - 1 postlogd

    """
  }
}

/// A mail as Postfix delivered it: its own header fields in front, lines ended by LF, as in any Maildir.
package struct RelayedMail: Sendable {
  package let content: [UInt8]

  package var text: String { String(decoding: content, as: UTF8.self) }

  /// The first field of that name, unfolded.
  package func field(_ name: String) -> String? {
    var value: String?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.isEmpty { break }
      if let found = value {
        guard line.hasPrefix(" ") || line.hasPrefix("\t") else { break }
        value = found + line
      } else if line.lowercased().hasPrefix(name.lowercased() + ":") {
        value = String(line.dropFirst(name.utf8.count + 1))
      }
    }
    return value?.trimmingCharacters(in: .whitespaces)
  }

  /// The recipient of the envelope.
  package var recipient: String? { field("X-Original-To") }

  /// The message as it was handed in: without what Postfix put in front of it. Ends are CRLF again.
  package var original: [UInt8] {
    let lines = content.split(separator: 0x0A, omittingEmptySubsequences: false)
    var index = 0
    let own = ["return-path:", "x-original-to:", "delivered-to:", "received:"]
    while index < lines.count {
      let line = lines[index]
      let isFolded = line.first == 0x20 || line.first == 0x09
      let text = String(decoding: line, as: UTF8.self).lowercased()
      guard isFolded || own.contains(where: { text.hasPrefix($0) }) else { break }
      index += 1
    }
    return Array(lines[index...].joined(separator: [0x0D, 0x0A]))
  }
}
