internal import CodeRequests
internal import FoundationEssentials
internal import LinuxSystem

/// Everything that lies in a directory of templates, read once. What is built from it afterwards cannot be torn by
/// an editor that saves in between.
///
/// Names that begin with a dot and what editors leave behind (`~`, `.swp`, `#`) are passed over. So are folders that are
/// named for no locale or purpose (`sv.old`, `sign-in.bak`, `lost+found`), which stand in `strays`. A link is followed
/// as long as it stays inside the directory: that is how configuration maps are mounted.
struct TemplateFiles: Sendable {
  /// The most that one file may hold.
  static let maximumSize = 256 * 1024
  /// The most files and folders that are looked at.
  static let maximumCount = 50_000

  let directory: String
  private let trust: FileTrust
  private(set) var sources: [String: TemplateSource] = [:]
  /// Folders, with the names that lie in them, sorted.
  private(set) var folders: [String: [String]] = [:]
  private(set) var faults: [TemplateFault] = []
  /// Folders that were not looked into, each with what its name is not.
  private(set) var strays: [TemplateFault] = []
  private var count = 0

  /// Reads the directory; what cannot be read, or is not believed, stands in `faults`.
  init(directory: String, trust: FileTrust = .anybody) {
    self.directory = directory
    self.trust = trust
    if let problem = trust.problem(of: directory) {
      faults.append(TemplateFault(.untrusted, file: "", "is not believed: \(problem)"))
      return
    }
    do throws(SystemCallError) {
      read(folder: "", root: try FilePath.resolved(directory), depth: 0)
    } catch {
      faults.append(
        TemplateFault(
          .unreadable, file: "",
          "cannot be opened (\(error.reason)); expected the directory of templates, see `templates` in the configuration"
        ))
    }
  }

  static func isIgnored(_ name: String) -> Bool {
    name.hasPrefix(".") || name.hasPrefix("#") || name.hasSuffix("~") || name.hasSuffix(".swp")
      || name.hasSuffix(".tmp")
  }

  private mutating func read(folder: String, root: String, depth: Int) {
    let path = folder.isEmpty ? root : "\(root)/\(folder)"
    let names: [String]
    do {
      names = try LinuxSystem.Directory(path).names().filter { !Self.isIgnored($0) }
    } catch {
      return faults.append(TemplateFault(.unreadable, file: folder, "cannot be read: \(error)"))
    }
    folders[folder] = names
    for name in names {
      let file = folder.isEmpty ? name : "\(folder)/\(name)"
      count += 1
      guard count <= Self.maximumCount, depth < 6 else {
        faults.append(
          TemplateFault(
            .unreadable, file: file,
            "is nested too deep, or there are more than \(Self.maximumCount) files; is `templates` the right directory?"
          ))
        return
      }
      var real = "\(path)/\(name)"
      guard var status = try? FileStatus.notFollowing(real) else { continue }
      // A link may pass folders that are passed over here: their names begin with a dot where configuration maps lie.
      let problem =
        status.kind == .link
        ? trust.problem(of: real) : trust.problem(of: FileTrail.Step(path: real, status: status))
      if let problem {
        faults.append(TemplateFault(.untrusted, file: file, "is not believed: \(problem)"))
        continue
      }
      if status.kind == .link {
        // The real path decides, not the names on the way: a link may point anywhere.
        guard let target = try? FilePath.resolved(real) else {
          faults.append(TemplateFault(.unreadable, file: file, "is a link to something that is not there"))
          continue
        }
        guard target.hasPrefix(root + "/") else {
          faults.append(
            TemplateFault(
              .linkOutside, file: file,
              "is a link out of the directory of templates; copy the file here instead"))
          continue
        }
        real = target
        guard let followed = try? FileStatus.following(real) else { continue }
        status = followed
      }
      switch status.kind {
      case .directory:
        if let stray = Self.stray(file) {
          strays.append(stray)
        } else {
          read(folder: file, root: root, depth: depth + 1)
        }
      case .regular: read(file: file, at: real)
      default:
        faults.append(TemplateFault(.unreadable, file: file, "is neither a file nor a folder; remove it"))
      }
    }
  }

  /// What is wrong with the place or name of a folder; nil where a mail may be made of what is in it.
  private static func stray(_ folder: String) -> TemplateFault? {
    func fault(_ message: String) -> TemplateFault {
      TemplateFault(
        .folderName, file: folder, message + "; the folder is passed over, so rename or remove it")
    }
    var names = folder.split(separator: "/").map(String.init)
    // A tenant may have any name.
    if names[0] == CatalogueLoader.tenantsFolder { names.removeFirst(min(2, names.count)) }
    switch names.count {
    case 0: return nil
    case 1:
      return (try? LocaleTag(names[0])) == nil
        ? fault("is not a language tag; expected BCP 47 such as sv, pl, de-AT or de-x-informal") : nil
    case 2:
      return (try? Purpose(names[1])) == nil
        ? fault("is not a purpose; expected lower-case letters, digits and hyphens, such as sign-in") : nil
    default: return fault("is inside a purpose, where only files are looked for")
    }
  }

  private mutating func read(file: String, at path: String) {
    guard Self.isTemplate(file) else { return }
    do {
      let descriptor = try FileDescriptor.open(path, [.readOnly, .noFollow, .nonBlocking])
      guard let bytes = try descriptor.readAll(limit: Self.maximumSize) else {
        faults.append(
          TemplateFault(
            .tooLarge, file: file,
            "has more than \(Self.maximumSize / 1024) KB; a template has a few, so this is not one"))
        return
      }
      sources[file] = try TemplateSource(file: file, bytes: bytes)
    } catch let fault as TemplateFault {
      faults.append(fault)
    } catch {
      faults.append(TemplateFault(.unreadable, file: file, "cannot be read: \(error)"))
    }
  }

  /// What the templates are made of; anything else in the folders is left unread.
  static func isTemplate(_ file: String) -> Bool {
    file.hasSuffix(".html") || file.hasSuffix(".txt") || file.hasSuffix(".json5")
  }

  func names(in folder: String) -> [String] { folders[folder] ?? [] }

  /// The folders in `folder`, sorted.
  func folders(in folder: String) -> [String] {
    names(in: folder).filter { folders[folder.isEmpty ? $0 : "\(folder)/\($0)"] != nil }
  }
}
