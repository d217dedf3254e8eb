import CodeRequests
import Foundation
import Glibc
import RecordKeys
import TestSupport
import Testing

@Suite struct KeyringTests {
  private func mode(_ path: String) throws -> Int {
    try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
  }

  private func fault(_ body: () throws -> Void) throws -> KeyFault {
    try #require(#expect(throws: KeyFault.self) { try body() })
  }

  @Test func `makes the first keys for their owner alone`() throws {
    let directory = try TemporaryDirectory()
    let path = "\(directory.path)/state/keys"
    let keyring = try Keyring(directory: path)
    #expect(keyring.entries.map(\.version) == [1])
    #expect(try mode(path) == 0o700)
    #expect(try mode("\(path)/1.key") == 0o600)
    #expect(try mode("\(path)/address.key") == 0o600)
    let again = try Keyring(directory: path)
    #expect(again.current.mac("test", [1]) == keyring.current.mac("test", [1]))
    #expect(again.address.fingerprint == keyring.address.fingerprint)
  }

  @Test(.enabled(if: geteuid() == 0, "changes owners: run it as root"))
  func `a key that root makes is its service's`() throws {
    let directory = try TemporaryDirectory()
    let path = "\(directory.path)/keys"
    let keyring = try Keyring(directory: path)
    for name in [directory.path, path, "\(path)/1.key", "\(path)/address.key"] {
      #expect(chown(name, 65534, 65534) == 0)
    }
    try keyring.rotate()
    let attributes = try FileManager.default.attributesOfItem(atPath: "\(path)/2.key")
    #expect(attributes[.ownerAccountID] as? Int == 65534)
    #expect(try mode("\(path)/2.key") == 0o600)
  }

  @Test func `makes them once when many begin together`() async throws {
    let directory = try TemporaryDirectory()
    let path = "\(directory.path)/keys"
    let prints = try await withThrowingTaskGroup(of: [UInt8].self) { group in
      for _ in 0..<16 { group.addTask { try Keyring(directory: path).current.fingerprint } }
      return try await group.reduce(into: Set<[UInt8]>()) { $0.insert($1) }
    }
    #expect(prints.count == 1)
  }

  @Test(.enabled(if: getuid() == 0, "needs root"), arguments: ["", "/1.key", "/address.key"])
  func `refuses keys of a user that is not the service's`(_ name: String) throws {
    let directory = try TemporaryDirectory()
    let path = "\(directory.path)/keys"
    _ = try Keyring(directory: path)
    chown(path + name, 4322, 4322)
    let fault = try fault { _ = try Keyring(directory: path) }
    #expect(fault.code == .exposed && fault.path == path + name)
    #expect(fault.message.contains("belongs to user 4322") && fault.message.contains("un: chown "))
    // All of it is his: then it is the service's user that this is.
    for name in ["/..", "", "/1.key", "/address.key"] { chown(path + name, 4322, 4322) }
    #expect(throws: Never.self) { try Keyring(directory: path) }
  }

  @Test(arguments: ["1.key", "address.key"], [0o640, 0o604, 0o660])
  func `refuses a key that others may read`(file: String, mode: Int) throws {
    let directory = try TemporaryDirectory()
    _ = try Keyring(directory: directory.path)
    try FileManager.default.setAttributes(
      [.posixPermissions: mode], ofItemAtPath: "\(directory.path)/\(file)")
    let path = directory.path
    let fault = try fault { _ = try Keyring(directory: path) }
    #expect(fault.code == .exposed)
    #expect(fault.path.hasSuffix(file))
    #expect(fault.message.contains("chmod 600"))
  }

