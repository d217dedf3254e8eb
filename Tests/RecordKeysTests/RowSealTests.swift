import Foundation
import TestSupport
import Testing

@testable import RecordKeys

@Suite struct RowSealTests {
  private let row = [UInt8](repeating: 7, count: 32)
  private let address = "anna@example.org"

  private func salt(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: RowSeal.saltSize) }

  @Test func `opens for its own row, tenant and purpose alone, and only unaltered`() throws {
    let directory = try TemporaryDirectory()
    let keyring = try Keyring(directory: "\(directory.path)/keys")
    let seal = RowSeal(row: row, tenant: "t", purpose: "sign-in")
    let sealed = seal.close(address, key: keyring.current, salt: salt(1))
    #expect(try seal.open(sealed, keyring) == address)
    #expect(sealed.count == 4 + 16 + address.utf8.count + 16)
    for other in [
      RowSeal(row: Array(row.dropLast()) + [8], tenant: "t", purpose: "sign-in"),
      RowSeal(row: row, tenant: nil, purpose: "sign-in"), RowSeal(row: row, tenant: "t", purpose: "reset"),
      RowSeal(row: row, tenant: "tsign-in", purpose: ""), RowSeal(row: row, tenant: "", purpose: "tsign-in"),
    ] {
      let fault = #expect(throws: KeyFault.self) { try other.open(sealed, keyring) }
      #expect(fault?.code == .seal)
    }
    for index in sealed.indices {
      var altered = sealed
      altered[index] ^= 1
      let fault = #expect(throws: KeyFault.self) { try seal.open(altered, keyring) }
      // The first four name the key.
      #expect(fault?.code == (index < 4 ? .missing : .seal))
    }
    for bytes in [[], Array(sealed.prefix(35)), Array(sealed.dropLast()), sealed + [0]] {
      #expect(throws: KeyFault.self) { try seal.open(bytes, keyring) }
    }
  }

  @Test func `no two texts are closed under one key: neither for two rows nor twice for one`() throws {
    let key = Key(version: 1, secret: [UInt8](repeating: 3, count: Key.size))
    let other = Key(version: 1, secret: [UInt8](repeating: 4, count: Key.size))
    let texts = Set(
      [(row, UInt8(1), key), (row, 2, key), (Array(row.dropLast()) + [8], 1, key), (row, 1, other)].map {
        RowSeal(row: $0.0, tenant: nil, purpose: "p").close(address, key: $0.2, salt: salt($0.1))
          .dropFirst(20).prefix(address.utf8.count)
      })
    // With one key and one nonce in common two of them would be the same.
    #expect(texts.count == 4)
  }

  @Test func `what was closed stays open when the key is rotated, until that is deleted`() throws {
    let directory = try TemporaryDirectory()
    let keyring = try Keyring(directory: "\(directory.path)/keys")
    let seal = RowSeal(row: row, tenant: nil, purpose: "sign-in")
    let sealed = seal.close(address, key: keyring.current, salt: salt(1))
    try keyring.rotate()
    #expect(try seal.open(sealed, keyring) == address)
    try keyring.delete(version: 1)
    let fault = #expect(throws: KeyFault.self) { try seal.open(sealed, keyring) }
    #expect(fault?.code == .missing)
  }
}
