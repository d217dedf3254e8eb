internal import Foundation
internal import Glibc

/// A real Exim that takes mail over TLS and after AUTH, and delivers it to one Maildir.
///
/// Its package and Postfix's exclude each other on Debian, so it is not installed: it is unpacked into the scratch
/// directory, where its configuration, queue and log lie as well. It insists on an account `Debian-exim`, which
/// libnss_wrapper shows to it alone, and runs without any privilege.
package final class EximServer: Sendable {
  package let port: UInt16
  /// For `localhost` and 127.0.0.1; its own CA.
  package let certificate: TestCertificate
  private let directory: TemporaryDirectory
  private let program: ChildProcess

  package static let comment =
    "no exim4-daemon-light_*.deb in .build/peers, or no libnss_wrapper: .ci/run gets both"
  /// For `.enabled(if:)`. In continuous integration always true.
  package static let isAvailable = ExternalTool.isContinuousIntegration || (package != nil && hasWrapper)

  private static let wrapper = "libnss_wrapper.so"
  /// Any account but root.
  private static let account: uid_t = 65534

  private static var package: String? {
    let folder = Scratch.repository + "/.build/peers"
    return try? FileManager.default.contentsOfDirectory(atPath: folder)
      .first { $0.hasPrefix("exim4-daemon-light_") && $0.hasSuffix(".deb") }.map { "\(folder)/\($0)" }
  }

  private static var hasWrapper: Bool {
    (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib"))?
      .contains { FileManager.default.fileExists(atPath: "/usr/lib/\($0)/\(wrapper)") } == true
  }

  /// - Parameters:
  ///   - isImplicit: TLS from the first byte; else STARTTLS.
  ///   - password: letters and digits alone: it stands in Exim's own language.
  package init(isImplicit: Bool, user: String, password: String) throws {
    guard let package = Self.package else { throw MissingTool(name: "exim (\(Self.comment))") }
    directory = try TemporaryDirectory(on: .disk)
    certificate = try TestCertificate()
    let path = directory.path
    let unpacked = try ChildProcess.run("dpkg-deb", ["-x", package, "\(path)/exim"])
    guard unpacked.status == 0 else { throw Unexpected("exim was not unpacked", unpacked.description) }
    let exim = "\(path)/exim/usr/sbin/exim4"
    // Without the bit that makes it root: it has to see the wrapper.
    chmod(exim, 0o755)
    let isRoot = geteuid() == 0
    let owner = isRoot ? Self.account : geteuid()
    for folder in ["spool", "log", "mail"] {
      try FileManager.default.createDirectory(atPath: "\(path)/\(folder)", withIntermediateDirectories: false)
      if isRoot { chown("\(path)/\(folder)", owner, owner) }
    }
    chmod(path, 0o711)
    try "root:x:0:0::/:/bin/false\nDebian-exim:x:\(owner):\(owner)::/:/bin/false\n"
      .write(toFile: "\(path)/passwd", atomically: false, encoding: .utf8)
    try "root:x:0:\nmail:x:8:\nDebian-exim:x:\(owner):\n"
      .write(toFile: "\(path)/group", atomically: false, encoding: .utf8)
    for (name, file) in [("certificate", certificate.certificateFile), ("key", certificate.keyFile)] {
      try FileManager.default.copyItem(atPath: file, toPath: "\(path)/\(name).pem")
      if isRoot { chown("\(path)/\(name).pem", owner, owner) }
    }

    let drop =
      isRoot ? ["setpriv", "--reuid=\(owner)", "--regid=\(owner)", "--clear-groups"] : ["env"]
    var attempts = 0
    while true {
      let port = try freeLoopbackPort()
      try Self.configuration(path, exim, port, isImplicit: isImplicit, user: user, password: password)
        .write(toFile: "\(path)/exim.conf", atomically: false, encoding: .utf8)
      let program = try ChildProcess(
        drop[0],
        drop.dropFirst() + ["env", "LD_PRELOAD=\(Self.wrapper)", exim, "-C", "\(path)/exim.conf", "-bdf"],
        environment: ["NSS_WRAPPER_PASSWD": "\(path)/passwd", "NSS_WRAPPER_GROUP": "\(path)/group"])
      if program.listens(on: port) {
        self.port = port
        self.program = program
        return
      }
      // Somebody may have taken the port meanwhile.
      attempts += 1
      guard attempts < 5 else { throw Unexpected("exim did not start", program.text(of: .errors)) }
    }
  }

  deinit { program.kill() }

  /// What it logged so far: `A=` names mechanism and user, `P=esmtpsa` is a mail over TLS after AUTH.
  package var log: String {
    (try? String(contentsOfFile: directory.path + "/log/mainlog", encoding: .utf8)) ?? ""
  }

  /// Waits until so many mails lie in the Maildir.
  ///
  /// - Throws: with the log, where the time is over first.
  package func mails(count: Int, timeout: Duration = patience) throws -> [RelayedMail] {
    let deadline = ContinuousClock.now + timeout
    let inbox = directory.path + "/mail/new"
    while ContinuousClock.now < deadline {
      // Exim makes the folder with the first mail.
      let names = (try? FileManager.default.contentsOfDirectory(atPath: inbox)) ?? []
      if names.count >= count {
        return try names.map {
          RelayedMail(content: Array(try Data(contentsOf: URL(fileURLWithPath: "\(inbox)/\($0)"))))
        }
      }
      _ = poll(nil, 0, 5)
    }
    throw Unexpected("\(count) mails were not delivered", log)
  }

  private static func configuration(
    _ path: String, _ exim: String, _ port: UInt16, isImplicit: Bool, user: String, password: String
  ) -> String {
    """
    exim_path = \(exim)
    keep_environment = *
    spool_directory = \(path)/spool
    log_file_path = \(path)/log/%slog
    pid_file_path = \(path)/spool/exim.pid
    primary_hostname = relay.localhost
    local_interfaces = <; [127.0.0.1]:\(port)
    host_lookup =
    rfc1413_query_timeout = 0s
    deliver_drop_privilege = true
    smtputf8_advertise_hosts = *
    tls_advertise_hosts = *
    tls_certificate = \(path)/certificate.pem
    tls_privatekey = \(path)/key.pem
    \(isImplicit ? "tls_on_connect_ports = \(port)" : "")
    auth_advertise_hosts = ${if eq{$tls_in_cipher}{}{}{*}}
    acl_smtp_rcpt = recipient

    begin acl
    recipient:
      deny !encrypted = *
      accept authenticated = *
      deny message = not logged in

    begin routers
    all:
      driver = accept
      transport = maildir

    begin transports
    maildir:
      driver = appendfile
      directory = \(path)/mail
      maildir_format
      user = Debian-exim
      envelope_to_add

    begin authenticators
    plain:
      driver = plaintext
      public_name = PLAIN
      server_prompts = :
      server_condition = ${if and{{eq{$auth2}{\(user)}}{eq{$auth3}{\(password)}}}}
      server_set_id = $auth2
    login:
      driver = plaintext
      public_name = LOGIN
      server_prompts = Username:: : Password::
      server_condition = ${if and{{eq{$auth1}{\(user)}}{eq{$auth2}{\(password)}}}}
      server_set_id = $auth1
    cram:
      driver = cram_md5
      public_name = CRAM-MD5
      server_secret = ${if eq{$auth1}{\(user)}{\(password)}fail}
      server_set_id = $auth1

    """
  }
}
