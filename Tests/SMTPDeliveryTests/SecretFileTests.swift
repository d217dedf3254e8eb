import Foundation
import Glibc
import LinuxSystem
import TestSupport
import Testing

@testable import SMTPDelivery

/// What is read out of a secret's file, and who may have had his hands on it.
@Suite(.waits) struct SecretFileTests {
  private func inspect(
    _ bytes: [UInt8], _ content: SecretFile.Content = .password
  ) throws -> (bytes: [UInt8], remarks: [String]) {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/secret"
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    chmod(path, 0o600)
    do throws(SecretFile.Fault) {
      return try SecretFile(path: path, key: "passwordFile", content: content).inspect()
    } catch { throw Unexpected(error.message, "") }
  }

  static let passwords: [(text: String, password: String, remark: String?)] = [
    ("hunter2", "hunter2", nil), ("hunter2\n", "hunter2", nil), ("hunter2\r\n", "hunter2", "of Windows"),
    ("hunter2\n\n", "hunter2", "more than one line end"),
    ("hunter2\r\n\r\n", "hunter2", "more than one line end"),
    ("hunter2\r", "hunter2", "more than one line end"),
    ("\u{FEFF}hunter2\n", "hunter2", "byte order mark"), ("hunter2\t\n", "hunter2", "ends in a tab"),
    ("hunter2 \n", "hunter2 ", "ends in a blank, which is sent as part"),
    (" hunter2", " hunter2", "begins with a blank, which is sent as part"),
    ("pä ss wörd\n", "pä ss wörd", nil),
  ]

