internal import LinuxSystem

/// Who may be able to read the file of a secret.
package enum SecretReaders: String, CaseIterable, Sendable {
  /// Its owner, or a group of ours where root owns it; everybody where the mount that it lies on cannot be written:
  /// that is how containers are given their secrets.
  case guarded
  /// Everybody.
  case any
}

/// Whether a secret's file is protected, by what the kernel says of it.
///
/// It must belong to root, to the user that this runs as or to the service's (`FileTrust`), and nobody else may be able to
/// write it: who can write it sets the password. A group that may write counts as somebody else, whoever is in it. That no others can read it is
/// asked for where that is in the hands of those who run this machine.
struct SecretGuard {
  let isRegularFile: Bool
  let owner: UInt32
  let group: UInt32
  /// Permission bits.
  let mode: UInt32
  let isOnReadOnlyMount: Bool
  let user: UInt32
  let groups: Set<UInt32>
  let trust: FileTrust

  private var octal: String { "0\(String(mode & 0o777, radix: 8))" }
  private var others: Bool { mode & 0o004 != 0 }
  /// A group may read, and it is not one that root has given the file to for us.
  private var strangeGroup: Bool { mode & 0o040 != 0 && !(owner == 0 && groups.contains(group)) }

  /// Which rule the file breaks, and what to do; nil where it may be used.
  func problem(_ readers: SecretReaders, path: String) -> String? {
    if let problem = problemOfOwner(path) { return problem }
    if mode & 0o022 != 0 {
      let who = mode & 0o002 != 0 ? "everybody" : "group \(group)"
      return "\(path) has mode \(octal): \(who) can write it. Run: chmod 600 \(path)"
    }
    if readers == .any || isOnReadOnlyMount { return nil }
    if others || strangeGroup {
      let who = others ? "others" : owner == 0 ? "group \(group), which is none of ours," : "group \(group)"
      return
        "\(path) has mode \(octal): \(who) can read it, and it lies on a mount that can be written. Run: chmod 600 \(path), mount it read-only, or set secretMode: \"any\" where nobody else is on this machine"
    }
    return nil
  }

  private func problemOfOwner(_ path: String) -> String? {
    if trust.accepts(owner: owner, of: .secret) { return nil }
    // Root is who looks by hand, more often than who sends: the file may be right for the worker.
    let advice =
      user == 0
      ? "Run this as that user, sudo -u '#\(owner)' …, or where the worker runs as root: chown 0 \(path)"
      : "Run: chown \(user) \(path)"
    return
      "\(path) belongs to user \(owner), who can change it; expected \(trust.accepted(for: .secret)). \(advice)"
  }

  /// The same for a secret of systemd's, which sees itself to who may read.
  func problemOfCredential(path: String) -> String? {
    if let problem = problemOfOwner(path) { return problem }
    if mode & 0o022 == 0 { return nil }
    return "\(path) has mode \(octal): others can write it. Run: chmod go-w \(path)"
  }

  /// What is allowed, and should be known.
  func remark(_ readers: SecretReaders, path: String) -> String? {
    guard readers == .any, !isOnReadOnlyMount, others || strangeGroup else { return nil }
    return "\(path) has mode \(octal): \(others ? "everybody" : "group \(group)") on this machine can read it"
  }
}

extension SecretGuard {
  /// - Parameters:
  ///   - status: of the file, which this process is to read.
  ///   - trust: a group of the service's may read what is root's.
  init(_ status: FileStatus, isOnReadOnlyMount: Bool, trust: FileTrust) {
    let serviceGroup: Set<UInt32> = trust.service.map { [$0.group] } ?? []
    self.init(
      isRegularFile: status.kind == .regular, owner: status.owner, group: status.group, mode: status.mode,
      isOnReadOnlyMount: isOnReadOnlyMount, user: CurrentProcess.user,
      groups: CurrentProcess.groups().union(serviceGroup), trust: trust)
  }
}
