internal import CodeRequests
internal import RecordKeys

/// How a subject redeemed, the devices it has signed in from, and the wrong codes that were typed for its address alone.
package struct Guest: Equatable, Sendable {
  /// Where a code is typed for an address that has none open: these stand in for a challenge's attempts.
  package var failures = SlidingWindow()
  /// The oldest first.
  package private(set) var devices: [Device] = []
  package var redeemedBy: String?
  package var redeemedAt: Int64?
  /// When the row may go; nil: never, or there is none.
  package var purgeAfter: Int64?

  package init(
    failures: SlidingWindow = SlidingWindow(), devices: [Device] = [], redeemedBy: String? = nil,
    redeemedAt: Int64? = nil, purgeAfter: Int64? = nil
  ) {
    self.failures = failures
    self.devices = devices
    self.redeemedBy = redeemedBy
    self.redeemedAt = redeemedAt
    self.purgeAfter = purgeAfter
  }

  /// With the time when its row may go: one without a redemption goes when nothing in it counts any more.
  package func kept(at now: Int64) -> Guest {
    var guest = self
    guest.devices.removeAll { $0.expiresAt <= now }
    guest.purgeAfter =
      redeemedBy != nil ? nil : max(now + 86_400_000, guest.devices.map(\.expiresAt).max() ?? 0)
    return guest
  }

  // MARK: Devices

  /// Who has read the mailbox before, and from where.
  package struct Device: Equatable, Sendable {
    /// SHA-256 of the token.
    package let hash: [UInt8]
    package let expiresAt: Int64

    package init(hash: [UInt8], expiresAt: Int64) {
      self.hash = hash
      self.expiresAt = expiresAt
    }

    /// What rows of requests hold of it.
    package var key: Int64 { prefixKey(hash) }
  }

  /// The device whose token this is, where it is good.
  func device(_ token: DeviceToken, at now: Int64) -> Device? {
    guard !devices.isEmpty else { return nil }
    let hash = token.withBytes { Digest.sha256($0) }
    return devices.first { constantTimeEqual($0.hash, hash) && $0.expiresAt > now }
  }

  /// Adds the device of a sign-in, in the place of the one that asked for it; the oldest make room.
  ///
  /// - Returns: the one whose place it took.
  @discardableResult
  mutating func add(_ device: Device, insteadOf key: Int64?) -> Device? {
    let replaced = key.flatMap { key in devices.first { $0.key == key } }
    if let replaced { devices.removeAll { $0 == replaced } }
    devices.append(device)
    devices.removeFirst(max(0, devices.count - DeviceSettings.most))
    return replaced
  }

  /// Undoes `add`.
  mutating func remove(_ device: Device, puttingBack replaced: Device?) {
    guard let index = devices.firstIndex(of: device) else { return }
    devices.remove(at: index)
    if let replaced { devices.insert(replaced, at: index) }
  }
}

/// How long a device is known, and how many of them one subject has.
package enum DeviceSettings {
  package static let lifetime = Duration.seconds(90 * 86400)
  package static let most = 16
}

extension Guest.Device {
  private static let hashLength = 32

  /// 32 bytes of hash and 8 of time each.
  package static func bytes(of devices: [Self]) -> [UInt8] {
    devices.flatMap { $0.hash + SlidingWindow(times: [$0.expiresAt]).bytes }
  }

  package static func devices(in bytes: [UInt8]) -> [Self] {
    let length = hashLength + 8
    return stride(from: 0, through: bytes.count - length, by: length).map { start in
      let middle = start + hashLength
      let time = SlidingWindow(bytes: [UInt8](bytes[middle..<start + length])).times[0]
      return Self(hash: [UInt8](bytes[start..<middle]), expiresAt: time)
    }
  }
}
