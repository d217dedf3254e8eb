#if DEBUG
  internal import Glibc

  /// System calls that fail because a test wants them to; in debug builds only.
  ///
  /// A test in the same process sets `injected` around what it calls. A test of another process writes a file, names it
  /// in `PASSCODE_SYSTEM_FAULTS` when it starts the process, and takes it away when the disk is to be mended: one line a
  /// fault, the call's name, the number of the error, and a part of its subject where that matters, such as
  /// `rename 30 /deferred`. With `hang` in place of the number the call waits until the line is gone.
  package enum SystemFault {
    /// Asked for each call on this thread: the value of `errno` that it fails with; nil where it is made.
    @TaskLocal package static var injected: (@Sendable (_ call: String, _ subject: String) -> Int32?)?

    private static let file: String? = CurrentProcess.variable("PASSCODE_SYSTEM_FAULTS")

    package static func code(of call: @autoclosure () -> String, _ subject: @autoclosure () -> String)
      -> Int32?
    {
      if let injected { return injected(call(), subject()) }
      guard let file else { return nil }
      while let fault = fault(of: call(), subject(), in: file) {
        if let code = Int32(fault) { return code }
        usleep(10_000)
      }
      return nil
    }

    /// Read with plain calls: these must not fail on purpose themselves.
    private static func fault(of call: String, _ subject: String, in file: String) -> Substring? {
      guard let stream = fopen(file, "re") else { return nil }
      defer { fclose(stream) }
      var bytes = [UInt8](repeating: 0, count: 4096)
      let count = fread(&bytes, 1, bytes.count, stream)
      for line in String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n") {
        let words = line.split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0] == call, Int32(words[1]) != nil || words[1] == "hang" else {
          continue
        }
        if words.count == 2 || subject.contains(words[2]) { return words[1] }
      }
      return nil
    }
  }
#endif
