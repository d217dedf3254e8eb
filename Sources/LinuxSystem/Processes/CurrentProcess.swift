internal import CLinux
internal import Glibc

/// This process, as the kernel knows it.
package enum CurrentProcess {
  /// Its number. The corresponding C function is `getpid`.
  package static var identifier: Int32 { getpid() }

  /// The user as which it reads and writes. The corresponding C function is `geteuid`.
  package static var user: UInt32 { geteuid() }

  /// The groups as which it reads and writes. The corresponding C functions are `getgroups` and `getegid`.
  package static func groups() -> Set<UInt32> {
    var list = [gid_t](repeating: 0, count: 65_536)
    let count = getgroups(Int32(list.count), &list)
    return Set(list.prefix(Int(max(0, count)))).union([getegid()])
  }

  /// A variable of its environment; nil where it is not set. The corresponding C function is `getenv`.
  package static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

  /// From here on, whatever it makes is for its owner alone. The corresponding C function is `umask`.
  package static func makePrivateFiles() { umask(0o077) }

  /// From here on, nobody but root can look into its memory or files, and no core of it is written. The corresponding C
  /// functions are `prctl` with `PR_SET_DUMPABLE` and `setrlimit`.
  package static func keepMemoryPrivate() {
    _ = clinux_set_dumpable(0)
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    _ = setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
  }

  /// Whether its memory is open to processes of the same user. The corresponding C function is `prctl` with
  /// `PR_GET_DUMPABLE`.
  package static var isDumpable: Bool { clinux_get_dumpable() != 0 }

  /// Ends it, after what C libraries want to do at the end. The corresponding C function is `exit`.
  package static func exit(_ status: Int32) -> Never { Glibc.exit(status) }

  /// Ends it now, and runs nothing of anybody's. The corresponding C function is `_exit`.
  package static func exitAtOnce(_ status: Int32) -> Never { _exit(status) }
}
