internal import LinuxSystem
internal import RecordKeys

/// How many mails somebody who may be sent very many was sent, and when: exact for a while, then in buckets, of which there
/// are at most 64 for each window, however many mails it counts.
///
/// A bucket counts as old as its newest mail, so a place is free late, by at most a 64th of the window, and never early.
/// A time that lies ahead counts as made now.
package struct Tally: Equatable, Sendable {
  package struct Bucket: Equatable, Sendable {
    package var time: Int64
    package var count: Int64
  }

  /// The oldest first.
  package private(set) var buckets: [Bucket] = []

  package init() {}

  init(buckets: [Bucket]) { self.buckets = buckets }

  /// 16 bytes a bucket, big-endian.
  package init(bytes: [UInt8]) {
    let words = SlidingWindow(bytes: bytes).times
    buckets = stride(from: 0, to: words.count - words.count % 2, by: 2).map {
      Bucket(time: words[$0], count: words[$0 + 1])
    }
  }

  package var bytes: [UInt8] { SlidingWindow(times: buckets.flatMap { [$0.time, $0.count] }).bytes }

  /// How many were counted within the last `window`.
  package func count(window: Int64, now: Int64) -> Int64 {
    buckets.reduce(0) { $1.time + window > now ? $0 + $1.count : $0 }
  }

  /// When one more would be within the rule; nil where it is now.
  package func freeAt(count most: Int, window: Int64, now: Int64) -> Int64? {
    var left = count(window: window, now: now)
    guard left >= most else { return nil }
    guard most > 0 else { return now + window }
    for bucket in buckets where bucket.time + window > now {
      left -= bucket.count
      if left < most { return min(bucket.time, now) + window }
    }
    return now + window
  }

  /// Counts one more now.
  ///
  /// - Parameter windows: of all rules that it is held against, in milliseconds.
  package mutating func add(at now: Int64, windows: [Int64]) {
    // What a clock that ran ahead has left behind was made now, at the latest.
    for index in buckets.indices where buckets[index].time > now { buckets[index].time = now }
    if let last = buckets.indices.last, buckets[last].time == now {
      buckets[last].count += 1
    } else {
      buckets.append(Bucket(time: now, count: 1))
    }
    let longest = windows.max() ?? 0
    buckets.removeAll { $0.time + longest <= now }
    if buckets.count > Self.mostExact * windows.count { join(at: now, windows.sorted()) }
  }

  /// From so many on, neighbours are counted as one.
  private static let mostExact = 96
  private static let slots: Int64 = 64

  private mutating func join(at now: Int64, _ windows: [Int64]) {
    var joined: [Bucket] = []
    var last: Int64?
    for bucket in buckets {
      let age = now - bucket.time
      let width = max(1, (windows.first { $0 >= age } ?? windows.last ?? 1) / Self.slots)
      // Slots of one width are never those of another.
      let slot = bucket.time / width &* 64 &+ Int64(windows.firstIndex { $0 >= age } ?? windows.count)
      if slot == last {
        joined[joined.count - 1].time = bucket.time
        joined[joined.count - 1].count += bucket.count
      } else {
        joined.append(bucket)
      }
      last = slot
    }
    buckets = joined
  }
}

/// The tallies that one batch touches: each is read once and written once, however many of its requests belong to it.
struct TallyBook {
  /// What a request is counted in.
  struct Scope: Sendable {
    /// The limit's key in the configuration, and which part of it.
    let name: String
    let key: [UInt8]
    let limits: [SendLimit]
    /// Only who is not known is held against it.
    var isForUnknown = false
    /// Everybody is counted in it.
    var isTotal = false
  }

  /// What a request of this tenant is counted in; nil: there are no tenants.
  static func scopes(_ limits: LimitSettings, tenant: String?, key: Key) -> [Scope] {
    var scopes: [Scope] = []
    func half(_ limit: SendLimit) -> SendLimit {
      SendLimit(count: limit.count / 2, window: limit.window, counts: .all)
    }
    if !limits.perTenant.isEmpty {
      let key = key.mac("tenant", Array((tenant ?? "").utf8))
      scopes.append(Scope(name: "limits.perTenant", key: key, limits: limits.perTenant))
    }
    guard !limits.total.isEmpty else { return scopes }
    scopes.append(
      Scope(name: "limits.total", key: key.mac("total", []), limits: limits.total, isTotal: true))
    scopes.append(
      Scope(
        name: "limits.total, of which half is for known guests and devices",
        key: key.mac("total-unknown", []), limits: limits.total.map(half), isForUnknown: true))
    if let tenant {
      scopes.append(
        Scope(
          name: "limits.total, of which a tenant takes at most half",
          key: key.mac("total-tenant", Array(tenant.utf8)), limits: limits.total.map(half)))
    }
    return scopes
  }

  private var tallies: [[UInt8]: Tally] = [:]
  private var lengths: [[UInt8]: Int64] = [:]

  mutating func lay(_ scopes: [[UInt8]], _ tallies: [Tally]) {
    for (scope, tally) in zip(scopes, tallies) { self.tallies[scope] = tally }
  }

  func tally(_ scope: Scope) -> Tally { self[scope.key] }

  subscript(key: [UInt8]) -> Tally { tallies[key] ?? Tally() }

  /// - Parameter length: how long it counts from now on, in milliseconds.
  mutating func set(_ tally: Tally, at key: [UInt8], length: Int64) {
    tallies[key] = tally
    lengths[key] = length
  }

  mutating func add(at now: Int64, to scope: Scope) {
    let windows = scope.limits.map(\.window.milliseconds)
    tallies[scope.key, default: Tally()].add(at: now, windows: windows)
    lengths[scope.key] = windows.max() ?? 0
  }

  /// What has changed.
  func write(to changes: inout RecordChanges, at now: Int64) {
    for (scope, length) in lengths {
      changes.tallies.append((scope, tallies[scope] ?? Tally(), now + length))
    }
  }
}
