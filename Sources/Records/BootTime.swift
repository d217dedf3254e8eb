internal import LinuxSystem

/// Time since the machine started, which no setting of its clock moves (CLOCK_BOOTTIME: sleep counts too).
///
/// What is good for a time is dead when either clock says so: set the wall clock back, and this one goes on. One integer
/// holds it: 23 bits that tell one start of a machine from another, and milliseconds in 40 bits, which last 34 years.
/// Across a restart, or from another machine, only the wall clock is left to go by.
package enum BootTime {
  private static let width: Int64 = 40

  /// Nil where the kernel does not tell which boot this is.
  package static func now() -> Int64? {
    guard let boot else { return nil }
    return stamp(boot: boot, milliseconds: millisecondsSinceBoot())
  }

  package static func stamp(boot: Int64, milliseconds: Int64) -> Int64 {
    boot << width | milliseconds & (1 << width - 1)
  }

  /// Milliseconds between two of them; nil where one is unknown or of another boot.
  package static func elapsed(from earlier: Int64?, to later: Int64?) -> Int64? {
    guard let earlier, let later, earlier >> width == later >> width else { return nil }
    return later - earlier
  }

  /// 23 bits of the boot's id, so that a stamp is not negative.
  private static let boot: Int64? = {
    guard let text = try? FileDescriptor.contents(of: "/proc/sys/kernel/random/boot_id", limit: 64),
      text.count >= 8
    else { return nil }
    return Int64(String(decoding: text.prefix(8), as: UTF8.self), radix: 16).map { $0 & 0x7F_FFFF }
  }()
}
