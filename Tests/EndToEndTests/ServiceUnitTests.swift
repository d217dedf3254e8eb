import Foundation
import TestSupport
import Testing

/// What systemd lets the services do: as little as they need, and no less.
@Suite(.waits) struct ServiceUnitTests {
  private static func path(_ name: String) -> String {
    "\(Scratch.repository)/Config/systemd/\(name).service"
  }

  /// Key and value of each line that sets something; a key may stand there more than once.
  private static func settings(_ name: String) throws -> [(key: String, value: String)] {
    try String(contentsOfFile: path(name), encoding: .utf8).split(separator: "\n").compactMap { line in
      guard !line.hasPrefix("#"), !line.hasPrefix("["), let equals = line.firstIndex(of: "=") else {
        return nil
      }
      return (String(line[..<equals]), String(line[line.index(after: equals)...]))
    }
  }

  static let confinement = [
    ("LimitCORE", "0"), ("NoNewPrivileges", "yes"), ("CapabilityBoundingSet", ""),
    ("RestrictSUIDSGID", "yes"),
    ("KeyringMode", "private"), ("ProtectSystem", "strict"), ("ProtectHome", "yes"), ("PrivateTmp", "yes"),
    ("PrivateDevices", "yes"), ("PrivateUsers", "yes"), ("ProtectProc", "invisible"), ("ProtectClock", "yes"),
    ("ProtectControlGroups", "yes"), ("ProtectHostname", "yes"), ("ProtectKernelLogs", "yes"),
    ("ProtectKernelModules", "yes"), ("ProtectKernelTunables", "yes"), ("LockPersonality", "yes"),
    ("MemoryDenyWriteExecute", "yes"), ("RestrictRealtime", "yes"), ("RestrictNamespaces", "yes"),
    ("SystemCallArchitectures", "native"), ("SystemCallErrorNumber", "EPERM"), ("UMask", "0077"),
    ("StateDirectoryMode", "0700"),
  ]

  @Test(arguments: ["passcode-worker", "passcode-sink"], confinement)
  func `each unit confines its service`(_ unit: String, _ setting: (key: String, value: String)) throws {
    #expect(try Self.settings(unit).filter { $0.key == setting.key }.map(\.value) == [setting.value])
  }

  @Test(
    .enabled(if: ExternalTool.has("systemd-analyze"), "needs systemd"),
    arguments: ["passcode-worker", "passcode-sink"])
  func `systemd finds little that a unit leaves open`(_ unit: String) throws {
    // In tenths.
    let result = try ChildProcess.run(
      try ExternalTool.require("systemd-analyze"),
      ["security", "--offline=true", "--no-pager", "--threshold=15", Self.path(unit)])
    #expect(result.status == 0, "\(result)")
  }

  /// Programs under a tracer are not allowed everywhere.
  private static let canTrace =
    ExternalTool.path(of: "strace").flatMap { try? ChildProcess.run($0, ["-o", "/dev/null", "true"]).status }
    == 0

  @Test(
    .enabled(if: ExternalTool.has("systemd-analyze") && canTrace, "needs systemd, and strace that may trace"))
  func `the worker makes no system call that its unit does not let through`() throws {
    var groups: [String: [String]] = [:]
    var group = ""
    let listed = try ChildProcess.run(
      try ExternalTool.require("systemd-analyze"), ["syscall-filter", "--no-pager"])
    for line in listed.lines {
      let word = line.split(separator: " ").first.map(String.init) ?? ""
      if line.hasPrefix("@") {
        group = word
      } else if !word.hasPrefix("#") {
        groups[group, default: []].append(word)
      }
    }
    func calls(_ name: String) -> Set<String> {
      guard name.hasPrefix("@") else { return [name] }
      return (groups[name] ?? []).reduce(into: []) { $0.formUnion(calls($1)) }
    }
    #expect(calls("@system-service").count > 200)
    var allowed = calls("@default")
    for (key, value) in try Self.settings("passcode-worker") where key == "SystemCallFilter" {
      let isDenied = value.hasPrefix("~")
      let named = value.drop { $0 == "~" }.split(separator: " ").reduce(into: Set<String>()) {
        $0.formUnion(calls(String($1)))
      }
      if isDenied { allowed.subtract(named) } else { allowed.formUnion(named) }
    }

    let rig = try makeRig()
    let trace = "\(rig.path)/trace"
    _ = try rig.request(to: "anna@example.org")
    _ = try rig.request(to: "bo@example.org")
    let result = try ChildProcess.run(
      try ExternalTool.require("strace"),
      ["-f", "-qq", "-o", trace, rig.command, "worker", "--drain", "--config", rig.config])
    #expect(result.status == 0, "\(result)")
    let made = try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n").compactMap { line in
      // `1234 openat(AT_FDCWD, …`
      line.split(separator: " ").dropFirst().first?.split(separator: "(", maxSplits: 1).first.map(String.init)
    }
    let used = Set(made.filter { $0.first?.isLetter == true && $0 == $0.lowercased() }).subtracting([
      "resumed>)"
    ])
    #expect(used.isSuperset(of: ["fdatasync", "flock", "inotify_add_watch", "sendto", "signalfd4"]))
    #expect(used.subtracting(allowed) == [])
  }
}
