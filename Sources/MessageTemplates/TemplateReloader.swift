package import FoundationEssentials
package import LinuxSystem
internal import Synchronization

/// Keeps the templates of a running worker up to date without a restart.
///
/// A change is loaded once the directory has been quiet for a moment, so that files half written and editors that
/// rename are survived. A change that does not pass keeps the last good version in use and is told once, with all its
/// faults; it is looked at again only when something changes again.
package final class TemplateReloader: Sendable {
  package enum Event: Sendable {
    /// The next mail uses what is on disk now.
    case loaded(TemplateCatalogue)
    /// What is on disk does not pass; the last good version stays in use.
    case refused(TemplateFaults)
  }

  private struct State {
    var catalogue: TemplateCatalogue
    /// What the directory looked like when it was last loaded or refused.
    var settled: DirectoryStamp
    /// What it looked like at the last look, and since when.
    var pending: (fingerprint: DirectoryStamp, since: Date)?
    var lastLook: Date?
  }

  package let directory: String
  private let needsSubjectWithCode: Bool
  private let trust: FileTrust
  private let interval: TimeInterval
  private let quiet: TimeInterval
  private let state: Mutex<State>

  /// Loads the directory.
  ///
  /// - Parameters:
  ///   - trust: whose files they may be.
  ///   - interval: `poll` looks at the disk no more often than this.
  ///   - quiet: a change is loaded when nothing has changed for this long.
  /// - Throws: every fault; at start there is no last good version.
  package init(
    directory: String, needsSubjectWithCode: Bool = false, trust: FileTrust = .anybody,
    interval: Duration = .milliseconds(500), quiet: Duration = .milliseconds(250)
  ) throws(TemplateFaults) {
    self.directory = directory
    self.needsSubjectWithCode = needsSubjectWithCode
    self.trust = trust
    self.interval = interval / .seconds(1)
    self.quiet = quiet / .seconds(1)
    // Looked at before it is read: a change in between is seen by the first poll.
    let fingerprint = Self.fingerprint(of: directory)
    let catalogue = try TemplateCatalogue(
      directory: directory, needsSubjectWithCode: needsSubjectWithCode, trust: trust)
    state = Mutex(State(catalogue: catalogue, settled: fingerprint))
  }

  /// The last good version.
  package var current: TemplateCatalogue { state.withLock { $0.catalogue } }

  /// Looks for changes: one `stat` for each file, at most once in an interval.
  ///
  /// - Returns: what came of a change; nil where there is none, or none yet.
  package func poll(now: Date) -> Event? {
    state.withLock { state in
      if let last = state.lastLook, now >= last, now.timeIntervalSince(last) < interval { return nil }
      state.lastLook = now
      let fingerprint = Self.fingerprint(of: directory)
      if fingerprint == state.settled {
        state.pending = nil
        return nil
      }
      guard let pending = state.pending, pending.fingerprint == fingerprint else {
        state.pending = (fingerprint, now)
        return nil
      }
      // Less than nothing: the clock was set back meanwhile.
      guard !(0..<quiet).contains(now.timeIntervalSince(pending.since)) else { return nil }
      let event = load(after: state.catalogue)
      // A save while the files were read: what was read may be torn, so it waits for quiet again.
      let after = Self.fingerprint(of: directory)
      guard after == fingerprint else {
        state.pending = (after, now)
        return nil
      }
      state.settled = fingerprint
      state.pending = nil
      if case .loaded(let catalogue) = event { state.catalogue = catalogue }
      return event
    }
  }

  /// A locale that has gone is no sound change: its readers would get other words without anybody having said so.
  private func load(after last: TemplateCatalogue) -> Event {
    do throws(TemplateFaults) {
      let catalogue = try TemplateCatalogue(
        directory: directory, needsSubjectWithCode: needsSubjectWithCode, trust: trust)
      let missing = catalogue.missing(of: last)
      guard missing.isEmpty else { throw TemplateFaults(directory: directory, missing) }
      return .loaded(catalogue)
    } catch { return .refused(error) }
  }

  /// Changes whenever a file is written, renamed, added or removed.
  package static func fingerprint(of directory: String) -> DirectoryStamp {
    DirectoryStamp(directory, isIgnored: TemplateFiles.isIgnored)
  }
}
