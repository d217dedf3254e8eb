internal import RequestSpool

/// Entries with whose files something is wrong, so that the log says so once for each, at most sixteen: a disk that
/// fails has thousands of them. Used by one thread.
///
/// On failure: beyond the sixteenth nothing is said, and nothing else changes.
final class TroubledEntries {
  private static let most = 16
  private var names: Set<String> = []

  func note(_ entry: SpoolEntry, _ error: SpoolError, _ log: EventLog) {
    guard names.count < Self.most, names.insert(entry.name).inserted else { return }
    log.post(.storageError(file: entry.name, error: "\(error)"))
  }

  /// Nothing is wrong with it any more.
  func forget(_ entry: SpoolEntry, _ log: EventLog) {
    guard !names.isEmpty, names.remove(entry.name) != nil else { return }
    log.post(.storageRecovered(file: entry.name))
  }
}
