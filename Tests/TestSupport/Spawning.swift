internal import CLinux
internal import Glibc
internal import LinuxSystem

/// The system calls under `ChildProcess`.
enum Spawning {
  typealias Pipe = (read: Int32, write: Int32)

  static func pipe() throws -> Pipe {
    var ends: [Int32] = [0, 0]
    try systemCall("pipe2") { clinux_pipe(&ends) }
    return (ends[0], ends[1])
  }

  /// - Parameter descriptors: what becomes 0, 1 and 2; nil is /dev/null.
  static func spawn(
    _ path: String, _ arguments: [String], _ environment: [String], descriptors: [Int32?]
  ) throws -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (target, descriptor) in descriptors.enumerated() {
      if let descriptor {
        posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(target))
      } else {
        posix_spawn_file_actions_addopen(&actions, Int32(target), "/dev/null", O_RDWR, 0)
      }
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    var all = sigset_t()
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
    var argv = arguments.map { strdup($0) } + [nil]
    var envp = environment.map { strdup($0) } + [nil]
    defer { for pointer in argv + envp { free(pointer) } }
    var identifier: Int32 = 0
    let code = posix_spawn(&identifier, path, &actions, &attributes, &argv, &envp)
    if code != 0 { throw SystemCallError("posix_spawn", path, code: code) }
    return identifier
  }

  /// Reads `descriptor` to its end on a thread of its own, then closes it; nil is told last.
  static func drain(_ descriptor: Int32, _ tell: @escaping @Sendable ([UInt8]?) -> Void) throws {
    _ = try LinuxThread("child-output") {
      let file = FileDescriptor(owning: descriptor)
      var buffer = [UInt8](repeating: 0, count: 65_536)
      while let count = try? buffer.withUnsafeMutableBytes({ try file.read(into: $0) }), count > 0 {
        tell(Array(buffer[..<count]))
      }
      tell(nil)
    }
  }

  static func writeAll(_ bytes: [UInt8], to descriptor: Int32) {
    var offset = 0
    while offset < bytes.count {
      let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress! + offset, bytes.count - offset) }
      if count < 0, errno != EINTR { return }
      offset += max(0, count)
    }
  }

  /// Closes what a box holds, once.
  static func close(_ box: Monitor<Int32?>) {
    box.withLock { descriptor in
      if let open = descriptor { _ = Glibc.close(open) }
      descriptor = nil
    }
  }
}

extension [UInt8] {
  /// Where `text` stands first, at `start` or later.
  func index(of text: [UInt8], from start: Int) -> Int? {
    guard !text.isEmpty else { return start }
    return withUnsafeBytes { bytes in
      var index = start
      // By memchr(3) and memcmp(3): logs are long, and a loop of Swift takes long in a debug build.
      while index + text.count <= bytes.count,
        let found = memchr(bytes.baseAddress! + index, Int32(text[0]), bytes.count - index - text.count + 1)
      {
        index = bytes.baseAddress!.distance(to: UnsafeRawPointer(found))
        if memcmp(found, text, text.count) == 0 { return index }
        index += 1
      }
      return nil
    }
  }
}
