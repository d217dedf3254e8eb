internal import CLinux
internal import Glibc
internal import LinuxSystem

/// A terminal whose keyboard and screen are in the test's hands. A program gets it as its standard input by `path`.
package final class PseudoTerminal: Sendable {
  private let master: Int32
  /// Of the end that a program reads.
  package let path: String

  package init() throws {
    // Glibc shows Swift neither posix_openpt nor unlockpt; these are the calls they make: TIOCSPTLCK and TIOCGPTN of
    // asm-generic/ioctls.h.
    master = try systemCall("open", "/dev/ptmx") {
      clinux_open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC, 0)
    }
    var locked: Int32 = 0
    var number: UInt32 = 0
    let (unlock, getNumber): (UInt, UInt) = (0x4004_5431, 0x8004_5430)
    guard ioctl(master, unlock, &locked) == 0, ioctl(master, getNumber, &number) == 0
    else {
      close(master)
      throw Unexpected("no terminal could be made", "")
    }
    path = "/dev/pts/\(number)"
  }

  deinit { close(master) }

  package func type(_ text: String) { Spawning.writeAll(Array(text.utf8), to: master) }

  /// What the screen would show so far; waits for nothing.
  package func screen() throws -> String {
    var shown: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while try waitReadable([master], milliseconds: 0)[0] {
      let count = read(master, &buffer, buffer.count)
      guard count > 0 else { break }
      shown += buffer[..<count]
    }
    return String(decoding: shown, as: UTF8.self)
  }

  /// Whether what is typed is shown.
  package var isEchoing: Bool {
    var settings = termios()
    return tcgetattr(master, &settings) == 0 && settings.c_lflag & tcflag_t(ECHO) != 0
  }
}
