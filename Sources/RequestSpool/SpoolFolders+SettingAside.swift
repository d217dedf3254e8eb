internal import CodeRequests
internal import FoundationEssentials
internal import LinuxSystem

// On failure: a file that could not be written whole leaves nothing in tmp/; a move that succeeded stands, also where
// its reason could not be written. What cannot be reaped is looked at again an hour later.

extension SpoolFolders {
  /// Writes a file through `tmp/`, replacing what stands there; fsynced, the directory is not.
  func write(
    _ bytes: [UInt8], as name: String, in directory: borrowing Directory
  ) throws(SystemCallError) {
    try directory.place(bytes, as: name, through: temporary, named: Self.temporaryName())
  }

  /// Moves what stands under `name`, whatever it is, into `rejected/`, and writes why beside it. Nothing that
  /// lies there already is replaced.
  ///
  /// - Returns: what it is called there; nil where it was gone already.
  func setAside(
    _ name: [UInt8], as wanted: String, from folder: SpoolFolder, reason: String
  ) throws(SystemCallError) -> String? {
    var target = wanted
    for attempt in 1...100 {
      if try rejected.fileStatus(of: target) == nil {
        // The reason first: a file that lies there has one, whatever kills the worker. A disk too full for the reason
        // does not stop the move.
        try? write(Array((reason + "\n").utf8), as: target + ".reason", in: rejected)
        FailPoint.reasonWritten.pass()
        do throws(SystemCallError) {
          let isMoved = try with(folder) { directory throws(SystemCallError) in
            try directory.rename(bytes: name, to: rejected, asFree: target)
          }
          FailPoint.rejectionMoved.pass()
          if isMoved { return target }
        } catch {
          _ = try? rejected.remove(target + ".reason")
          // Said of rejected/ as well, when that was taken away.
          let isThere = try with(folder) { directory throws(SystemCallError) in
            try directory.fileStatus(of: String(decoding: name, as: UTF8.self)) != nil
          }
          if isThere || !error.isNotFound { throw error }
          return nil
        }
      }
      target = attempt < 99 ? "\(wanted)~\(attempt)" : "\(wanted)~\(Self.temporaryName())"
    }
    return target
  }

  /// Removes files in `tmp/` to which nothing has happened since `limit`: their writer died.
  func reapTemporary(before limit: Date, publishedAt: (String, FileStatus) -> Int64) {
    try? temporary.forEachEntry(
      { (bytes, kind) throws(SystemCallError) -> Bool in
        let name = String(decoding: bytes, as: UTF8.self)
        if kind == .regular || kind == .link, let status = try temporary.fileStatus(of: name),
          publishedAt(name, status) < limit.unixMilliseconds
        {
          try temporary.remove(name)
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
