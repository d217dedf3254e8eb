internal import LinuxSystem

/// The places that a mail fills in windows of clients and tenants.
package struct WindowPlaces: Sendable {
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

/// The windows of clients and tenants that one batch touches: each is read once and written once, however many of its
/// requests belong to it.
struct TallyBook {
  private struct Page {
    var window: SlidingWindow
    var length: Int64 = 0
    var isChanged = false
  }

  private var pages: [[UInt8]: Page] = [:]
  /// For windows of places that were given back: where they stand, by the window that these were taken from.
  private var unspent: [[UInt8]: [UInt8]] = [:]

  /// Takes in windows as they stand.
  mutating func lay(_ scopes: [[UInt8]], _ windows: [SlidingWindow]) {
    for (scope, window) in zip(scopes, windows) { pages[scope] = Page(window: window) }
  }

  /// Takes in windows of places that were given back.
  mutating func lay(unspent keys: [(scope: [UInt8], key: [UInt8])], _ windows: [SlidingWindow]) {
    for (index, pair) in keys.enumerated() {
      unspent[pair.scope] = pair.key
      pages[pair.key] = Page(window: windows[index])
    }
  }

  func window(_ scope: [UInt8]) -> SlidingWindow { pages[scope]?.window ?? SlidingWindow() }

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
  mutating func giveBack(_ places: WindowPlaces, at now: Int64) {
    for scope in places.scopes {
      guard let key = unspent[scope.key] else { continue }
      let given = window(key)
      let isFull = scope.limits.contains {
        given.freeAt(count: $0.count, window: $0.window.milliseconds, now: now) != nil
      }
      var own = window(scope.key)
      guard !isFull, own.remove(places.time) else { continue }
      pages[scope.key]?.window = own
      pages[scope.key]?.length = scope.limits.map(\.window.milliseconds).max() ?? 0
      pages[scope.key]?.isChanged = true
      add(now, to: key, scope.limits)
    }
  }

  /// What has changed.
  func write(to changes: inout RecordChanges) {
    for (scope, page) in pages where page.isChanged {
      changes.windows.append((scope, page.window, (page.window.times.last ?? 0) + page.length))
    }
  }
}
