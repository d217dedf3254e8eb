internal import Foundation
internal import Glibc

/// A real Dovecot that takes mail from who shows a token, checks the token by itself (a JSON web token, by the public
/// key of who issued it), and passes the mail on to another server.
///
/// It has a configuration and state of its own in a scratch directory. Dovecot insists on root to start, since its
/// daemons run under accounts of their own. It ends with this value.
package final class DovecotSubmission: Sendable {
  package let port: UInt16
  /// For `localhost` and 127.0.0.1; its own CA.
  package let certificate: TestCertificate
  private let directory: TemporaryDirectory
  private let master: ChildProcess

  /// Who has to have issued a token.
  package static let issuer = "https://issuer.example"

  /// For `.enabled(if:)`. In continuous integration always true: there a machine without it has to fail.
  package static var isAvailable: Bool {
    ExternalTool.isContinuousIntegration
      || (ExternalTool.has("dovecot") && geteuid() == 0
        && FileManager.default.isExecutableFile(atPath: "/usr/lib/dovecot/submission"))
  }
  /// Why not, for the same.
  package static let comment =
    "dovecot-submissiond is not installed, or these tests do not run as root"

  /// Any account but root: what a mailbox would belong to, were there one.
  private static let mailOwner: uid_t = 65534

  /// - Parameters:
  ///   - key: that of who issues tokens.
  ///   - onward: the port of 127.0.0.1 that mail is passed on to.
  package init(key: TestKey, onward: UInt16) throws {
    directory = try TemporaryDirectory()
    certificate = try TestCertificate()
    let path = directory.path
    // The daemons give up root and have to get to their keys all the same.
    chmod(path, 0o711)
    let keys = "\(path)/keys/default/RS256"
    for folder in ["run", "state", "home", "keys/default/RS256"] {
      try FileManager.default.createDirectory(
        atPath: "\(path)/\(folder)", withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o755])
    }
    chown("\(path)/home", Self.mailOwner, Self.mailOwner)
    try FileManager.default.copyItem(atPath: key.publicFile, toPath: "\(keys)/default")
    chmod("\(keys)/default", 0o644)
    try """
    introspection_mode = local
    local_validation_key_dict = fs:posix:prefix=\(path)/keys/
    username_attribute = sub
    issuers = \(Self.issuer)

    """.write(toFile: "\(path)/oauth2.conf", atomically: false, encoding: .utf8)
    var attempts = 0
    while true {
      let port = try freeLoopbackPort()
      try Self.configuration(path, certificate, port: port, onward: onward).write(
        toFile: "\(path)/dovecot.conf", atomically: false, encoding: .utf8)
      let master = try ChildProcess("dovecot", ["-F", "-c", "\(path)/dovecot.conf"])
      if master.wait(for: "starting up for submission", in: .errors),
        try eventually({ isListening(port: port) ? true : nil }) == true
      {
        self.port = port
        self.master = master
        return
      }
      // Somebody may have taken the port meanwhile.
      attempts += 1
      guard attempts < 5 else { throw Unexpected("dovecot did not start", master.text(of: .errors)) }
    }
  }

  deinit {
    master.signal(SIGTERM)
    _ = try? master.wait()
  }

  /// What it logged so far.
  package var log: String { master.text(of: .errors) }

  private static func configuration(
    _ path: String, _ certificate: TestCertificate, port: UInt16, onward: UInt16
  ) -> String {
    """
    base_dir = \(path)/run
    state_dir = \(path)/state
    log_path = /dev/stderr
    protocols = submission
    listen = 127.0.0.1
    hostname = relay.localhost
    ssl = required
    ssl_cert = <\(certificate.certificateFile)
    ssl_key = <\(certificate.keyFile)
    disable_plaintext_auth = yes
    auth_mechanisms = xoauth2 oauthbearer
    auth_verbose = yes
    auth_failure_delay = 0
    mail_location = maildir:\(path)/home/%u
    submission_relay_host = 127.0.0.1
    submission_relay_port = \(onward)
    passdb {
      driver = oauth2
      mechanisms = xoauth2 oauthbearer
      args = \(path)/oauth2.conf
    }
    userdb {
      driver = static
      args = uid=\(mailOwner) gid=\(mailOwner) home=\(path)/home/%u
    }
    # Without this a refused login makes the next one of the same address wait.
    service anvil {
      unix_listener anvil-auth-penalty {
        mode = 0
      }
    }
    service submission-login {
      inet_listener submission {
        port = \(port)
      }
    }

    """
  }
}