  @Test(arguments: passwords)
  func `reads a password as it is meant, and says what is odd`(
    _ row: (text: String, password: String, remark: String?)
  ) throws {
    let (bytes, remarks) = try inspect(Array(row.text.utf8))
    #expect(String(decoding: bytes, as: UTF8.self) == row.password)
    #expect(remarks.count == (row.remark == nil ? 0 : 1), "\(remarks)")
    if let remark = row.remark { #expect(remarks.first?.contains(remark) == true, "\(remarks)") }
    #expect(!remarks.joined().contains("hunter2"))
  }

  @Test func `a token has no blanks at its ends, and a key is read as it is`() throws {
    let (token, remarks) = try inspect(Array("  ya29.x= \n".utf8), .token)
    #expect(token == Array("ya29.x=".utf8) && remarks.count == 1)
    let (key, none) = try inspect(Array("\u{FEFF}a \r\n\nb\n".utf8), .document)
    #expect(key == Array("a \r\n\nb\n".utf8) && none.isEmpty)
  }

  @Test(arguments: [
    ([], "is empty"), (Array("\n\n".utf8), "is empty"), (Array("\u{FEFF}\r\n".utf8), "is empty"),
    (Array("   \n".utf8), "is empty"), (Array("a\nb\n".utf8), "more than one line"),
    (Array("a\u{1}b".utf8), "control character"), (Array("a\0".utf8), "control character"),
    ([0xFF, 0xFE, 0x61, 0x00], "UTF-16"),
  ])
  func `refuses what cannot be a password`(_ bytes: [UInt8], _ says: String) throws {
    let error = #expect(throws: Unexpected.self) { try inspect(bytes) }
    #expect("\(try #require(error))".contains(says))
  }

  @Test func `refuses what is too long to be one`() {
    let error = #expect(throws: Unexpected.self) { try inspect([UInt8](repeating: 0x61, count: 17_000)) }
    #expect(error?.description.contains("16 KiB") == true)
  }

  /// Who, mode, whose group, on a mount that cannot be written; and what the message says, nil where it may be used.
  static let rules: [(owner: uid_t, mode: mode_t, group: gid_t, isReadOnly: Bool, says: String?)] = [
    (1000, 0o600, 1000, false, nil), (1000, 0o400, 5, false, nil), (0, 0o600, 0, false, nil),
    // Containers: root's, for everybody or a group, on a mount that cannot be written.
    (0, 0o444, 0, true, nil), (0, 0o440, 0, true, nil), (0, 0o400, 0, true, nil), (1000, 0o444, 5, true, nil),
    (0, 0o444, 0, false, "others can read it, and it lies on a mount that can be written"),
    (0, 0o440, 0, false, "group 0, which is none of ours, can read it"),
    // root:passcode 0640
    (0, 0o640, 1000, false, nil), (0, 0o440, 2000, false, nil), (0, 0o644, 1000, false, "others can read it"),
    // Our own file for a group that others are in.
    (1000, 0o640, 1000, false, "group 1000 can read it"), (1000, 0o644, 1000, false, "others can read it"),
    // Somebody else could have written it.
    (1001, 0o600, 1000, false, "belongs to user 1001"), (1001, 0o444, 1000, true, "belongs to user 1001"),
    (0, 0o660, 1000, false, "group 1000 can write it"), (0, 0o666, 0, true, "everybody can write it"),
    (1000, 0o620, 1000, false, "group 1000 can write it"), (1000, 0o602, 5, false, "everybody can write it"),
    (1000, 0o711, 1000, false, nil),
  ]

  @Test(arguments: rules)
  func `accepts a file by what protects it`(
    _ rule: (owner: uid_t, mode: mode_t, group: gid_t, isReadOnly: Bool, says: String?)
  ) {
    let guarding = SecretGuard(
      isRegularFile: true, owner: rule.owner, group: rule.group, mode: rule.mode,
      isOnReadOnlyMount: rule.isReadOnly, user: 1000, groups: [1000, 2000], trust: FileTrust(user: 1000))
    let problem = guarding.problem(.guarded, path: "/run/secrets/relay")
    if let says = rule.says {
      #expect(problem?.contains(says) == true, "\(problem ?? "nothing")")
      #expect(problem?.hasPrefix("/run/secrets/relay ") == true)
      #expect(problem?.contains("chmod 600 /") == true || problem?.contains("chown 1000 /") == true)
    } else {
      #expect(problem == nil)
    }
    // "any" is about reading alone.
    let isAboutReading = rule.says?.contains("read it") ?? false
    #expect((guarding.problem(.any, path: "/x") == nil) == (rule.says == nil || isAboutReading))
    #expect((guarding.remark(.any, path: "/x") != nil) == isAboutReading)
  }

  @Test(.enabled(if: getuid() == 0, "needs root"))
  func `root reads the secret of the service's user, and what is for that one's group`() throws {
    let directory = try TemporaryDirectory()
    let path = try writeSecret("hunter2", in: directory.path)
    chown(path, 4400, 4400)
    chown(directory.path, 4400, 4401)
    let trust = FileTrust(user: 0).serving(directory.path)
    #expect(throws: SecretFile.Fault.self) { try SecretFile(path: path, key: "passwordFile").read() }
    #expect(try SecretFile(path: path, key: "passwordFile", trust: trust).read() == Array("hunter2".utf8))
    chown(path, 0, 4401)
    chmod(path, 0o640)
    #expect(throws: SecretFile.Fault.self) { try SecretFile(path: path, key: "passwordFile").read() }
    #expect(try SecretFile(path: path, key: "passwordFile", trust: trust).read() == Array("hunter2".utf8))
  }

  @Test func `a credential of systemd's is refused where others could have written it`() {
    for (owner, mode, says) in [
      (0, 0o440, nil), (1000, 0o400, nil), (1001, 0o400, "belongs to user 1001"), (0, 0o460, "chmod go-w"),
    ] as [(UInt32, UInt32, String?)] {
      let guarding = SecretGuard(
        isRegularFile: true, owner: owner, group: 5, mode: mode, isOnReadOnlyMount: true, user: 1000,
        groups: [1000], trust: FileTrust(user: 1000))
      let problem = guarding.problemOfCredential(path: "/run/credentials/relay")
      #expect(problem?.contains(says ?? "") == (says.map { _ in true }), "\(problem ?? "nothing")")
    }
  }

  @Test func `by secretMode any a file is used that everybody can read, and told of`() throws {
    let directory = try TemporaryDirectory()
    let path = try writeSecret("hunter2", in: directory.path, mode: 0o644)
    #expect(throws: SecretFile.Fault.self) { try SecretFile(path: path, key: "passwordFile").read() }
    let file = SecretFile(path: path, key: "passwordFile", readers: .any)
    let (bytes, remarks) = try file.inspect()
    #expect(bytes == Array("hunter2".utf8) && remarks.count == 1)
    #expect(remarks.first?.contains("mode 0644: everybody") == true)
  }

  @Test(.enabled(if: getuid() == 0, "needs root"))
  func `refuses the file of another user, and says what to do`() throws {
    let directory = try TemporaryDirectory()
    let path = try writeSecret("hunter2", in: directory.path)
    chown(path, 12_345, 12_345)
    do throws(SecretFile.Fault) {
      _ = try SecretFile(path: path, key: "passwordFile").read()
      Issue.record("was read")
    } catch {
      #expect(error.message.contains("belongs to user 12345") && error.message.contains("chown 0 \(path)"))
    }
  }

  @Test(
    .enabled(if: SmallFileSystem.isAllowed, "needs root and the right to mount"), arguments: [0o444, 0o440])
  func `a container's secret is used on its mount, through its links, and nowhere else`(_ mode: Int) throws {
    let mount = try SmallFileSystem("size=64k,mode=0755")
    // As Kubernetes lays it: the name is a link through a link to a directory that changes.
    try FileManager.default.createDirectory(atPath: "\(mount.path)/..1", withIntermediateDirectories: false)
    let real = try writeSecret("hunter2", in: "\(mount.path)/..1", name: "password", mode: mode)
    chown(real, 0, 777)
    symlink("..1", "\(mount.path)/..data")
    symlink("..data/password", "\(mount.path)/password")
    let file = SecretFile(path: "\(mount.path)/password", key: "passwordFile")
    #expect(throws: SecretFile.Fault.self) { try file.read() }
    try mount.remount("ro")
    #expect(try file.read() == Array("hunter2".utf8))
  }
}

/// That a changed file of a relay's secrets is seen, however it is changed.
@Suite struct SecretsMarkTests {
  private func settings(_ directory: String, oauth: Bool = false) throws -> RelaySettings {
    try RelaySettings(
      url: "smtp://127.0.0.1:1", security: .plaintext, username: "u",
      passwordFile: oauth ? nil : "\(directory)/secret", caFile: "\(directory)/ca",
      clientCertificate: .init(certificateFile: "\(directory)/certificate", keyFile: "\(directory)/key"),
      oauth: oauth
        ? TokenSettings(
          grant: .clientCredentials, tokenURL: "https://login.example/token", clientID: "c",
          clientSecretFile: "\(directory)/secret", caFile: "\(directory)/oauth-ca") : nil)
  }

