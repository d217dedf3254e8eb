internal import CodeRequests
internal import FoundationEssentials
internal import LinuxSystem

// A key file is one line of text: `passcode-key NAME CREATED SECRET CHECK`. NAME repeats the file's name, so that a
// file copied over another is noticed; CHECK is the start of a SHA-256 of all before it, so that a cut or edited
// file is. A file is published whole by rename, and only its owner may read or write it.

struct KeyFile {
  var name: String
  var created: Date
  var secret: [UInt8]

  private static let magic = "passcode-key"

  /// The largest that such a file can be, with room for an editor's newline.
  private static let limit = 512

  static func fresh(named name: String, now: Date) -> KeyFile {
    KeyFile(name: name, created: now, secret: RandomBytes.draw(Key.size))
  }

  var bytes: [UInt8] {
    let text = "\(Self.magic) \(name) \(created.rfc3339) \(Base64URL.encode(secret))"
    return Array("\(text) \(Self.check(of: text))\n".utf8)
  }

  private static func check(of text: String) -> String {
    Base64URL.encode(Array(Digest.sha256(text).prefix(6)))
  }

  /// Reads `<directory>/<name>.key`; nil where there is none.
  static func read(_ name: String, in directory: borrowing Directory) throws(KeyFault) -> KeyFile? {
    let file = "\(name).key"
    let path = "\(directory.path)/\(file)"
    let mode: UInt32
    let bytes: [UInt8]?
    let owners: (file: UInt32, directory: UInt32)
    do throws(SystemCallError) {
      let descriptor = try directory.open(file)
      let status = try descriptor.status()
      mode = status.mode
      owners = (status.owner, try directory.descriptor.status().owner)
      bytes = status.kind == .regular ? try descriptor.readAll(limit: limit) : nil
    } catch {
      if error.isNotFound { return nil }
      throw KeyFault(.system, path, "cannot be read (\(error)); check the owner of the file")
    }
    guard mode & 0o077 == 0 else {
      throw KeyFault(
        .exposed, path, "has mode \(octal(mode)); a key is for its owner alone. Run: chmod 600 \(path)")
    }
    let user = CurrentProcess.user
    guard [0, user, owners.directory].contains(owners.file) else {
      throw KeyFault(
        .exposed, path,
        "belongs to user \(owners.file), who knows it; accepted is root, user \(user) (as which this runs) or user \(owners.directory), whose the directory is. Restore the key from its backup, or where it is the right one run: chown \(owners.directory) \(path)"
      )
    }
    guard let bytes, let key = parse(bytes), key.name == name else {
      throw KeyFault(
        .damaged, path,
        "is not a whole key file of that name; restore it from a backup. Removing it gives up the codes made with it"
      )
    }
    return key
  }

  private static func parse(_ bytes: [UInt8]) -> KeyFile? {
    // An editor may have added a newline.
    func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
    let end = bytes.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? 0
    let text = String(decoding: bytes[..<end].drop(while: isBlank), as: UTF8.self)
    let fields = text.split(separator: " ", omittingEmptySubsequences: false)
    guard fields.count == 5, fields[0] == magic, let created = Date(rfc3339: String(fields[2])),
      let secret = Base64URL.decode(fields[3]), secret.count == Key.size,
      check(of: String(text[..<fields[3].endIndex])) == fields[4]
    else { return nil }
    return KeyFile(name: String(fields[1]), created: created, secret: secret)
  }
}

func octal(_ mode: UInt32) -> String { "0" + String(mode & 0o777, radix: 8) }
