public import Records

/// What happens in a verifier and is worth counting or telling: metrics and logs are made of it. It holds no code, id,
/// token or address.
///
/// On failure: an event is told when its answer is on disk; where that fails, `storageError` is told and nothing else.
public enum VerifierEvent: Sendable, Equatable {
  /// A typed code was answered.
  ///
  /// - Parameter took: from the call to the answer, the wait for the disk included.
  case checked(VerificationAnswer, took: Duration)
  /// A session token was looked up.
  case sessionChecked(isValid: Bool)
  /// A session was ended by hand.
  case sessionEnded
  /// The records cannot be read or written; told once, until `storageRecovered`.
  case storageError(RecordError.Code)
  case storageRecovered
  /// An operator put other records in the place of the open ones.
  case recordsRenewed
}
