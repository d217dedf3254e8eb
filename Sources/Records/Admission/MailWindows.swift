internal import LinuxSystem
internal import CodeRequests
internal import FoundationEssentials

/// A window that has no place free, and when it has.
package struct WindowHold: Sendable {
  package let rule: String
  package let until: Int64

  init(_ limit: SendLimit, _ name: String, until: Int64) {
    rule = "\(name): at most \(limit.count) in \(limit.window.milliseconds / 1000) s"
    self.until = until
  }
}

/// The windows of one subject, of its mailbox and of one client, as the requests that are there fill them.
struct MailWindows {
  let subject: [UInt8]
  /// Of the mailbox, the newest first.
  let recent: [RecentRequest]
  /// Of the client, the newest first.
  let client: [ClientRequest]
  let limits: LimitSettings
  let now: Int64

  /// What holds back a request of this asker.
  func holds(on asker: Asker) -> [WindowHold] {
    var holds: [WindowHold] = []
    let own = recent.filter { !$0.isForgiven && $0.subject == subject }
    let isInLane = asker.device.map { hold(lane(own, of: $0), limits.perDevice, "limits.perDevice").isEmpty }
    if isInLane != true {
      // What came by the lane fills no place for others; who has used that up is one of them, with all he asked for.
      let counted = asker.device == nil ? own.filter { $0.asker.device == nil } : own
      holds += hold(counted, limits.perSubject, "limits.perSubject")
      holds += shares(counted, asker)
      holds += hold(client.filter { !$0.hasDevice }.map(Place.init), limits.perClient)
    }
    let mailbox = limits.perMailbox.filter { isInLane != true || $0.counts == .all }
    return holds + hold(recent.filter { !$0.isForgiven }, mailbox, "limits.perMailbox")
  }

  /// How far the windows of the subject and its mailbox are filled, for people.
  func uses() -> [RecordStore.WindowUse] {
    let own = recent.filter { !$0.isForgiven && $0.subject == subject }
    let open = recent.filter { !$0.isForgiven }
    var uses = uses(own.filter { $0.asker.device == nil }, limits.perSubject, "limits.perSubject")
    var devices: [Int64] = []
    for device in own.compactMap(\.asker.device) where !devices.contains(device) {
      devices.append(device)
      uses += self.uses(lane(own, of: device), limits.perDevice, "limits.perDevice")
    }
    return uses + self.uses(open, limits.perMailbox, "limits.perMailbox")
  }

  private func uses(
    _ requests: [RecentRequest], _ limits: [SendLimit], _ name: String
  ) -> [RecordStore.WindowUse] {
    let counted = counted(requests, limits)
    return limits.map { limit in
      let times = times(counted, limit)
      return RecordStore.WindowUse(
        name: name, limit: limit, taken: times.count { min($0, now) + limit.window.milliseconds > now },
        freeAt: freeAt(times, limit).map { Date(unixMilliseconds: $0) })
    }
  }

  private func lane(_ own: [RecentRequest], of device: Int64) -> [RecentRequest] {
    own.filter { $0.asker.device == device }
  }

  /// One client takes at most half of a subject's window; who does not tell his client is one of his own.
  private func shares(_ own: [RecentRequest], _ asker: Asker) -> [WindowHold] {
    let halves = limits.perSubject.filter { $0.count > 1 }.map {
      SendLimit(count: $0.count / 2, window: $0.window, counts: $0.counts)
    }
    return hold(
      own.filter { $0.asker.share == asker.share }, halves,
      "limits.perSubject, one client")
  }

  // MARK: Counting

  private func hold(_ requests: [RecentRequest], _ limits: [SendLimit], _ name: String) -> [WindowHold] {
    guard !limits.isEmpty else { return [] }
    let counted = counted(requests, limits)
    return limits.compactMap { limit in
      freeAt(times(counted, limit), limit).map { WindowHold(limit, name, until: $0) }
    }
  }

  /// Without mails that nobody got, as long as they are few.
  private func counted(_ requests: [RecentRequest], _ limits: [SendLimit]) -> [RecentRequest] {
    let undelivered = requests.filter(\.isUndelivered).map(\.admittedAt)
    guard !undelivered.isEmpty, !UndeliveredMail.counts(undelivered, now: now, limits: limits) else {
      return requests
    }
    return requests.filter { !$0.isUndelivered }
  }

  private func times(_ counted: [RecentRequest], _ limit: SendLimit) -> [Int64] {
    counted.filter { limit.counts == .all || !$0.isUsed }.map(\.admittedAt)
  }

  private struct Place {
    let time: Int64
    let isUsed: Bool
    let isUndelivered: Bool

    init(_ request: ClientRequest) {
      time = request.admittedAt
      isUsed = request.isUsed
      isUndelivered = request.isUndelivered
    }
  }

  /// Of a client's mails that nobody got as many are left out of account as the window has places: who asks for mail to
  /// one dead address after the other takes a relay's patience, too.
  private func hold(_ places: [Place], _ limits: [SendLimit]) -> [WindowHold] {
    limits.compactMap { limit in
      let length = limit.window.milliseconds
      var forgiven = 0
      var times: [Int64] = []
      for place in places where min(place.time, now) + length > now {
        if place.isUndelivered, forgiven < limit.count {
          forgiven += 1
        } else if limit.counts == .all || !place.isUsed {
          times.append(place.time)
        }
      }
      return freeAt(times, limit).map { WindowHold(limit, "limits.perClient", until: $0) }
    }
  }

  /// When one more would be within the rule; nil where it is now.
  ///
  /// - Parameter times: the newest first.
  private func freeAt(_ times: [Int64], _ limit: SendLimit) -> Int64? {
    let length = limit.window.milliseconds
    guard limit.count > 0 else { return now + length }
    guard times.count >= limit.count else { return nil }
    let free = min(times[limit.count - 1], now) + length
    return free > now ? free : nil
  }
}
