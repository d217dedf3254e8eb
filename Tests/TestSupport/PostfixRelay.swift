internal import Foundation
internal import Glibc
internal import LinuxSystem

/// A real Postfix that takes mail for every domain over STARTTLS and delivers it to one Maildir, or passes it on
/// to another server.
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
  private let running: Monitor<Running>
  private let authentication: AuthenticationDaemon?

  private struct Running {
    var master: ChildProcess
    /// What those before it logged.
    var earlierLog = ""
  }

  /// What becomes of the mail that it took.
  package enum Delivery: Sendable {
    case maildir
    /// It is sent on to the server at this port of 127.0.0.1.
    case onward(UInt16)
  }

  /// For `.enabled(if:)`. In continuous integration always true: there a machine without it has to fail.
  package static var isAvailable: Bool {
    ExternalTool.isContinuousIntegration || (ExternalTool.has("postfix", "postconf") && geteuid() == 0)
  }
  /// Why not, for the same.
  package static let comment = "postfix is not installed, or these tests do not run as root"

  /// Any account but root: virtual(8) delivers as it.
  private static let mailOwner: uid_t = 65534

  /// - Parameters:
  ///   - requiresTLS: true refuses MAIL before STARTTLS with 530.
  ///   - isImplicit: TLS from the first byte.
  ///   - authentication: who says that a login is good; mail is then taken after AUTH alone, and AUTH is offered over
  ///     TLS alone.
  package init(
    requiresTLS: Bool = false, isImplicit: Bool = false, authentication: AuthenticationDaemon? = nil,
    delivery: Delivery = .maildir
  ) throws {
    self.authentication = authentication
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
    try
      (Self.mainConfiguration(path, certificate, requiresTLS: requiresTLS, delivery)
      + (authentication.map { Self.login(through: $0) } ?? ""))
      .write(toFile: "\(path)/conf/main.cf", atomically: false, encoding: .utf8)

    try Self.makeQueue("\(path)/spool", postfix.pw_uid)

    var attempts = 0
    while true {
      let port = try freeLoopbackPort()
      try Self.services(port: port, isImplicit: isImplicit).write(
        toFile: "\(path)/conf/master.cf", atomically: false, encoding: .utf8)
      let master = try Self.launch(configuration: "\(path)/conf")
      if master.wait(for: "daemon started") {
        self.port = port
        running = Monitor(Running(master: master))
        return
      }
      // Somebody may have taken the port meanwhile.
      attempts += 1
      guard attempts < 5 else { throw Failure(what: "master", log: master.text() + master.text(of: .errors)) }
    }
  }

  deinit { stop() }

  /// Stops it and all its daemons; what was delivered or queued stays.
  package func stop() {
    let master = running.withLock { $0.master }
    master.signal(SIGTERM)
    _ = try? master.wait()
  }

  /// Starts it once more on its port and its queue, after `stop`.
  package func startAgain() throws {
    let master = try Self.launch(configuration: "\(directory.path)/conf")
    guard master.wait(for: "daemon started") else {
      throw Failure(what: "master, once more", log: master.text() + master.text(of: .errors))
    }
    running.withLock {
      $0.earlierLog += $0.master.text()
      $0.master = master
    }
  }

  /// The folders of a queue, with owners and modes, as `postfix check` makes them by a hundred processes.
  private static func makeQueue(_ path: String, _ owner: uid_t) throws {
    guard let drop = getgrnam("postdrop")?.pointee else { throw MissingTool(name: "postfix (its group)") }
    let own = [
      "active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved",
      "trace",
    ]
    let folders: [(String, mode_t, uid_t, gid_t)] =
      own.map { ($0, 0o700, owner, 0) }
      + [
        ("pid", 0o755, 0, 0), ("maildrop", 0o730, owner, drop.gr_gid), ("public", 0o710, owner, drop.gr_gid),
      ]
    for (name, mode, user, group) in folders {
      try FileManager.default.createDirectory(atPath: "\(path)/\(name)", withIntermediateDirectories: false)
      chown("\(path)/\(name)", user, group)
      chmod("\(path)/\(name)", mode)
    }
  }

  private static let daemons = Result {
    try ChildProcess.run("postconf", ["-d", "-h", "daemon_directory"]).text
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }

  private static func launch(configuration: String) throws -> ChildProcess {
    try ChildProcess(
      "\(daemons.get())/master", ["-c", configuration, "-d", "-s", "-e", "900"],
      environment: ["MAIL_CONFIG": nil])
  }

  /// What it logged so far.
  package var log: String { running.withLock { $0.earlierLog + $0.master.text() } }

  /// Waits until it has logged `text` so often since it was last started.
  package func wait(forLog text: String, count: Int = 1, timeout: Duration = patience) -> Bool {
    running.withLock { $0.master }.wait(for: text, count: count, timeout: timeout)
  }

  /// How often it has delivered to the Maildir since it was last started, by its log.
  package var deliveries: Int {
    running.withLock { $0.master.text() }.components(separatedBy: Self.delivered).count - 1
  }

  /// Waits for that number.
  package func wait(forDeliveries count: Int, timeout: Duration = patience) -> Bool {
    wait(forLog: Self.delivered, count: count, timeout: timeout)
  }

  /// virtual(8) logs this after it has delivered.
  private static let delivered = "status=sent (delivered to maildir)"

  /// Waits until so many mails lie in the Maildir, and returns them as `mails` does.
  ///
  /// - Throws: with the log, where the time is over first.
  package func mails(count: Int, timeout: Duration = patience) throws -> [RelayedMail] {
    guard wait(forDeliveries: count, timeout: timeout) else {
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
    _ path: String, _ certificate: TestCertificate, requiresTLS: Bool, _ delivery: Delivery
  ) -> String {
    let domains =
      switch delivery {
      case .maildir: "virtual_mailbox_domains = static:all\nvirtual_mailbox_maps = static:inbox/"
      case .onward(let port):
        "relay_domains = static:all\nrelay_transport = smtp:[127.0.0.1]:\(port)"
      }
    return """
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
      \(domains)
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

  private static func login(through daemon: AuthenticationDaemon) -> String {
    """
    smtpd_sasl_auth_enable = yes
    smtpd_sasl_type = dovecot
    smtpd_sasl_path = inet:127.0.0.1:\(daemon.port)
    smtpd_tls_auth_only = yes
    smtpd_relay_restrictions = permit_sasl_authenticated, reject
    smtpd_recipient_restrictions = permit_sasl_authenticated, reject

    """
  }

  private static func services(port: UInt16, isImplicit: Bool) -> String {
    """
    127.0.0.1:\(port) inet n - n - - smtpd\(isImplicit ? " -o smtpd_tls_wrappermode=yes" : "")
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
    smtp unix - - n - - smtp
    anvil unix - - n - 1 anvil
    scache unix - - n - 1 scache
    postlog unix-dgram n - n - 1 postlogd

    """
  }
}
