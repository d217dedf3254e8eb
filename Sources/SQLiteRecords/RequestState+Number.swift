internal import Records

extension RequestState {
  /// What the database holds. A number that has been released never means anything else.
  var number: Int64 {
    switch self {
    case .queued: 0
    case .deferred: 1
    case .sending: 2
    case .sent: 10
    case .refused: 11
    case .limited: 12
    case .expired: 13
    case .failed: 14
    case .superseded: 15
    case .cancelled: 16
    case .rejected: 17
    }
  }

  private static let byNumber: [RequestState?] = {
    var table = [RequestState?](repeating: nil, count: 18)
    for state in allCases { table[Int(state.number)] = state }
    return table
  }()

  init?(number: Int64) {
    guard let index = Int(exactly: number), Self.byNumber.indices.contains(index),
      let state = Self.byNumber[index]
    else { return nil }
    self = state
  }
}
