extension Directory {
  /// Writes a file so that it is seen whole or not at all, and is there after a power cut when this returns:
  /// written and fsynced under `temporaryName` in `temporary`, renamed here, then this directory is fsynced.
  /// On failure the temporary file is removed and nothing appears under `file`.
  ///
  /// After a rename it is the directory's fsync that makes the name durable, not the file's.
  ///
  /// - Parameters:
  ///   - mode: whatever the process's umask is.
  ///   - owner: where root writes, the file is given to whom this belongs to.
  package func publish(
    _ bytes: [UInt8], as file: String, mode: UInt32 = 0o600, likeThatOf owner: FileStatus? = nil,
    through temporary: borrowing Directory, named temporaryName: String
  ) throws(SystemCallError) {
    try place(
      bytes, as: file, mode: mode, likeThatOf: owner, through: temporary, named: temporaryName)
    try sync()
  }

  /// Like `publish`, but for the directory's fsync, which makes the name durable: that is left to the caller.
  package func place(
    _ bytes: [UInt8], as file: String, mode: UInt32 = 0o600, likeThatOf owner: FileStatus? = nil,
    through temporary: borrowing Directory, named temporaryName: String
  ) throws(SystemCallError) {
    // Outside of what cleans up: where the name is taken, the file is somebody else's.
    let descriptor = try temporary.create(temporaryName, mode: mode)
    do throws(SystemCallError) {
      if mode & 0o077 != 0 { try descriptor.setMode(mode) }
      if let owner, CurrentProcess.user == 0, owner.owner != 0 {
        try descriptor.setOwner(user: owner.owner, group: owner.group)
      }
      try descriptor.writeAll(bytes)
      try descriptor.sync()
      try temporary.rename(temporaryName, to: self, as: file)
    } catch {
      _ = try? temporary.remove(temporaryName)
      throw error
    }
  }
}
