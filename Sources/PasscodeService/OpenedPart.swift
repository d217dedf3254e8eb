internal import LinuxSystem

/// A part of the installation that is opened when it is first wanted, and kept.
///
/// On failure: what kept it from opening is thrown to who asked, and the next one tries again. One thread at a time has
/// the part.
final class OpenedPart<Part>: Sendable {
  private let part = Monitor<Part?>(nil)

  /// - Parameters:
  ///   - open: opens the part.
  ///   - again: brings a part up to date that was opened earlier.
  func use<Result>(
    open: () throws -> Part, again: (inout Part) throws -> Void = { _ in }, _ body: (Part) throws -> Result
  ) throws -> Result {
    try part.withLock { part in
      if var held = part {
        try again(&held)
        part = held
        return try body(held)
      }
      let made = try open()
      part = made
      return try body(made)
    }
  }
}
