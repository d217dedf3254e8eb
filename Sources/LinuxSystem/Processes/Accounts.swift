internal import Glibc

/// Users and groups of this machine, by number and by name.
package enum Accounts {
  /// The number of a group; nil where there is none of this name. The corresponding C function is `getgrnam_r`.
  package static func group(named name: String) -> UInt32? {
    var entry = Glibc.group()
    return withRoom { room, size in
      var found: UnsafeMutablePointer<Glibc.group>?
      guard getgrnam_r(name, &entry, room, size, &found) == 0, found != nil else { return nil }
      return entry.gr_gid
    }
  }

  /// The name of a group, else its number. The corresponding C function is `getgrgid_r`.
  package static func name(ofGroup number: UInt32) -> String {
    var entry = Glibc.group()
    return withRoom { room, size in
      var found: UnsafeMutablePointer<Glibc.group>?
      guard getgrgid_r(number, &entry, room, size, &found) == 0, found != nil else { return nil }
      return String(cString: entry.gr_name)
    } ?? "\(number)"
  }

  /// The name of a user, else its number. The corresponding C function is `getpwuid_r`.
  package static func name(ofUser number: UInt32) -> String {
    var entry = passwd()
    return withRoom { room, size in
      var found: UnsafeMutablePointer<passwd>?
      guard getpwuid_r(number, &entry, room, size, &found) == 0, found != nil else { return nil }
      return String(cString: entry.pw_name)
    } ?? "\(number)"
  }

  /// A group with thousands of members is the largest that is looked up.
  private static func withRoom<Result>(_ body: (UnsafeMutablePointer<CChar>, Int) -> Result?) -> Result? {
    let size = 262_144
    let room = UnsafeMutablePointer<CChar>.allocate(capacity: size)
    defer { room.deallocate() }
    return body(room, size)
  }
}
