internal import LinuxSystem

/// The token of one relay: fetched, kept in memory, and renewed before it is wanted.
///
/// Lanes share it. Who finds a good token gets it at once, whatever else goes on; where four fifths of its life are
/// over, a thread of its own fetches the next one meanwhile. Where there is none, the first who asks fetches it and the
/// others wait for what that brings: there is never more than one request under way. Lives are measured on the clock
/// that never jumps, from the moment of asking.
///
/// On failure: who waited gets the fault, and the next who asks tries again, though not before the endpoint's
/// Retry-After is over. A renewal that fails is tried again after a while, for as long as the token is good.
package final class TokenSource: Sendable {
  package let settings: TokenSettings
  let shelf: TokenShelf

  init(_ settings: TokenSettings, endpoint: TokenEndpoint = TokenEndpoint(), clock: DeliveryClock = .system) {
    self.settings = settings
    shelf = TokenShelf(settings, endpoint, clock)
  }

  /// Nobody wants what is still being fetched.
  deinit { shelf.end() }

  /// Gives up what is being fetched in the background and waits for its end: libcurl and libcrypto must not be at work
  /// when the process leaves.
  func stopRenewal() { shelf.stopRenewal() }

  /// A token that is good for now.
  func token(cancel: CancelFlag) throws(SecretFault) -> BearerToken { try shelf.token(cancel: cancel) }

  /// The relay refused this token: it is used no more, and the next who asks fetches another. Where that has happened
  /// already, nothing changes: of several lanes that were refused at once, one request comes.
  func refused(_ token: [UInt8]) { shelf.forget(token) }

  /// Starts to fetch where there is no token or four fifths of its life are over, and returns at once.
  func renewIfDue() { shelf.renewIfDue() }

  /// Why the last renewal failed while the token at hand is good, and for how long it is; told once.
  func takeNews() -> (fault: SecretFault, left: Duration)? { shelf.takeNews() }

  /// For messages: the endpoint's host.
  var endpointName: String { shelf.endpointHost ?? settings.endpointName }
}

extension RelaySettings {
  /// For who waits anyway: lets a token be fetched in the background where one will be wanted soon. Takes no time.
  package func renewTokenIfDue() {
    if case .token(let source) = credentials?.secret { source.renewIfDue() }
  }

  /// For who ends: see `TokenSource.stopRenewal`.
  func stopTokenRenewal() {
    if case .token(let source) = credentials?.secret { source.stopRenewal() }
  }

  /// That a token could not be renewed, told once, while there is time to mend it.
  func takeTokenNews() -> RelayEvent? {
    guard case .token(let source) = credentials?.secret, let news = source.takeNews() else { return nil }
    return .tokenNotRenewed(relay: name, news.fault, left: news.left)
  }
}

/// What a token source and the threads that fetch for it share.
final class TokenShelf: Sendable {
  struct State {
    var token: BearerToken?
    var renewAt = Duration.zero
    var expiresAt = Duration.zero
    var isFetching = false
    /// The host that was asked last.
    var endpointHost: String?
    /// How many fetches have ended, and how the last one did.
    var rounds = 0
    var fault: SecretFault?
    /// The same of a renewal, until it is told.
    var news: SecretFault?
    /// The endpoint asked for patience until then.
    var closedUntil = Duration.zero
    var hasEnded = false
    /// Stops a fetch in the background.
    var background: CancelFlag?
    /// The last that fetched in the background.
    var thread: LinuxThread?

    /// - Returns: nil where there is none, or it is about to run out.
    func goodToken(_ now: Duration) -> BearerToken? {
      guard let token else { return nil }
      return now < expiresAt - min(.seconds(10), token.lifetime / 10) ? token : nil
    }
  }

  private enum Way { case have(BearerToken), fetch, wait(round: Int), closed(SecretFault) }

  private let settings: TokenSettings
  private let endpoint: TokenEndpoint
  let clock: DeliveryClock
  let monitor = Monitor(State())

  /// The longest that Retry-After is heeded: codes do not wait longer.
  private static let longestPatience = Duration.seconds(300)

  init(_ settings: TokenSettings, _ endpoint: TokenEndpoint, _ clock: DeliveryClock) {
    self.settings = settings
    self.endpoint = endpoint
    self.clock = clock
  }

