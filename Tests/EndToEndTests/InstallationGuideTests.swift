import Foundation
import Glibc
import TestSupport
import Testing

/// What the README tells operators to do as root, run as it stands there: in a name space of its own, where /etc, /var/lib
/// and /usr/local/bin are the test's. The one step that is left out is the static build; the program is the tests' own.
@Suite(.waits) struct InstallationGuideTests {
  private static let canMount =
    getuid() == 0
    && ExternalTool.path(of: "unshare").flatMap {
      try? ChildProcess.run($0, ["--mount", "--pid", "--fork", "--mount-proc", "true"]).status
    } == 0

  /// The shell blocks under a heading of the README, in order.
  private static func steps(_ heading: String) throws -> [String] {
    let readme = try String(contentsOfFile: "\(Scratch.repository)/README.md", encoding: .utf8)
    let start = try #require(readme.range(of: "\n## \(heading)\n"))
    let end = try #require(readme[start.upperBound...].range(of: "\n## "))
    return readme[start.upperBound..<end.lowerBound].components(separatedBy: "```sh\n").dropFirst().map {
      $0.components(separatedBy: "```")[0]
    }
  }

  /// As systemd would for this unit, as far as the steps ask: its directory of state, its user, its command.
  private static let systemctl = """
    #!/bin/sh -e
    unit=/etc/systemd/system/passcode-worker.service
    case "$*" in
    "daemon-reload") test -f $unit ;;
    "enable --now passcode-worker")
      user=$(sed -n 's/^User=//p' $unit)
      install -d -m "$(sed -n 's/^StateDirectoryMode=//p' $unit)" -o "$user" -g "$user" \\
        "/var/lib/$(sed -n 's/^StateDirectory=//p' $unit)"
      umask "$(sed -n 's/^UMask=//p' $unit)"
      setpriv --reuid="$user" --regid="$user" --init-groups --no-new-privs -- \\
        $(sed -n 's/^ExecStart=//p' $unit) > "$ROOT/worker.log" 2>&1 & echo $! > "$ROOT/worker.pid" ;;
    "reload passcode-worker") kill -HUP "$(cat "$ROOT/worker.pid")" ;;
    *) exit 64 ;;
    esac

    """

  /// Writes what a person would into the file that it is called with.
  private static func editor(sink: String) -> String {
    """
    #!/bin/sh -e
    case "$1" in
    *.password) echo hunter2-secret > "$1" ;;
    *) sed -i -e 's|smtp://relay.fabrikam.example:587|smtp://\(sink)|' -e 's|security: "starttls"|security: "plaintext"|' "$1" ;;
    esac

    """
  }

  @Test(.enabled(if: canMount, "needs root, and name spaces"))
  func `from a checkout to a service that has mailed, step by step`() throws {
    let steps = try Self.steps("Point it at a relay")
    #expect(steps.count == 4 && steps[0].contains("swift build -c release --static-swift-stdlib"))
    let directory = try TemporaryDirectoryOwner()
    let root = directory.path
    // What the service's user passes on the way to the log and the sink's files is nobody's secret here.
    chmod(root, 0o755)
    let password = "\(root)/sink.password"
    try "hunter2-secret\n".write(toFile: password, atomically: true, encoding: .utf8)
    let sink = try Sink("--store", "\(root)/mail", "--user", "mailer", "--password-file", password)
    let manager = FileManager.default
    for folder in ["etc", "lib", "bin", "stub", "checkout/.build/release"] {
      try manager.createDirectory(atPath: "\(root)/\(folder)", withIntermediateDirectories: true)
    }
    try manager.copyItem(atPath: "\(Scratch.repository)/Config", toPath: "\(root)/checkout/Config")
    _ = try TemplateCopy(at: "\(root)/checkout/Templates", locales: ["en", "sv"])
    // By another process: a file that this one wrote could not be run while its other children hold it.
    #expect(
      try ChildProcess.run(
        "cp", [try ExternalTool.built("passcode"), "\(root)/checkout/.build/release/passcode"]
      ).status == 0)
    for (name, text) in [("systemctl", Self.systemctl), ("editor", Self.editor(sink: sink.address))] {
      try text.write(toFile: "\(root)/stub/\(name)", atomically: true, encoding: .utf8)
      chmod("\(root)/stub/\(name)", 0o755)
    }
    let script = """
      set -e
      cp -a /etc/. "$ROOT/etc/" && mount --bind "$ROOT/etc" /etc
      mount --bind "$ROOT/lib" /var/lib && mount --bind "$ROOT/bin" /usr/local/bin
      cd "$ROOT/checkout"
      # A user of this name that the machine may have is not the one that the steps make.
      userdel passcode 2> /dev/null || true
      echo == files
      \(steps[1])
      echo == checks
      find /etc /var/lib | sort > "$ROOT/before"
      \(steps[2])
      find /etc /var/lib | sort | diff "$ROOT/before" -
      echo == service
      \(steps[3])
      echo == end
      timeout 30 sh -c 'until grep -q reloaded "$ROOT/worker.log"; do sleep 0.02; done'
      kill -TERM "$(cat "$ROOT/worker.pid")" && while kill -0 "$(cat "$ROOT/worker.pid")" 2> /dev/null; do sleep 0.05; done
      find /var/lib/passcode ! -user passcode
      stat -c '%U %G %a %n' /var/lib/passcode /etc/passcode/relay.password /etc/passcode/passcode.json5
      """
    let result = try ChildProcess.run(
      "unshare",
      ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "/bin/sh", "-c", script],
      environment: [
        "ROOT": root, "EDITOR": "\(root)/stub/editor", "PASSCODE_CONFIG": nil,
        "PATH": "\(root)/stub:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      ])
    let log = (try? String(contentsOfFile: "\(root)/worker.log", encoding: .utf8)) ?? ""
    #expect(result.status == 0, "\(result.text)\n\(result.errorText)\n\(log)")
    let parts = result.text.components(separatedBy: "== ")
    try #require(parts.count == 5, "\(result.text)\n\(result.errorText)\n\(log)")
    // Nothing is amiss for either of them, but for what the worker will make.
    #expect(
      !parts[2].contains("✗") && parts[2].components(separatedBy: "authenticated").count == 3, "\(parts[2])")
    #expect(parts[2].contains("sent in sv") && parts[2].contains("is not there yet"), "\(parts[2])")
    #expect(parts[3].contains("sent to y•••@example.org in sv"), "\(parts[3])\n\(log)")
    #expect(
      parts[4] == """
        end
        passcode passcode 700 /var/lib/passcode
        root passcode 640 /etc/passcode/relay.password
        root root 644 /etc/passcode/passcode.json5

        """)
    #expect(log.contains("\"event\":\"reloaded\"") && log.contains("\"event\":\"stopped\""), "\(log)")
    #expect(!(result.text + log).contains("hunter2"))
  }
}
