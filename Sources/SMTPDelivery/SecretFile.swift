internal import FoundationEssentials
internal import LinuxSystem

/// A file that holds one password, token or key. Its description shows the path, never what is in it.
package struct SecretFile: Sendable, CustomStringConvertible {
  /// What stands in it, which decides how blanks at its ends are meant.
  enum Content: Sendable {
    /// Blanks are part of it.
    case password
    /// A bearer token or the secret of an OAuth client, neither of which has any.
    case token
    /// A key in PEM or JSON, as it is.
    case document

    var name: String {
      switch self {
      case .password: "the password or token"
      case .token: "the token or secret"
      case .document: "the key"
      }
    }
  }

  package let path: String
  /// The key of the configuration that names it.
  let key: String
  let content: Content
  let readers: SecretReaders
  let trust: FileTrust

  init(
    path: String, key: String, content: Content = .password, readers: SecretReaders = .guarded,
    trust: FileTrust = .current
  ) {
    self.path = path
    self.key = key
    self.content = content
    self.readers = readers
    self.trust = trust
  }

  package var description: String { path }

  /// Why the file cannot be used: what is wrong, and what to do.
  struct Fault: Error { let message: String }

  /// Reads it, without byte order mark and line ends.
  ///
  /// Read at each connect, so that another program can renew it: a program that replaces it by rename is never
  /// seen half way.
  func read() throws(Fault) -> [UInt8] { try inspect().bytes }

  /// Reads it, and tells what is odd about it and used all the same.
  func inspect() throws(Fault) -> (bytes: [UInt8], remarks: [String]) {
    let read: [UInt8]?
    let guarding: SecretGuard
    do throws(SystemCallError) {
      let file = try FileDescriptor.open(path, [.readOnly, .nonBlocking])
      guarding = SecretGuard(try file.status(), isOnReadOnlyMount: file.isOnReadOnlyMount, trust: trust)
      read = guarding.isRegularFile ? try file.readAll(limit: 16 * 1024) : []
    } catch {
      throw Fault(message: "\(content.name) cannot be read (\(error)); name its file in \(key)")
    }
    guard guarding.isRegularFile else {
      throw Fault(message: "\(path) is not a regular file; expected one with \(content.name) in it")
    }
    let problem =
      isSystemdCredential
      ? guarding.problemOfCredential(path: path) : guarding.problem(readers, path: path)
    if let problem { throw Fault(message: problem) }
    guard let bytes = read else {
      throw Fault(message: "\(path) holds more than 16 KiB; expected \(content.name) and nothing else")
    }
    var (secret, remarks) = content == .document ? (Self.withoutMark(bytes), []) : try cleaned(bytes)
    if !isSystemdCredential, let remark = guarding.remark(readers, path: path) { remarks.append(remark) }
    guard !secret.isEmpty else {
      throw Fault(message: "\(path) is empty; write \(content.name) into it")
    }
    return (secret, remarks)
  }

  private static func withoutMark(_ bytes: [UInt8]) -> [UInt8] {
    bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
  }

  /// Takes away what editors and shells add.
  private func cleaned(_ original: [UInt8]) throws(Fault) -> (bytes: [UInt8], remarks: [String]) {
    var bytes = original[...]
    var remarks: [String] = []
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
      throw Fault(message: "\(path) is written in UTF-16; save it as UTF-8 without a byte order mark")
    }
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      bytes = bytes.dropFirst(3)
      remarks.append("\(path) begins with a byte order mark, which is left out; save it without one")
    }
    var lineEnds = 0
    var hasCarriageReturn = false
    // A tab or a line end cannot be part of it, so one at its end is nobody's intention.
    while let last = bytes.last, last == 0x0A || last == 0x0D || last == 0x09 {
      if last == 0x0A { lineEnds += 1 }
      if last == 0x0D { hasCarriageReturn = true }
      if last == 0x09 { remarks.append("\(path) ends in a tab, which is left out; remove it") }
      bytes.removeLast()
    }
    if lineEnds > 1 || hasCarriageReturn && lineEnds == 0 {
      remarks.append("\(path) ends in more than one line end, which are left out; remove all but one")
    } else if hasCarriageReturn {
      remarks.append("\(path) has the line end of Windows, which is left out; save it with that of Unix")
    }
    if bytes.first == 0x20 || bytes.last == 0x20 {
      let place = bytes.last == 0x20 ? "ends in" : "begins with"
      if content == .token {
        bytes = bytes.drop { $0 == 0x20 }
        while bytes.last == 0x20 { bytes.removeLast() }
        remarks.append("\(path) \(place) a blank, which is left out; remove it")
      } else if bytes.contains(where: { $0 != 0x20 }) {
        remarks.append(
          "\(path) \(place) a blank, which is sent as part of the password; remove it unless it is meant")
      } else {
        bytes = []
      }
    }
    guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
      let what = bytes.contains(0x0A) ? "more than one line" : "a control character"
      throw Fault(
        message:
          "\(path) holds \(what); expected one line with \(content.name), without any control character")
    }
    return (Array(bytes), remarks)
  }

  /// In the directory that systemd made for the service's credentials, where systemd sees to who may read.
  private var isSystemdCredential: Bool {
    guard let directory = ProcessInfo.processInfo.environment["CREDENTIALS_DIRECTORY"], !directory.isEmpty
    else { return false }
    return path.hasPrefix(directory.hasSuffix("/") ? directory : directory + "/") && !path.contains("/../")
  }
}