  @Test(arguments: [false, true])
  func `differs after each kind of change of any of its files, and only then`(_ oauth: Bool) throws {
    let directory = try TemporaryDirectory()
    let settings = try settings(directory.path, oauth: oauth)
    let names = ["secret", "ca", "certificate", "key"] + (oauth ? ["oauth-ca"] : [])
    #expect(Set(settings.files.map(\.path)) == Set(names.map { "\(directory.path)/\($0)" }))
    var mark = settings.secretsMark()
    func changed() -> Bool {
      let new = settings.secretsMark()
      defer { mark = new }
      return new != mark
    }
    #expect(!changed())
    for name in names {
      let path = "\(directory.path)/\(name)"
      _ = try writeSecret("one", in: directory.path, name: name)
      #expect(changed(), "\(name) made")
      #expect(!changed())
      // Of the same length and, as far as anybody can set it, the same times.
      let fresh = try writeSecret("two", in: directory.path, name: "fresh")
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: 0)], ofItemAtPath: fresh)
      rename(fresh, path)
      #expect(changed(), "\(name) replaced")
      chmod(path, 0o400)
      #expect(changed(), "\(name) with another mode")
      _ = try? Data(contentsOf: URL(fileURLWithPath: path))
      #expect(!changed(), "reading is no change")
      unlink(path)
      #expect(changed(), "\(name) removed")
    }
  }

  @Test func `follows links, as containers swap them`() throws {
    let directory = try TemporaryDirectory()
    let settings = try settings(directory.path)
    for version in ["1", "2"] {
      try FileManager.default.createDirectory(
        atPath: "\(directory.path)/\(version)", withIntermediateDirectories: false)
      _ = try writeSecret("secret-\(version)", in: "\(directory.path)/\(version)", name: "secret")
    }
    symlink("1", "\(directory.path)/data")
    symlink("data/secret", "\(directory.path)/secret")
    let before = settings.secretsMark()
    symlink("2", "\(directory.path)/data.new")
    rename("\(directory.path)/data.new", "\(directory.path)/data")
    #expect(settings.secretsMark() != before)
  }
}
