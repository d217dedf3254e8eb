/// Whose files are believed: configuration, and what it names. Who can write one of them says where our mail and our
/// passwords go, so each must belong to root, to the user that this runs as, or to the service's, and nobody else may be
/// able to write it, a link to it, or a directory on the way.
///
/// - A directory with the sticky bit is no danger by its mode: what lies in it is moved by its owner alone.
/// - A group that may write counts as somebody else, unless it is root's or the owner's own: one of his number that
///   nobody else is in, and without a list of access rights beside it.
/// - What lies on a mount that cannot be written is written by nobody, whatever its mode says: that is how containers are
///   given their configuration. Not so under systemd, whose `ProtectSystem=` makes it so for the service alone.
/// - Who owns this program or a directory above it is believed, too, and what its way passes is not asked about: whoever
///   can write there could as well put another program in place. So root can work in a checkout that is somebody's.
package struct FileTrust: Hashable, Sendable {
  /// As whom this reads.
  private let user: UInt32
  /// Beside root and the user. Nil: everybody.
  private var others: Set<UInt32>?
  /// What the program's own way passes.
  private var passed: Set<String>
  /// Whose the state directory is: the user that the worker runs as, and its group.
  package private(set) var service: (user: UInt32, group: UInt32)? {
    get { serviceUser.map { ($0, serviceGroup) } }
    set { (serviceUser, serviceGroup) = (newValue?.user, newValue?.group ?? 0) }
  }
  private var serviceUser: UInt32?
  private var serviceGroup: UInt32 = 0
  /// The configuration is the service's own, so it may name no secrets but the service's: it could not read others, and
  /// who reads them for it, root most of all, would send them wherever it says.
  private var isServiceAlone = false

  /// - Parameter program: what its look-up passes.
  package init(user: UInt32, program: [FileTrail.Step] = []) {
    self.user = user
    others = Set(program.map(\.status.owner))
    passed = Set(program.filter { $0.status.kind == .directory }.map(\.path))
  }

  /// Asks nothing: for files that whoever calls has vouched for.
  package static let anybody: FileTrust = {
    var trust = FileTrust(user: 0)
    trust.others = nil
    return trust
  }()

  /// Of this process.
  package static let current = FileTrust(
    user: CurrentProcess.user, program: FilePath.link("/proc/self/exe").map { FileTrail($0).steps } ?? [])

  /// Believes the service's user as well.
  ///
  /// - Parameter state: its directory; where there is none yet, there is no such user.
  package func serving(_ state: String) -> FileTrust {
    guard let owner = try? FileStatus.following(state) else { return self }
    var trust = self
    trust.service = (owner.owner, owner.group)
    return trust
  }

  /// The same for what a configuration names that belongs to the service's user.
  package var ofServiceAlone: FileTrust {
    var trust = self
    trust.isServiceAlone = true
    return trust
  }

  package enum Content: Sendable {
    case plain
    /// Asked about by `SecretGuard` again at each reading, who may read it among the rest.
    case secret
  }

  /// Whether what belongs to this user is believed.
  package func accepts(owner: UInt32, of content: Content = .plain) -> Bool {
    guard let others else { return true }
    if content == .secret, isServiceAlone, user != serviceUser { return owner == serviceUser }
    return owner == 0 || owner == user || owner == serviceUser || others.contains(owner)
  }

  /// In words.
  package func accepted(for content: Content = .plain) -> String {
    let service = serviceUser.flatMap { $0 == user || $0 == 0 ? nil : "user \($0) (the service's)" }
    if content == .secret, isServiceAlone, user != serviceUser, let serviceUser {
      return "user \(serviceUser), whose configuration names it"
    }
    return (["root", user == 0 ? nil : "user \(user), as which this runs", service] as [String?])
      .compactMap(\.self).joined(separator: " or ")
  }

  /// What is wrong with the files that a path passes, and the command that mends it; nil where they are believed, and
  /// where nothing stands there.
  package func problem(of path: String, _ content: Content = .plain) -> String? {
    others == nil ? nil : problem(of: FileTrail(path), content)
  }

  package func problem(of trail: FileTrail, _ content: Content = .plain) -> String? {
    guard others != nil else { return nil }
    for step in trail.steps {
      if let problem = problem(of: step, step == trail.target ? content : .plain) { return problem }
    }
    guard let target = trail.target, trail.steps.last != target else { return nil }
    return problem(of: target, content)
  }

  /// One file, whatever leads to it.
  package func problem(of step: FileTrail.Step, _ content: Content = .plain) -> String? {
    guard others != nil, !passed.contains(step.path) else { return nil }
    let (path, status) = (step.path, step.status)
    let isLink = status.kind == .link
    let found =
      "\(path) belongs to user \(status.owner)\(isLink ? "" : " and has mode \(Self.octal(status.mode))")"
    let accepted = "accepted is what belongs to \(accepted(for: content)) and nobody else can write"
    guard accepts(owner: status.owner, of: content) else {
      let mender = content == .secret && isServiceAlone ? serviceUser ?? user : user
      let advice =
        status.kind == .directory ? "Move what is meant to where nobody else can write, or run" : "Run"
      return "\(found); \(accepted). \(advice): chown \(isLink ? "-h " : "")\(mender) \(path)"
    }
    // A link has no mode of its own, and no other user changes it.
    if isLink { return nil }
    let open = Self.strangers(writing: step)
    guard !open.isEmpty else { return nil }
    let who = open.contains("o") ? "everybody" : "group \(status.group)"
    return "\(found), so that \(who) can write it; \(accepted). Run: chmod \(open)-w \(path)"
  }

  /// As `chmod` calls them; empty where nobody but the owner writes.
  private static func strangers(writing step: FileTrail.Step) -> String {
    let status = step.status
    if status.mode & 0o022 == 0 || status.kind == .directory && status.mode & 0o1000 != 0 { return "" }
    if FilePath.isOnReadOnlyMount(step.path), CurrentProcess.variable("INVOCATION_ID") == nil { return "" }
    let group = status.mode & 0o020 != 0 && !isPrivate(step)
    return (group ? "g" : "") + (status.mode & 0o002 != 0 ? "o" : "")
  }

  /// Whether in its group there is nobody but root or its owner.
  package static func isPrivate(_ step: FileTrail.Step) -> Bool {
    let status = step.status
    guard status.group == 0 || status.group == status.owner, !FilePath.hasAccessList(step.path) else {
      return false
    }
    return status.group == 0 || !hasMembers(status.group)
  }

  /// Whether /etc/group lists somebody in a group that is named otherwise (group(5)); true where that cannot be read.
  private static func hasMembers(_ group: UInt32) -> Bool {
    guard let bytes = try? FileDescriptor.contents(of: "/etc/group", limit: 1 << 20) else { return true }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").contains { line in
      let fields = line.split(separator: ":", omittingEmptySubsequences: false)
      guard fields.count == 4, UInt32(fields[2]) == group else { return false }
      return fields[3].split(separator: ",").contains { $0 != fields[0] }
    }
  }

  package static func octal(_ mode: UInt32) -> String { "0\(String(mode & 0o7777, radix: 8))" }
}
