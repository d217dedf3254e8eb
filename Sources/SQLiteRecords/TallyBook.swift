internal import Glibc
internal import RecordKeys
internal import Records

/// The places that a mail fills in windows of clients and tenants.
struct WindowPlaces: Sendable {
  struct Scope: Sendable {
    /// The limit's key in the configuration.
    let name: String
    let key: [UInt8]
    let limits: [SendLimit]
  }

  let scopes: [Scope]
  /// When they were taken.
  let time: Int64
}

/// The windows of clients and tenants that one transaction touches: each is read once and written once, however many of
/// its requests belong to it.
struct TallyBook {
  private struct Page {
    var window: SlidingWindow
    var length: Int64 = 0
    var isChanged = false
  }

  private var pages: [[UInt8]: Page] = [:]

  mutating func window(_ scope: [UInt8], in store: RecordStore) throws(RecordError) -> SlidingWindow {
    if let page = pages[scope] { return page.window }
    let statement = try store.connection.statement(.tally)
    statement.bind(1, scope)
    let window = try statement.step() ? SlidingWindow(bytes: statement.blob(0)) : SlidingWindow()
    pages[scope] = Page(window: window)
    return window
  }

  mutating func add(_ time: Int64, to scope: [UInt8], _ limits: [SendLimit]) {
    let capacity = limits.map(\.count).max() ?? 0
    let length = limits.map(\.window.milliseconds).max() ?? 0
    pages[scope]?.window.add(time, capacity: capacity, window: length)
    pages[scope]?.length = length
    pages[scope]?.isChanged = true
  }

  /// Gives back the places of a mail that nobody got. What was given back stands in a window of its own with the same
  /// rules, and where that is full nothing more is: who asks for mail to one dead address after the other takes a relay's
  /// patience, too.
  mutating func giveBack(_ places: WindowPlaces, at now: Int64, in store: RecordStore) throws(RecordError) {
    for scope in places.scopes {
      let unspent = store.keyring.address.mac("given-back", scope.key)
      let given = try window(unspent, in: store)
      let isFull = scope.limits.contains {
        given.freeAt(count: $0.count, window: $0.window.milliseconds, now: now) != nil
      }
      var own = try window(scope.key, in: store)
      guard !isFull, own.remove(places.time) else { continue }
      pages[scope.key]?.window = own
      pages[scope.key]?.length = scope.limits.map(\.window.milliseconds).max() ?? 0
      pages[scope.key]?.isChanged = true
      add(now, to: unspent, scope.limits)
    }
  }

  func write(to store: RecordStore) throws(RecordError) {
    for (scope, page) in pages where page.isChanged {
      let statement = try store.connection.statement(.setTally)
      statement.bind(1, scope)
      statement.bind(2, page.window.bytes)
      statement.bind(3, (page.window.times.last ?? 0) + page.length)
      try statement.run()
    }
  }
}

/// What a client's address is counted by: IPv4 whole, IPv6 by its /64, which is what one customer holds.
enum ClientNetwork {
  static func bytes(of text: String) -> [UInt8] {
    var v4 = in_addr()
    if inet_pton(AF_INET, text, &v4) == 1 { return withUnsafeBytes(of: &v4) { Array($0) } }
    var v6 = in6_addr()
    guard inet_pton(AF_INET6, text, &v6) == 1 else { return Array(text.utf8) }
    let bytes = withUnsafeBytes(of: &v6) { Array($0) }
    // ::ffff:a.b.c.d is the IPv4 address (RFC 4291 2.5.5.2).
    let isMapped = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
    return isMapped ? Array(bytes.suffix(4)) : Array(bytes.prefix(8))
  }
}
