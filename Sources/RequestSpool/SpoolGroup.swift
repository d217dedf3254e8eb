package import CodeRequests
internal import LinuxSystem

/// Other users of the machine, who may put requests into the spool, and can neither list, read nor replace what lies there.
///
/// `tmp/` and `new/` have mode 3730 and this group: its members may make files there and rename their own, the sticky bit
/// keeps them from those of others, and files they make are the group's, so that the worker can read them. Above, `spool/`
/// may be passed by the group and the directory it lies in by all; neither can be listed.
///
/// On failure: a group that is not there, and modes that this user may not set, are thrown with the commands that do it.
package struct SpoolGroup: Hashable, Sendable {
  package let name: String
  /// The tenants that they may ask for, each as a request may name it; nil: all.
  package let tenants: [String]?
  /// The purposes that they may ask for; nil: all.
  package let purposes: [Purpose]?

  package init(name: String, tenants: [String]? = nil, purposes: [Purpose]? = nil) {
    self.name = name
    self.tenants = tenants
    self.purposes = purposes
  }
}

extension SpoolFolders {
  /// Set-group-id and sticky; the group may write and pass, not list.
  static let sharedMode: UInt32 = 0o3730

  /// Opens the spool to a group, or closes it where one had it before. Only its owner and root can; to others it is as it is.
  func share(with group: SpoolGroup?) throws(SpoolError) {
    guard CurrentProcess.user == 0 || CurrentProcess.user == owner else { return }
    guard let group else {
      for directory in ["new", "tmp"] {
        try set(directory, group: nil, mode: 0o700) { $0 == Self.sharedMode }
      }
      return
    }
    guard let number = Accounts.group(named: group.name) else {
      throw SpoolError(
        .permission,
        "there is no group \(group.name), which spoolGroup names; groupadd --system \(group.name), and make \(Accounts.name(ofUser: owner)) a member: usermod -aG \(group.name) \(Accounts.name(ofUser: owner))",
        at: path)
    }
    do throws(SpoolError) {
      for directory in ["new", "tmp"] {
        try set(directory, group: number, mode: Self.sharedMode) { $0 != Self.sharedMode }
      }
      try set(".", group: number, mode: 0o710) { $0 & 0o010 == 0 }
      // Not to the group: systemd gives the whole tree back where the group of a StateDirectory= is another.
      try set("..", group: nil, mode: nil) { $0 & 0o001 == 0 }
    } catch {
      throw SpoolError(
        .permission,
        "cannot be opened to the group \(group.name) (\(error.message)); as root: chgrp \(group.name) \(path) \(path)/new \(path)/tmp && chmod 710 \(path) && chmod 3730 \(path)/new \(path)/tmp && chmod o+x \(path)/..",
        at: path)
    }
  }

  /// - Parameter mode: nil: as it is, and passable by all.
  private func set(
    _ name: String, group: UInt32?, mode: UInt32?, where isWanted: (UInt32) -> Bool
  ) throws(SpoolError) {
    let place = name == "." ? path : "\(path)/\(name)"
    try SpoolError.wrapping(place) { () throws(SystemCallError) in
      let directory = try Directory(place)
      let status = try directory.descriptor.status()
      // Afterwards: a change of the group may clear the bits.
      var isChanged = false
      if let group, status.group != group {
        try directory.descriptor.setOwner(group: group)
        isChanged = true
      }
      if isChanged || isWanted(status.mode) { try directory.descriptor.setMode(mode ?? status.mode | 0o001) }
    }
  }
}
