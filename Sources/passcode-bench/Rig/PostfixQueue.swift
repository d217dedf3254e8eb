internal import CommandVerbs
internal import Configuration
internal import Foundation
// Glibc: accounts and owners of files, which the service has nothing to do with.
internal import Glibc
internal import LinuxSystem

/// Postfix's own queue as a baseline: the same mails lie in its incoming queue, and its queue manager is let go.
///
/// A Postfix with a configuration, queue and data directory of its own, as Debian sets it up but for what goes where, and for
/// taking mail without a pause while nothing is sent.
/// It needs root to start, since its daemons run under accounts of their own. Whatever fails is a fault that quotes
/// its log; a scratch instance that is left over ends itself after a quarter of an hour.
struct PostfixQueue {
  private let directory: String
  private let port: UInt16

  private var log: String { "\(directory)/log" }

  /// - Parameters:
  ///   - directory: made here; its parents must let other accounts pass.
  ///   - relay: `host:port` that everything is sent to.
  init(directory: String, relay: String) throws {
    guard CurrentProcess.user == 0 else {
      throw CommandFault(.usage, "--postfix starts a Postfix of its own, for which it has to run as root")
    }
    guard let account = getpwnam("postfix")?.pointee else {
      throw CommandFault(.usage, "--postfix needs Postfix: install the package postfix")
    }
    self.directory = directory
    port = try StreamSocket.freePort()
    for folder in ["", "/conf", "/spool", "/data"] {
      try FileManager.default.createDirectory(
        atPath: directory + folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755]
      )
    }
    chown("\(directory)/data", account.pw_uid, account.pw_gid)
    guard let colon = relay.lastIndex(of: ":") else {
      throw CommandFault.usage("--relay takes smtp://HOST:PORT")
    }
    try write(
      """
      compatibility_level = 3.6
      queue_directory = \(directory)/spool
      data_directory = \(directory)/data
      myhostname = queue.localhost
      mydestination =
      alias_maps =
      inet_interfaces = 127.0.0.1
      inet_protocols = ipv4
      mynetworks = 127.0.0.0/8
      relay_domains = static:all
      relay_transport = smtp:[\(relay[..<colon])]:\(relay[relay.index(after: colon)...])
      smtpd_peername_lookup = no
      in_flow_delay = 0
      maillog_file = /dev/stdout

      """, to: "main.cf")
    try write(services(withQueueManager: false), to: "master.cf")
    try run("/usr/sbin/postfix", ["-c", "\(directory)/conf", "check"])
  }

  /// Fills the queue, and times from the start of Postfix until it has sent the last mail.
  ///
  /// - Returns: seconds.
  func drain(_ wire: [UInt8], count: Int) throws -> Double {
    // Without its queue manager Postfix takes mail and leaves it where it lies.
    let taking = try start()
    let injection = SMTPBaseline(url: "smtp://127.0.0.1:\(port)", wire: wire, count: count, threads: 8)
    do { _ = try injection.upload() } catch {
      stop(taking)
      throw error
    }
    stop(taking)
    try write(services(withQueueManager: true), to: "master.cf")
    let begin = ContinuousClock.now
    let sending = try start()
    defer { stop(sending) }
    var counter = LogCounter(path: log)
    while counter.count(of: "status=sent") < count {
      guard sending.isRunning, ContinuousClock.now - begin < .seconds(1800) else {
        throw CommandFault(
          .unavailable, "Postfix sent \(counter.found) of \(count) mails; its last words: \(lastWords)")
      }
      LinuxThread.sleep(for: .milliseconds(20))
    }
    return (ContinuousClock.now - begin).inSeconds
  }

  private func start() throws -> Process {
    _ = FileManager.default.createFile(atPath: log, contents: nil)
    let master = Process()
    master.executableURL = URL(
      fileURLWithPath: try run("/usr/sbin/postconf", ["-c", "\(directory)/conf", "-h", "daemon_directory"])
        + "/master")
    master.arguments = ["-c", "\(directory)/conf", "-d", "-s", "-e", "900"]
    var environment = ProcessInfo.processInfo.environment
    environment["MAIL_CONFIG"] = nil
    master.environment = environment
    master.standardOutput = FileHandle(forWritingAtPath: log)
    master.standardError = master.standardOutput
    try master.run()
    var counter = LogCounter(path: log)
    let begin = ContinuousClock.now
    while counter.count(of: "daemon started") == 0 {
      guard master.isRunning, ContinuousClock.now - begin < .seconds(30) else {
        stop(master)
        throw CommandFault(.unavailable, "Postfix did not start; its last words: \(lastWords)")
      }
      LinuxThread.sleep(for: .milliseconds(5))
    }
    return master
  }

  /// The end of its log, which is removed with the rest. Its recipients are the bench's own.
  private var lastWords: String {
    let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").suffix(3).joined(separator: " | ")
  }

  private func stop(_ master: Process) {
    master.terminate()
    master.waitUntilExit()
  }

  private func write(_ text: String, to name: String) throws {
    try text.write(toFile: "\(directory)/conf/\(name)", atomically: false, encoding: .utf8)
  }

  @discardableResult
  private func run(_ program: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw CommandFault(.unavailable, "\(program) failed with status \(process.terminationStatus): \(text)")
    }
    return text.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  private func services(withQueueManager: Bool) -> String {
    """
    127.0.0.1:\(port) inet n - n - - smtpd
    cleanup unix n - n - 0 cleanup
    \(withQueueManager ? "qmgr unix n - n 300 1 qmgr" : "")
    rewrite unix - - n - - trivial-rewrite
    bounce unix - - n - 0 bounce
    defer unix - - n - 0 bounce
    trace unix - - n - 0 bounce
    verify unix - - n - 1 verify
    proxymap unix - - n - - proxymap
    proxywrite unix - - n - 1 proxymap
    error unix - - n - - error
    retry unix - - n - - error
    smtp unix - - n - - smtp
    anvil unix - - n - 1 anvil
    scache unix - - n - 1 scache
    postlog unix-dgram n - n - 1 postlogd

    """
  }
}

/// Counts a text in a log that grows, reading each byte once.
private struct LogCounter {
  private let path: String
  private var offset: UInt64 = 0
  private var rest = ""
  private(set) var found = 0

  init(path: String) { self.path = path }

  mutating func count(of text: String) -> Int {
    guard let file = FileHandle(forReadingAtPath: path) else { return found }
    defer { try? file.close() }
    guard (try? file.seek(toOffset: offset)) != nil, let data = try? file.readToEnd() else { return found }
    offset += UInt64(data.count)
    rest += String(decoding: data, as: UTF8.self)
    // What follows the last line's end is looked at again with what comes after it.
    guard let end = rest.unicodeScalars.lastIndex(of: "\n") else { return found }
    found += rest[..<end].components(separatedBy: text).count - 1
    rest = String(rest[end...])
    return found
  }
}
