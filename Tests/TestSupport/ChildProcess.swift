internal import CLinux
internal import Foundation
internal import Glibc
internal import LinuxSystem

/// A program that a test runs: its output is captured while it runs, every wait has a bound, and it is killed
/// with what it started, unless it has ended, when the value goes away.
///
/// It leads a process group of its own, begins with no signal blocked or ignored, and reads /dev/null unless it
/// is given something.
package final class ChildProcess: Sendable {
  package enum Stream: Sendable { case output, errors }
  /// What it reads on standard input.
  package enum Input: Sendable {
    case nothing
    /// Written by a thread of its own, then closed.
    case bytes([UInt8])
    /// Written by the test with `write`, until `closeInput`.
    case open
    package static func text(_ text: String) -> Input { .bytes(Array(text.utf8)) }
  }

  package let name: String
  package let identifier: Int32
  private let state: Monitor<State>
  private let input: Monitor<Int32?>

  private struct State {
    var output: [UInt8] = []
    var errors: [UInt8] = []
    var openStreams = 2
    var ending: ChildResult.Ending?

    /// - Parameter bytes: nil at the end of the stream.
    mutating func add(_ bytes: [UInt8]?, from stream: Stream) {
      guard let bytes else {
        openStreams -= 1
        return
      }
      // More than a test can want; the rest is read and thrown away.
      switch stream {
      case .output where output.count < 32 << 20: output += bytes
      case .errors where errors.count < 32 << 20: errors += bytes
      default: break
      }
    }
  }

  /// Starts `executable`.
  ///
  /// - Parameters:
  ///   - executable: a path, or a name to be looked for.
  ///   - environment: added to that of the tests; nil as a value removes a variable.
  ///   - directory: to run in; nil for that of the tests.
  package init(
    _ executable: String, _ arguments: [String] = [], environment: [String: String?] = [:],
    directory: String? = nil, input: Input = .nothing
  ) throws {
    ignoreBrokenPipes()
    name = String(executable.split(separator: "/").last ?? "")
    var path = executable.contains("/") ? executable : try ExternalTool.require(executable)
    var argv = [path] + arguments
    if let directory {
      // env changes the directory and then becomes the program, so that the identifier stays.
      argv = ["env", "-C", directory, path] + arguments
      path = try ExternalTool.require("env")
    }
    var variables = ProcessInfo.processInfo.environment
    for (name, value) in environment { variables[name] = value }

    let outputPipe = try Spawning.pipe()
    let errorPipe = try Spawning.pipe()
    let inputPipe: Spawning.Pipe? = if case .nothing = input { nil } else { try Spawning.pipe() }
    defer {
      for end in [outputPipe.write, errorPipe.write, inputPipe?.read].compactMap(\.self) { Glibc.close(end) }
    }
    identifier = try Spawning.spawn(
      path, argv, variables.map { "\($0.key)=\($0.value)" },
      descriptors: [inputPipe?.read, outputPipe.write, errorPipe.write])

    let state = Monitor(State())
    self.state = state
    let identifier = identifier
    try Spawning.drain(outputPipe.read) { bytes in state.change { $0.add(bytes, from: .output) } }
    try Spawning.drain(errorPipe.read) { bytes in state.change { $0.add(bytes, from: .errors) } }
    _ = try LinuxThread("child-wait") {
      // Left a zombie until the lock is held: its identifier cannot belong to another process meanwhile.
      var information = siginfo_t()
      while waitid(P_PID, id_t(identifier), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
      state.change { state in
        var status: Int32 = 0
        while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
        state.ending = ChildResult.Ending(waitStatus: status)
      }
    }
    if case .bytes(let bytes) = input, let descriptor = inputPipe?.write {
      // The thread alone owns that end: nobody can close it under its hands.
      self.input = Monitor(nil)
      _ = try LinuxThread("child-input") {
        let file = FileDescriptor(owning: descriptor)
        Spawning.writeAll(bytes, to: file.rawValue)
      }
    } else {
      self.input = Monitor(inputPipe?.write)
    }
  }

  deinit {
    Spawning.close(input)
    kill()
    _ = state.wait(timeout: patience) { $0.ending }
  }

  // MARK: Talking to it

  /// Sends it a signal; nothing happens when it has ended.
  package func signal(_ signal: Int32) {
    state.withLock { if $0.ending == nil { _ = Glibc.kill(identifier, signal) } }
  }

  /// Ends it and everything in its process group, without asking.
  package func kill() {
    state.withLock { state in
      if state.ending == nil { _ = Glibc.kill(-identifier, SIGKILL) }
    }
  }

  /// Writes to its standard input, which is to be `.open`.
  package func write(_ text: String) {
    if let descriptor = input.withLock({ $0 }) { Spawning.writeAll(Array(text.utf8), to: descriptor) }
  }

  package func closeInput() { Spawning.close(input) }

  // MARK: Waiting for it

  /// Waits until it has written `text`, `count` times.
  ///
  /// - Returns: false where it ended without, or the time was over first.
  package func wait(
    for text: String, in stream: Stream = .output, count: Int = 1, timeout: Duration = patience
  ) -> Bool {
    let wanted = Array(text.utf8)
    var searched = 0
    var found = 0
    return state.wait(timeout: timeout) { state -> Bool? in
      let bytes = stream == .output ? state.output : state.errors
      while found < count, let start = bytes.index(of: wanted, from: searched) {
        found += 1
        searched = start + wanted.count
      }
      if found >= count { return true }
      searched = max(searched, bytes.count - wanted.count)
      return state.openStreams == 0 && state.ending != nil ? false : nil
    } ?? false
  }

  /// Waits until it has ended and all it wrote was read. Where the time is over first it is killed.
  ///
  /// - Throws: `ChildTimeout` with what it wrote so far.
  @discardableResult
  package func wait(timeout: Duration = patience) throws -> ChildResult {
    let ending = state.wait(timeout: timeout) { $0.ending }
    if ending == nil {
      // Too late, even where it ends by itself right now.
      kill()
      _ = state.wait(timeout: patience) { $0.ending }
    }
    // What it started in the background may hold its output open for longer than it lives.
    _ = state.wait(timeout: .seconds(2)) { $0.openStreams == 0 ? true : nil }
    let (output, errors) = state.withLock { ($0.output, $0.errors) }
    guard let ending else { throw ChildTimeout(name: name, limit: timeout, output: output, errors: errors) }
    return ChildResult(ending: ending, output: output, errors: errors)
  }

  /// What it has written so far.
  package func text(of stream: Stream = .output) -> String {
    String(decoding: state.withLock { stream == .output ? $0.output : $0.errors }, as: UTF8.self)
  }

  package var isRunning: Bool { state.withLock { $0.ending == nil } }

  /// Runs a program to its end.
  package static func run(
    _ executable: String, _ arguments: [String] = [], environment: [String: String?] = [:],
    directory: String? = nil, input: Input = .nothing, timeout: Duration = patience
  ) throws -> ChildResult {
    try ChildProcess(executable, arguments, environment: environment, directory: directory, input: input)
      .wait(timeout: timeout)
  }
}
