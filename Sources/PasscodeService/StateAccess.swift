internal import Configuration
internal import LinuxSystem

/// Who else can get at what lies in the state directory: spool, keys, records. All of it is the service's user's alone,
/// but for the folders of the spool that a group may put requests into: those have the sticky bit and show nothing.
struct StateAccess {
  enum Part: Hashable, Sendable { case state, spool, keys, records }

  /// A file or directory that is too open, or another one's.
  struct Exposure: Hashable, Sendable {
    let part: Part
    /// What was found, what is accepted, and the command that mends it.
    let text: String
  }

  private let settings: Settings
  private let trust: FileTrust

  init(_ settings: Settings, trust: FileTrust? = nil) {
    self.settings = settings
    self.trust = trust ?? FileTrust.current.serving(settings.state)
  }

  /// At the most one for each file; what is not there is passed over.
  func exposures() -> [Exposure] {
    var found: [Exposure] = []
    for (part, path) in paths {
      let trail = FileTrail(path)
      guard let target = trail.target, let text = trust.problem(of: trail) ?? problem(target) else {
        continue
      }
      // What is wrong above is wrong for all that lies there.
      if !found.contains(where: { $0.text == text }) { found.append(Exposure(part: part, text: text)) }
    }
    return found
  }

  private var paths: [(Part, String)] {
    var paths: [(Part, String)] = [(.state, settings.state), (.spool, settings.spoolPath)]
    for folder in ["new", "deferred", "failed", "rejected", "tmp"] {
      paths.append((.spool, "\(settings.spoolPath)/\(folder)"))
    }
    paths.append((.keys, settings.keysPath))
    let names = (try? Directory(settings.keysPath).names()) ?? []
    for name in names.sorted() where name.hasSuffix(".key") {
      paths.append((.keys, "\(settings.keysPath)/\(name)"))
    }
    for suffix in ["", "-wal", "-shm", "-journal"] { paths.append((.records, settings.recordsPath + suffix)) }
    return paths
  }

  private func problem(_ step: FileTrail.Step) -> String? {
    let status = step.status
    let isDirectory = status.kind == .directory
    // To pass through a directory is no harm; to put files into it is none where they are everybody's own.
    let others: UInt32 = 0o006
    let group: UInt32 =
      FileTrust.isPrivate(step) ? 0 : isDirectory && status.mode & 0o1000 != 0 ? 0o040 : 0o060
    guard status.mode & (others | group) != 0 else { return nil }
    let who = status.mode & others != 0 ? "everybody" : "group \(status.group)"
    return
      "\(step.path) has mode \(FileTrust.octal(status.mode)), so that \(who) can read or write it; expected \(isDirectory ? "0700" : "0600"). Run: chmod \(isDirectory ? "700" : "600") \(step.path)"
  }
}
