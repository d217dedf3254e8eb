internal import CLinux
internal import Foundation
internal import LinuxSystem

/// A file that holds one password or token. Its description shows the path, never what is in it.
package struct SecretFile: Sendable, CustomStringConvertible {
  package let path: String

  package init(path: String) { self.path = path }

  package var description: String { path }

  /// Why the file cannot be used: what is wrong, and what to do.
  struct Fault: Error { let message: String }

  /// Reads it, without its line end.
  ///
  /// Read at each connect, so that another program can renew it: a program that replaces it by rename is never
  /// seen half way. Others must not be able to read it, unless it lies in the directory that systemd made for the
  /// service's credentials, where systemd sees to that.
  func read() throws(Fault) -> [UInt8] {
    let (read, mode): ([UInt8]?, mode_t)
    do throws(SystemCallError) {
      let file = try FileDescriptor.open(path, O_RDONLY | O_NONBLOCK)
      mode = try file.status().st_mode
      read = mode & S_IFMT == S_IFREG ? try file.readAll(limit: 16 * 1024) : []
    } catch {
      throw Fault(message: "the password or token cannot be read (\(error)); name its file in passwordFile")
    }
    guard mode & S_IFMT == S_IFREG else {
      throw Fault(message: "\(path) is not a regular file; expected one with the password or token in it")
    }
    if mode & 0o077 != 0, !isSystemdCredential {
      throw Fault(
        message:
          "\(path) has mode 0\(String(mode & 0o777, radix: 8)): others can read it. Run: chmod 600 \(path)")
    }
    guard var bytes = read else {
      throw Fault(message: "\(path) holds more than 16 KiB; expected one line with the password or token")
    }
    if bytes.last == 0x0A { bytes.removeLast() }
    if bytes.last == 0x0D { bytes.removeLast() }
    guard !bytes.isEmpty else {
      throw Fault(message: "\(path) is empty; write the password or token into it")
    }
    guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
      throw Fault(message: "\(path) holds a control character; expected one line with the password or token")
    }
    return bytes
  }

  private var isSystemdCredential: Bool {
    guard let directory = ProcessInfo.processInfo.environment["CREDENTIALS_DIRECTORY"], !directory.isEmpty
    else { return false }
    return path.hasPrefix(directory.hasSuffix("/") ? directory : directory + "/") && !path.contains("/../")
  }
}
