// What a row of the records keeps closed: `version ‖ salt ‖ ciphertext ‖ tag`, AES-256-GCM (NIST SP 800-38D).

/// Closes a text for one row of the records, so that a copy of the database does not tell it and it opens in no other row:
/// the row's id, tenant and purpose are associated data.
///
/// Under one key a nonce must never come twice: GCM then gives both texts away, and the key that authenticates. Random
/// nonces of 96 bits hold for 2^32 texts, which a service with one key for years may pass. So no key closes two texts: each
/// has its own, the HMAC of a salt and the row's id under the keyring's key. The salt is 128 random bits, new whenever a
/// row is closed (again), so that not even an id that comes back after its row was purged gives a key that was there. The
/// nonce has nothing left to do, and is always the same.
package struct RowSeal: Sendable {
  package static let saltSize = 16
  private static let versionSize = 4
  private static let nonce = [UInt8](repeating: 0, count: Seal.nonceSize)

  private let row: [UInt8]
  private let associated: [UInt8]

  /// - Parameter row: SHA-256 of the row's random id.
  package init(row: [UInt8], tenant: String?, purpose: String) {
    self.row = row
    let tenant = tenant ?? ""
    var associated: [UInt8] = []
    associated.reserveCapacity(12 + row.count + tenant.utf8.count + purpose.utf8.count)
    // Each with its length before it, so that no two rows give the same bytes.
    Self.append(row.count, to: &associated)
    associated += row
    Self.append(tenant.utf8.count, to: &associated)
    associated += tenant.utf8
    Self.append(purpose.utf8.count, to: &associated)
    associated += purpose.utf8
    self.associated = associated
  }

  /// - Parameter salt: `saltSize` random bytes that no other text was closed with.
  package func close(_ text: String, key: Key, salt: [UInt8]) -> [UInt8] {
    precondition(salt.count == Self.saltSize)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.versionSize + salt.count + text.utf8.count + Seal.tagSize)
    Self.append(key.version, to: &bytes)
    bytes += salt
    close(text, once: key.mac("row", salt, row), to: &bytes)
    return bytes
  }

  /// - Throws: a fault of code `seal` where the bytes were altered or belong to another row, `missing` where the key has
  ///   gone.
  package func open(_ bytes: [UInt8], _ keyring: Keyring) throws(KeyFault) -> String {
    let start = Self.versionSize + Self.saltSize
    guard bytes.count >= start + Seal.tagSize else { throw Self.altered }
    let version = bytes.prefix(Self.versionSize).reduce(0) { $0 << 8 | Int($1) }
    let key = try keyring.key(version: version)
    let salt = Array(bytes[Self.versionSize..<start])
    guard let text = open(Array(bytes[start...]), once: key.mac("row", salt, row)) else { throw Self.altered }
    return text
  }

  private static let altered = KeyFault(
    .seal, "", "a sealed address of the records does not open: it was altered, or belongs to another row")

  // MARK: Keys that are used once

  /// - Parameter key: 32 bytes that close this text alone.
  package func close(_ text: String, once key: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    close(text, once: key, to: &bytes)
    return bytes
  }

  private func close(_ text: String, once key: [UInt8], to bytes: inout [UInt8]) {
    var text = text
    text.withUTF8 { Seal.close($0, key: key, nonce: Self.nonce, associated: associated, to: &bytes) }
  }

  /// Nil where it was altered, or closed for another row or under another key.
  package func open(_ bytes: [UInt8], once key: [UInt8]) -> String? {
    guard bytes.count >= Seal.tagSize else { return nil }
    let plain = Seal.open(
      Array(bytes.dropLast(Seal.tagSize)), tag: Array(bytes.suffix(Seal.tagSize)), key: key,
      nonce: Self.nonce, associated: associated)
    return plain.map { String(decoding: $0, as: UTF8.self) }
  }

  /// Four bytes, the highest first.
  private static func append(_ value: Int, to bytes: inout [UInt8]) {
    for shift in stride(from: 24, through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }
}
