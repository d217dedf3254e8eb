internal import CodeRequests
internal import Documents
internal import FoundationEssentials
internal import LinuxSystem

// On failure: a file that could not be written whole leaves nothing in tmp/; what is kept in rejected/ may lie there
// before its file has gone, never the other way round. What cannot be reaped is looked at again an hour later.

extension SpoolFolders {
  /// Writes a file through `tmp/`, replacing what stands there; fsynced, the directory is not.
  func write(
    _ bytes: [UInt8], as name: String, in directory: borrowing Directory
  ) throws(SystemCallError) {
    try directory.place(bytes, as: name, through: temporary, named: Self.temporaryName())
  }

  /// A name in `rejected/` under which nothing lies yet.
  func freeName(for wanted: String) throws(SystemCallError) -> String {
    for attempt in 0..<100 {
      let name = attempt == 0 ? wanted : "\(wanted)~\(attempt)"
      if try rejected.fileStatus(of: name) == nil { return name }
    }
    return "\(wanted)~\(Self.temporaryName())"
  }

  /// Keeps in `rejected/` why something was no request, and what may be told of it. Of the thing itself no byte is kept: a
  /// code or a device may stand anywhere in it.
  ///
  /// - Parameters:
  ///   - target: what it is called there: a free name.
  ///   - size: of a regular file, in bytes.
  func keep(
    _ outline: RequestOutline, size: Int64?, reason: String, as target: String
  ) throws(SystemCallError) {
    // The reason first: what lies there has one, whatever kills the worker.
    try write(Array((reason + "\n").utf8), as: target + ".reason", in: rejected)
    FailPoint.reasonWritten.pass()
    var line = JSONLine(capacity: 256)
    line.add("id", outline.id?.rawValue)
    if let size { line.add("size", Int(size)) }
    if !outline.fields.isEmpty { line.add("fields", outline.fields) }
    try write(line.finish() + [0x0A], as: target, in: rejected)
    FailPoint.remainsWritten.pass()
  }

  /// Takes back what was kept of something that could not be removed.
  func forget(_ target: String) {
    for name in [target, target + ".reason"] { _ = try? rejected.remove(name) }
  }

  /// Removes what stands under a name, whatever it is. A directory goes into `tmp/`, where its tree is removed when there is
  /// time; one that this user may not move is removed in its place, as far as it can be.
  func discard(_ name: [UInt8], from folder: SpoolFolder, _ status: FileStatus) throws(SystemCallError) {
    try with(folder) { directory throws(SystemCallError) in
      var left = 256
      if status.kind == .directory {
        do throws(SystemCallError) {
          _ = try directory.rename(
            bytes: name, to: temporary, asFree: Self.asidePrefix + Self.temporaryName())
          return
        } catch  where error.number == .permissionDenied || error.number == .notPermitted {}
      } else {
        left = 1
      }
      _ = try directory.removeTree(name, atMost: &left)
    }
  }

  /// Removes what lies in `tmp/` and to which nothing has happened since `limit`: its writer died.
  func reapTemporary(before limit: Date, publishedAt: (String, FileStatus) -> Int64) {
    try? temporary.forEachEntry(
      { (bytes, _) throws(SystemCallError) -> Bool in
        let name = Array(bytes)
        if let status = try temporary.fileStatus(ofBytes: name),
          publishedAt(String(decoding: name, as: UTF8.self), status) < limit.unixMilliseconds
        {
          var left = 256
          _ = try? temporary.removeTree(name, atMost: &left)
        }
        return true
      }, failing: { $0 })
  }
}

extension SpoolName {
  /// A name for `rejected/` and for logs: what is not `[A-Za-z0-9._-]`, and a dot at the start, as %XX.
  static func printable(_ name: [UInt8]) -> String {
    var text = ""
    for (index, byte) in name.enumerated() {
      let isPlain =
        byte == 0x5F || byte == 0x2D || (byte == 0x2E && index > 0) || (0x30...0x39).contains(byte)
        || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
      if isPlain {
        text.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        let digits = String(byte, radix: 16, uppercase: true)
        text += digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
      }
      if text.utf8.count >= 200 { return text + "~" }
    }
    return text
  }
}
