internal import CodeRequests
internal import Documents
package import FoundationEssentials
internal import LinuxSystem

/// Who the worker is that runs, and when its ledger last turned, in a file beside the spool: `worker.json`, whose time of
/// change is that turn. Whether one runs at all the spool's lock says, and nothing else.
///
/// On failure: the file is a hint and nothing depends on it. Where it cannot be written it is missing; where a worker died
/// and left it, the lock is free, and nobody reads it.
package final class WorkerSign: Sendable {
  private static let fileName = "worker.json"
  /// When this process first had a worker: a reload is no new start.
  private static let began = Date()

  private let directory: String
  private let file = Monitor<OpenFile?>(nil)

  private final class OpenFile: Sendable {
    let descriptor: FileDescriptor
    init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }
  }

  init(directory: String) { self.directory = directory }

  /// A worker runs from now on.
  func show() {
    var line = JSONLine()
    line.add("pid", Int(CurrentProcess.identifier))
    line.add("startedAt", Self.began.rfc3339)
    guard let directory = try? Directory(directory) else { return }
    try? directory.publish(
      line.finish() + [0x0A], as: Self.fileName, through: directory, named: ".\(Self.fileName)")
    let descriptor = try? FileDescriptor.open("\(self.directory)/\(Self.fileName)", [.readOnly, .noFollow])
    guard let descriptor else { return }
    let opened = OpenFile(descriptor)
    file.withLock { $0 = opened }
  }

  /// The ledger turns. One call of the system, so that it can be told often.
  func turn() { file.withLock { try? $0?.descriptor.touch() } }

  /// It ends.
  func remove() {
    file.withLock { $0 = nil }
    guard let directory = try? Directory(directory) else { return }
    _ = try? directory.remove(Self.fileName)
  }

  /// What the worker says of itself; each nil where it is not known.
  package struct Account: Hashable, Sendable {
    package var process: Int?
    package var startedAt: Date?
    package var turnedAt: Date?
  }

  /// What the worker of this state directory says.
  package static func account(in directory: String) -> Account {
    guard let file = try? Directory(directory).readRegularFile(fileName, limit: 4096),
      let bytes = file.bytes, let document = try? Document(bytes, as: .json)
    else { return Account() }
    var process: Int?
    if case .integer(let number)? = document.root["pid"]?.content { process = number }
    return Account(
      process: process, startedAt: document.root["startedAt"]?.text.flatMap { Date(rfc3339: $0) },
      turnedAt: Date(unixMilliseconds: file.status.modified / 1_000_000))
  }
}