  func token(cancel: CancelFlag) throws(SecretFault) -> BearerToken {
    while true {
      renewInBackground(onlyToken: true)
      let now = clock.uptime()
      let way: Way = monitor.withLock { state in
        if let token = state.goodToken(now) { return .have(token) }
        if state.isFetching { return .wait(round: state.rounds) }
        if now < state.closedUntil, let fault = state.fault { return .closed(fault) }
        state.isFetching = true
        return .fetch
      }
      switch way {
      case .have(let token): return token
      case .closed(let fault): throw fault
      case .fetch: return try fetch(cancel: cancel).get()
      case .wait(let round):
        if let fault = try waitForFetch(round, cancel) { throw fault }
      }
    }
  }

  /// - Returns: the fault that the fetch of another ended with; nil where it is worth looking again.
  private func waitForFetch(_ round: Int, _ cancel: CancelFlag) throws(SecretFault) -> SecretFault? {
    while true {
      // Nothing signals a cancellation to a monitor; a lane that stops may take this long to notice.
      let end: SecretFault?? = monitor.wait(timeout: .milliseconds(50)) { state -> SecretFault?? in
        state.rounds == round ? nil : .some(state.fault)
      }
      if let end { return end }
      if cancel.isSet { throw SecretFault("this ends", needsSomebody: false) }
    }
  }

  /// Fetches on the calling thread, which has marked the fetch as its own.
  private func fetch(cancel: CancelFlag) -> Result<BearerToken, SecretFault> {
    let start = clock.uptime()
    let result: Result<BearerToken, SecretFault>
    do throws(SecretFault) { result = .success(try ask(cancel)) } catch { result = .failure(error) }
    let now = clock.uptime()
    monitor.change { state in
      state.isFetching = false
      state.background = nil
      state.rounds += 1
      switch result {
      case .success(let token):
        state.token = token
        state.renewAt = start + token.lifetime * 4 / 5
        state.expiresAt = start + token.lifetime
        state.fault = nil
        state.news = nil
      case .failure(let fault):
        // Who gave up says nothing about the endpoint.
        state.fault = cancel.isSet ? nil : fault
        if let patience = fault.retryAfter { state.closedUntil = now + min(patience, Self.longestPatience) }
        if state.goodToken(now) != nil { state.news = state.fault }
        if let token = state.token {
          state.renewAt = max(
            now + min(max(token.lifetime / 20, .seconds(1)), .seconds(60)), state.closedUntil)
        }
      }
    }
    return result
  }

  private func ask(_ cancel: CancelFlag) throws(SecretFault) -> BearerToken {
    var request = try TokenRequest(settings, date: clock.date())
    let host = request.url.host
    monitor.withLock { $0.endpointHost = host }
    let reply = try endpoint.post(&request, settings, cancel: cancel, date: clock.date)
    return try TokenAnswer(settings: settings, request: request).token(reply)
  }

  func renewIfDue() { renewInBackground(onlyToken: false) }

  /// - Parameter onlyToken: not where there is none at all, which the caller then sees to itself.
  private func renewInBackground(onlyToken: Bool) {
    let now = clock.uptime()
    guard monitor.withLock({ isDue($0, now, onlyToken) }), let cancel = try? CancelFlag() else { return }
    let isOurs = monitor.withLock { state in
      guard isDue(state, now, onlyToken) else { return false }
      state.isFetching = true
      state.background = cancel
      return true
    }
    guard isOurs else { return }
    do {
      let thread = try LinuxThread("token") { [self] in _ = fetch(cancel: cancel) }
      monitor.withLock { $0.thread = thread }
    } catch {
      // No thread now: whoever asks next tries again.
      monitor.change { state in
        state.isFetching = false
        state.background = nil
        state.rounds += 1
      }
    }
  }

  private func isDue(_ state: State, _ now: Duration, _ onlyToken: Bool) -> Bool {
    if state.isFetching || state.hasEnded || now < state.closedUntil { return false }
    if state.goodToken(now) != nil { return now >= state.renewAt }
    // Where the last fetch failed, those who connect try again, as often as the relay's pauses let them.
    return !onlyToken && state.fault == nil
  }

  func forget(_ token: [UInt8]) {
    monitor.withLock { state in
      if state.token?.bytes == token { state.token = nil }
    }
  }

  func takeNews() -> (fault: SecretFault, left: Duration)? {
    let now = clock.uptime()
    return monitor.withLock { state in
      defer { state.news = nil }
      guard let news = state.news, state.goodToken(now) != nil else { return nil }
      return (news, state.expiresAt - now)
    }
  }

  var endpointHost: String? { monitor.withLock { $0.endpointHost } }

  func stopRenewal() {
    let thread = monitor.withLock { state in
      state.background?.set()
      return state.thread
    }
    thread?.join()
  }

  func end() {
    monitor.withLock { state in
      state.hasEnded = true
      state.background?.set()
    }
  }
}
