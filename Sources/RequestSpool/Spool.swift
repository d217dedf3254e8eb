public import CodeRequests
public import FoundationEssentials
internal import LinuxSystem

/// A spool directory: where frontends put code requests for a worker to take.
///
/// The directory is the state; nothing about it is kept elsewhere.
///
///     new/       requests that wait, <unix milliseconds>.<id>.json
///     deferred/  requests to try again, <due milliseconds>.<attempt>-<queued milliseconds>.<name>
///     failed/    requests that ended as failed, with <name>.reason
///     rejected/  what was no request: <name>.reason, and in <name> its id, size and the names of its fields, no value
///     tmp/       files being written; what is older than an hour is removed
///     lock       held by the worker
///
/// A file gets into `new/` by rename only, after its bytes were fsynced, so a worker sees it whole or not at all.
/// When `enqueue` returns, the request survives a power cut: the directory was fsynced after the rename.
///
/// On failure: when `enqueue` throws, nothing was acknowledged and nothing of it is left, neither in `tmp/` nor in
/// `new/`, but for what a worker has taken by then. Requests of the same id may be enqueued twice;
/// the worker sends one.
public struct Spool: Sendable {
  /// Turns a code into what may lie on a disk: `Keyring.seal`.
  public typealias Sealing = @Sendable (Passcode, RequestID) throws -> String

  /// The directory.
  public let path: String
  let folders: SpoolFolders
  private let sealing: Sealing?

  /// Opens a spool, making its directories (mode 0700) where they are missing. A member of the group that the spool is open
  /// to can enqueue, and nothing else.
  ///
  /// - Parameter sealing: seals the codes of requests that bring one; without it such requests are refused.
  public init(at path: String, sealing: Sealing? = nil) throws(SpoolError) {
    self.init(at: path, folders: try SpoolFolders(at: path), sealing: sealing)
  }

  /// The same for the owner, who opens it to a group, or closes it.
  package init(at path: String, group: SpoolGroup?, sealing: Sealing? = nil) throws(SpoolError) {
    self.init(at: path, folders: try SpoolFolders(at: path, group: group), sealing: sealing)
  }

  private init(at path: String, folders: SpoolFolders, sealing: Sealing?) {
    self.folders = folders
    self.path = path
    self.sealing = sealing
  }

  /// Puts a request in the spool; durable when it returns.
  ///
  /// - Throws: an error of code `unacceptable` that names the field where something in it is no such value, as far as that can
  ///   be known without templates and tenants.
  public func enqueue(_ request: CodeRequest, now: Date = Date()) throws(SpoolError) {
    try enqueue([request], now: now)
  }

  /// Puts requests in the spool with one fsync of the directory for all of them; durable when it returns.
  ///
  /// Where it throws, none of them is left in the spool, but for what a worker has taken by then: enqueue all again,
  /// the ids make it safe.
  public func enqueue(_ requests: [CodeRequest], now: Date = Date()) throws(SpoolError) {
    let files = try requests.map { request throws(SpoolError) in
      (name: SpoolName.name(of: request.id, queuedAt: now), bytes: try bytes(of: request))
    }
    guard !files.isEmpty else { return }
    try folders.checkPlace()
    var published: [String] = []
    do throws(SpoolError) {
      // As many files are open at a time as one batch has.
      var start = 0
      while start < files.count {
        let end = min(start + 128, files.count)
        try folders.publish(files[start..<end], noting: &published)
        start = end
      }
      // Who may not list new/ cannot sync it: `publish` has synced his files once more.
      if folders.mayList {
        try SpoolError.wrapping("\(path)/new") { () throws(SystemCallError) in try folders.new.sync() }
      }
    } catch {
      for name in published { _ = try? folders.new.remove(name) }
      throw error
    }
    FailPoint.requestDurable.pass()
  }

  private func bytes(of request: CodeRequest) throws(SpoolError) -> [UInt8] {
    var request = request
    if folders.isForeign, request.code != nil || request.sealedCode != nil {
      throw SpoolError(
        .unacceptable,
        "the request brings a code, which only the spool's owner may; leave it to the worker to make one",
        at: path)
    }
    if let code = request.code {
      guard let sealing else {
        throw SpoolError(
          .unsealed, "the request brings a code, which must not lie on a disk; open the spool with sealing:",
          at: path)
      }
      do { request.sealedCode = try sealing(code, request.id) } catch {
        throw SpoolError(.unsealed, "the code could not be sealed: \(error)", at: path)
      }
      request.code = nil
    }
    do {
      let bytes = Array(try request.json())
      // What the worker would reject is said before it is acknowledged.
      _ = try CodeRequest(json: bytes)
      return bytes
    } catch { throw SpoolError(.unacceptable, error.description, at: path) }
  }
}

extension SpoolFolders {
  /// Writes files under `tmp/`, fsyncs them, and renames them into `new/`. On failure none of those that were
  /// not renamed yet is left; `published` names the others.
  fileprivate func publish(
    _ files: ArraySlice<(name: String, bytes: [UInt8])>, noting published: inout [String]
  ) throws(SpoolError) {
    var written: [(temporary: String, name: String)] = []
    do throws(SpoolError) {
      // Written first and fsynced then, so that the fsyncs share the journal's commits.
      var drafts = OpenFiles()
      for file in files {
        let name = Self.temporaryName()
        try SpoolError.wrapping("\(path)/tmp") { () throws(SystemCallError) in
          let descriptor = try temporary.create(name)
          written.append((name, file.name))
          try admit(descriptor)
          try descriptor.writeAll(file.bytes)
          FailPoint.requestWritten.pass()
          drafts.append(descriptor)
        }
      }
      for index in 0..<drafts.count {
        try SpoolError.wrapping("\(path)/tmp") { () throws(SystemCallError) in
          try drafts.sync(at: index)
          FailPoint.requestSynced.pass()
        }
      }
      while let file = written.last {
        try SpoolError.wrapping("\(path)/new") { () throws(SystemCallError) in
          try temporary.rename(file.temporary, to: new, as: file.name)
          FailPoint.requestRenamed.pass()
        }
        published.append(file.name)
        written.removeLast()
      }
      // A rename is of the file as well as of its directory, and a sync of the file writes down all of it.
      for index in 0..<(mayList ? 0 : drafts.count) {
        try SpoolError.wrapping("\(path)/new") { () throws(SystemCallError) in try drafts.sync(at: index) }
      }
    } catch {
      for file in written { _ = try? temporary.remove(file.temporary) }
      throw error
    }
  }

  /// This process is of another user than the spool's owner.
  var isForeign: Bool { CurrentProcess.user != owner && CurrentProcess.user != 0 }

  /// Lets the spool's owner read a file that this process writes. What root writes is handed to him: it is his to read,
  /// rewrite and put aside.
  private func admit(_ file: borrowing FileDescriptor) throws(SystemCallError) {
    if CurrentProcess.user == 0, owner != 0 { try file.setOwner(user: owner, group: group) }
    // The group is that of the directory, whose members cannot list it and would have to guess an id.
    if isForeign { try file.setMode(0o640) }
  }

  /// A name in `tmp/` that nobody else uses: process, then a random number.
  static func temporaryName() -> String {
    "\(CurrentProcess.identifier).\(String(UInt64.random(in: .min ... .max), radix: 36))"
  }
}