  @Test func `refuses a directory that others may write`() throws {
    let directory = try TemporaryDirectory()
    try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: directory.path)
    let path = directory.path
    #expect(try fault { _ = try Keyring(directory: path) }.code == .exposed)
  }

  @Test(arguments: ["", "\n", "garbage", "cut", "flipped", "renamed", "zeros", "long"])
  func `names a damaged key file and makes no other in its place`(damage: String) throws {
    let directory = try TemporaryDirectory()
    let keyring = try Keyring(directory: directory.path)
    try keyring.rotate()
    let file = "\(directory.path)/1.key"
    let whole = try String(contentsOfFile: file, encoding: .utf8)
    let damaged =
      switch damage {
      case "cut": String(whole.dropLast(5))
      case "flipped": whole.replacing("Z ", with: "Y ", maxReplacements: 1)
      case "renamed": try String(contentsOfFile: "\(directory.path)/2.key", encoding: .utf8)
      case "zeros": String(repeating: "\0", count: whole.utf8.count)
      case "long": whole + String(repeating: " ", count: 10_000)
      default: damage
      }
    let handle = try #require(FileHandle(forWritingAtPath: file))
    try handle.truncate(atOffset: 0)
    try handle.write(contentsOf: Data(damaged.utf8))
    try handle.close()
    let path = directory.path
    let fault = try fault { _ = try Keyring(directory: path) }
    #expect(fault.code == .damaged)
    #expect(fault.path == file)
    #expect(fault.message.contains("restore"))
    #expect(try String(contentsOfFile: file, encoding: .utf8) == damaged)
  }

  @Test func `takes a key file to which an editor added blanks and line ends`() throws {
    let directory = try TemporaryDirectory()
    let before = try Keyring(directory: directory.path).current
    for file in ["1.key", "address.key"].map({ "\(directory.path)/\($0)" }) {
      let whole = try String(contentsOfFile: file, encoding: .utf8)
      let handle = try #require(FileHandle(forWritingAtPath: file))
      try handle.write(contentsOf: Data("\n\t \(whole) \r\n\n".utf8))
      try handle.close()
    }
    #expect(try Keyring(directory: directory.path).current.fingerprint == before.fingerprint)
  }

  @Test func `does not follow a link to a key`() throws {
    let directory = try TemporaryDirectory()
    _ = try Keyring(directory: directory.path)
    let file = "\(directory.path)/1.key"
    try FileManager.default.moveItem(atPath: file, toPath: "\(directory.path)/elsewhere")
    try FileManager.default.createSymbolicLink(
      atPath: file, withDestinationPath: "\(directory.path)/elsewhere")
    let path = directory.path
    #expect(try fault { _ = try Keyring(directory: path) }.code == .system)
  }

  @Test func `takes a lost address key for a fault, not for a first start`() throws {
    let directory = try TemporaryDirectory()
    _ = try Keyring(directory: directory.path)
    try FileManager.default.removeItem(atPath: "\(directory.path)/address.key")
    let path = directory.path
    #expect(try fault { _ = try Keyring(directory: path) }.code == .missing)
  }

  @Test func `rotates without giving up the old key, seen by who has it open`() throws {
    let directory = try TemporaryDirectory()
    let (one, other) = (try Keyring(directory: directory.path), try Keyring(directory: directory.path))
    let code = try Passcode("123456")
    let id = RequestID.random()
    let sealed = one.seal(code, for: id)
    #expect(try one.rotate().version == 2)
    #expect(one.current.version == 2)
    #expect(try one.open(sealed, for: id).reveal() == "123456")
    #expect(other.current.version == 1)
    #expect(try other.key(version: 2).fingerprint == one.current.fingerprint)
    try one.delete(version: 2)
    #expect(one.entries.map(\.version) == [1, 2], "the current key is never deleted")
    try one.delete(version: 1)
    #expect(try fault { _ = try one.open(sealed, for: id) }.code == .missing)
  }

  @Test func `opens a sealed code for its own request only, and only unaltered`() throws {
    let directory = try TemporaryDirectory()
    let keyring = try Keyring(directory: directory.path)
    let id = RequestID.random()
    let sealed = keyring.seal(try Passcode("Ab12"), for: id)
    #expect(!sealed.contains("Ab12"))
    #expect(sealed != keyring.seal(try Passcode("Ab12"), for: id), "each seal has a nonce of its own")
    #expect(try keyring.open(sealed, for: id).reveal() == "Ab12")
    #expect(try fault { _ = try keyring.open(sealed, for: .random()) }.code == .seal)
    for index in sealed.indices
    where sealed[index] != "." && index > sealed.index(sealed.startIndex, offsetBy: 1) {
      var altered = sealed
      altered.replaceSubrange(index...index, with: sealed[index] == "A" ? "B" : "A")
      #expect(try fault { _ = try keyring.open(altered, for: id) }.code == .seal)
    }
    for text in [
      "", ".", "1.", "0.AAAA", "x.AAAA", "1.====", "1.AAAA", sealed + "A", "-1" + sealed.dropFirst(),
    ] {
      #expect(try fault { _ = try keyring.open(text, for: id) }.code == .seal)
    }
  }

  @Test func `keeps parts of an HMAC apart`() {
    let key = Key(version: 1, secret: [UInt8](repeating: 7, count: 32))
    #expect(key.mac("a", [1, 2], [3]) != key.mac("a", [1], [2, 3]))
    #expect(key.mac("a", [1]) != key.mac("b", [1]))
    #expect(key.mac("a", [1], []) != key.mac("a", [1]))
    #expect(key.mac("a", [1]) == key.mac("a", [1]))
    #expect(key.mac("a", [1]).count == 32)
    #expect("\(key)" == "key 1")
  }

  @Test func `draws as many random bytes as were asked for`() {
    // The kernel may give more than 256 in parts.
    let bytes = RandomBytes.draw(1 << 20)
    #expect(bytes.count == 1 << 20)
    let blocks = stride(from: 0, to: bytes.count, by: 32).map { Array(bytes[$0..<$0 + 32]) }
    #expect(Set(blocks).count == blocks.count)
  }

  @Test func `writes base64url without padding and reads nothing else`() {
    for count in 0..<40 {
      let bytes = RandomBytes.draw(count)
      #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
    }
    #expect(Base64URL.encode([0xFB, 0xFF]) == "-_8")
    for text in ["A", "AB=", "A+", "A/", "-_9", "AAAAA"] { #expect(Base64URL.decode(text) == nil) }
  }
}
