import CodeRequests
import Foundation
import RecordKeys
import TestSupport
import Testing

/// Keys that were lost or swapped: told, and never made up.
@Suite struct LostKeysTests {
  private let folder: TemporaryDirectoryOwner
  private var path: String { folder.path }

  init() throws { folder = try TemporaryDirectoryOwner() }

  private func fault(_ body: () throws -> Void) throws -> KeyFault {
    try #require(#expect(throws: KeyFault.self) { try body() })
  }

  private func open(_ known: Keyring.Fingerprints) throws -> Keyring {
    try Keyring(directory: path) { () throws(KeyFault) in known }
  }

  private var files: [String] {
    get throws {
      try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(".key") }.sorted()
    }
  }

  private func remove(_ names: String...) throws {
    for name in names { try FileManager.default.removeItem(atPath: "\(path)/\(name)") }
  }

  /// Takes a key file of the same name from other keys.
  private func swap(_ name: String) throws {
    let other = try TemporaryDirectoryOwner()
    let keyring = try Keyring(directory: other.path)
    try keyring.rotate()
    try remove(name)
    try FileManager.default.copyItem(atPath: "\(other.path)/\(name)", toPath: "\(path)/\(name)")
  }

  private func known(_ keyring: Keyring, _ versions: Int...) throws -> Keyring.Fingerprints {
    var known: Keyring.Fingerprints = [0: keyring.address.fingerprint]
    for version in versions { known[version] = try keyring.key(version: version).fingerprint }
    return known
  }

  @Test func `makes no keys where records were made with some`() throws {
    let fault = try fault { _ = try open([0: [1], 1: [2], 2: [3]]) }
    #expect(fault.code == .missing && fault.path == "\(path)/2.key")
    #expect(fault.message.contains("address.key") && fault.message.contains("restore"))
    #expect(try files == [])
    #expect(try open([:]).entries.map(\.version) == [1])
    #expect(try files == ["1.key", "address.key"])
  }

  @Test func `makes no first key anew beside an address key, but where records need none`() throws {
    let keyring = try open([:])
    try remove("1.key")
    let fault = try fault { _ = try open(known(keyring, 1)) }
    #expect(fault.code == .missing && fault.path == "\(path)/1.key" && fault.message.contains("restore"))
    #expect(!fault.message.contains("address.key"))
    #expect(try files == ["address.key"])
    let address = try open([:]).address
    #expect(address.fingerprint == keyring.address.fingerprint)
    #expect(try files == ["1.key", "address.key"])
  }

  @Test func `the front end's keys are not made anew beside records`() throws {
    let keys = "\(path)/keys"
    _ = try Keyring(directory: keys)
    try Data().write(to: URL(fileURLWithPath: "\(path)/records.sqlite"))
    #expect(throws: Never.self) { try Keyring(directory: keys) }
    try FileManager.default.removeItem(atPath: keys)
    let fault = try fault { _ = try Keyring(directory: keys) }
    #expect(fault.code == .missing && fault.message.contains("records.sqlite"))
    #expect(!FileManager.default.fileExists(atPath: "\(keys)/1.key"))
  }

  @Test(arguments: ["1.key", "address.key"])
  func `tells a key that belongs to other records`(name: String) throws {
    let known = try known(open([:]), 1)
    #expect(throws: Never.self) { try open(known).check(known) }
    try swap(name)
    let fault = try fault { try open(known).check(known) }
    #expect(fault.code == .foreign && fault.path == "\(path)/\(name)" && fault.message.contains("restore"))
  }

  @Test func `takes no older key for the newest, and tells a retired one when it is needed`() throws {
    let keyring = try open([:])
    try keyring.rotate()
    let known = try known(keyring, 1, 2)
    let newest = try Data(contentsOf: URL(fileURLWithPath: "\(path)/2.key"))
    try remove("2.key")
    let lost = try fault { try open(known).check(known) }
    #expect(lost.code == .missing && lost.path == "\(path)/2.key")
    #expect(
      FileManager.default.createFile(
        atPath: "\(path)/2.key", contents: newest, attributes: [.posixPermissions: 0o600]))
    try remove("1.key")
    let opened = try open(known)
    #expect(throws: Never.self) { try opened.check(known) }
    let retired = try fault { _ = try opened.key(version: 1) }
    #expect(retired.code == .missing && retired.path == "\(path)/1.key")
  }

  @Test(arguments: ["1.key", "address.key"], [true, false])
  func `who has the keys open goes on with them where one is lost or swapped`(
    name: String, isSwapped: Bool
  ) throws {
    let keyring = try open([:])
    let (current, address) = (keyring.current.fingerprint, keyring.address.fingerprint)
    let whole = try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)"))
    if isSwapped { try swap(name) } else { try remove(name) }
    let before = try files
    let adoptions: [() throws -> Void] = [{ try keyring.reload() }, { try keyring.rotate() }]
    for body in adoptions {
      let fault = try fault(body)
      #expect(fault.code == (isSwapped ? .foreign : .missing) && fault.path == "\(path)/\(name)")
    }
    #expect(try files == before)
    #expect(keyring.current.fingerprint == current && keyring.address.fingerprint == address)
    #expect(
      FileManager.default.createFile(
        atPath: "\(path)/\(name)", contents: whole, attributes: [.posixPermissions: 0o600]))
    #expect(try keyring.rotate().version == 2)
  }
}
