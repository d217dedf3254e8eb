internal import CLinux
internal import Glibc
internal import LinuxSystem

/// The socket on which systemd would hear a service: a datagram socket with a path or an abstract name.
package final class NotifySocket: Sendable {
  /// What stands in `NOTIFY_SOCKET`.
  package let name: String
  private let descriptor: FileDescriptor
  private let heard = Monitor([String]())

  /// - Parameter name: a path, or an abstract name that begins with `@`.
  package init(_ name: String) throws {
    self.name = name
    descriptor = FileDescriptor(
      owning: try systemCall("socket") {
        socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
      })
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var bytes = Array(name.utf8)
    if bytes.first == UInt8(ascii: "@") { bytes[0] = 0 }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
    let bound = descriptor.rawValue
    try withUnsafePointer(to: &address) { pointer in
      try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        _ = try systemCall("bind") { bind(bound, address, length) }
      }
    }
  }

  /// Everything heard so far.
  package var all: [String] { heard.withLock { $0 } }

  /// Waits until a datagram fits.
  ///
  /// - Returns: it, or nil where none came in time.
  package func wait(timeout: Duration = patience, for isWanted: (String) -> Bool) throws -> String? {
    let deadline = ContinuousClock.now + timeout
    while ContinuousClock.now < deadline {
      guard try waitReadable([descriptor.rawValue], milliseconds: 100)[0] else { continue }
      var buffer = [UInt8](repeating: 0, count: 4096)
      let count = recv(descriptor.rawValue, &buffer, buffer.count, Int32(MSG_DONTWAIT))
      guard count > 0 else { continue }
      let text = String(decoding: buffer[..<count], as: UTF8.self)
      heard.withLock { $0.append(text) }
      if isWanted(text) { return text }
    }
    return nil
  }
}
