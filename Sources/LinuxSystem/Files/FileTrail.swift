/// Everything that a look-up of a path passes: each directory, each link, and what stands at its end. Whoever can change
/// one of them says what is found there.
package struct FileTrail: Sendable {
  package struct Step: Hashable, Sendable {
    /// Without links before its last name.
    package let path: String
    package let status: FileStatus

    package init(path: String, status: FileStatus) {
      self.path = path
      self.status = status
    }
  }

  /// In the order in which they are passed.
  package private(set) var steps: [Step] = []
  /// What the path leads to; nil where nothing can be found there.
  package private(set) var target: Step?

  /// As many as the kernel follows (path_resolution(7)).
  private static let mostLinks = 40

  package init(_ path: String) {
    let start = path.hasPrefix("/") ? path : "\((try? FilePath.resolved(".")) ?? "/")/\(path)"
    guard let root = try? FileStatus.notFollowing("/") else { return }
    steps = [Step(path: "/", status: root)]
    target = walk(start)
  }

  private mutating func walk(_ start: String) -> Step? {
    var last = steps[0]
    var pending = Self.names(start)
    var links = 0
    while let name = pending.popLast() {
      if name == "." { continue }
      if name == ".." {
        // Above what has been passed stands only what has been passed.
        let parent = last.path.lastIndex(of: "/").map { String(last.path[..<$0]) } ?? ""
        last = steps.last { $0.path == (parent.isEmpty ? "/" : parent) } ?? last
        continue
      }
      let path = last.path == "/" ? "/\(name)" : "\(last.path)/\(name)"
      guard let status = try? FileStatus.notFollowing(path) else { return nil }
      let step = Step(path: path, status: status)
      steps.append(step)
      guard status.kind == .link else {
        last = step
        continue
      }
      links += 1
      guard links <= Self.mostLinks, let text = FilePath.link(path) else { return nil }
      // What is open already, such as a pipe, has no path that could be walked (proc(5), fd).
      if path.hasPrefix("/proc/"), let open = try? FileStatus.following(path), open.kind != .directory,
        open.kind != .regular
      {
        return pending.isEmpty ? Step(path: path, status: open) : nil
      }
      if text.hasPrefix("/") { last = steps[0] }
      pending += Self.names(text)
    }
    return last
  }

  /// The last one first.
  private static func names(_ path: String) -> [Substring] { path.split(separator: "/").reversed() }
}
