internal import LinuxSystem

extension Spool {
  /// A spool as it lies there, for who only looks: nothing is made, and no mode is changed.
  ///
  /// On failure: a directory that cannot be looked at is thrown as the error that names it; one that is not there is no
  /// error.
  package struct View: Hashable, Sendable {
    /// Directories that are not there yet.
    package let missing: [String]
    /// Files that wait in `new/`.
    package let waiting: Int
  }

  package static func view(of path: String) throws(SpoolError) -> View {
    var missing: [String] = []
    for place in [path] + ["new", "deferred", "failed", "rejected", "tmp"].map({ "\(path)/\($0)" }) {
      do throws(SystemCallError) { _ = try FileStatus.following(place) } catch {
        guard error.isNotFound else { throw SpoolError(error, at: place) }
        missing.append(place)
      }
    }
    guard missing.isEmpty else { return View(missing: missing, waiting: 0) }
    var waiting = 0
    let suffix = Array(".json".utf8)
    try SpoolError.wrapping("\(path)/new") { () throws(SystemCallError) in
      try Directory("\(path)/new").forEachName { name in
        if name.first != UInt8(ascii: "."), name.suffix(suffix.count).elementsEqual(suffix) { waiting += 1 }
        return true
      }
    }
    return View(missing: [], waiting: waiting)
  }
}
