/// How a guest first signed in to a tenant. It sticks: only a reset forgets it.
package enum Redemption: Hashable, Sendable {
  case none
  case passcode
  case other(SignInMethod)

  /// As records keep it: nil, `passcode` or the name of the other method.
  package var stored: String? {
    switch self {
    case .none: nil
    case .passcode: SignInMethod.passcode.rawValue
    case .other(let method): method.rawValue
    }
  }

  /// From what records keep; nil for a text that `stored` never gives.
  package init?(stored: String?) {
    guard let stored else {
      self = .none
      return
    }
    guard let method = SignInMethod(stored) else { return nil }
    self = method == .passcode ? .passcode : .other(method)
  }

  /// What holds after a sign-in by `method`: the first one counts, later ones change nothing.
  package func afterSignIn(by method: SignInMethod) -> Redemption {
    guard self == .none else { return self }
    return method == .passcode ? .passcode : .other(method)
  }
}
