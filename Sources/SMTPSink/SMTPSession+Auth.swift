internal import FoundationEssentials
internal import LinuxSystem

/// AUTH PLAIN (RFC 4616) and AUTH LOGIN, as RFC 4954 carries them. The password is looked at and forgotten.
extension SMTPSession {
  mutating func auth(_ argument: UnsafeRawBufferPointer) {
    guard room.settings.extensions.contains(.auth) else {
      return fail("502", " 5.5.1", "AUTH is not offered here")
    }
    guard helo != nil else { return fail("503", " 5.5.1", "Send EHLO first") }
    guard user == nil else { return fail("503", " 5.5.1", "Authenticated already") }
    guard !envelope.isOpen else { return fail("503", " 5.5.1", "AUTH within a mail transaction") }
    let end = argument.firstIndex(of: UInt8(ascii: " ")) ?? argument.count
    let mechanism = UnsafeRawBufferPointer(rebasing: argument[..<end])
    let initial =
      end < argument.count ? UnsafeRawBufferPointer(rebasing: argument[(end + 1)...]) : nil
    if mechanism.isASCII(equalTo: "PLAIN") {
      state = .authPlain
      if let initial { takeAuthResponse(initial) } else { append("334 \r\n") }
    } else if mechanism.isASCII(equalTo: "LOGIN") {
      state = .authUser
      if let initial { takeAuthResponse(initial) } else { append("334 VXNlcm5hbWU6\r\n") }
    } else {
      fail("504", " 5.5.4", "Mechanism not offered; expected PLAIN or LOGIN")
    }
  }

  /// A line of the dialogue: base64, `=` for an empty initial response, or `*` to cancel.
  mutating func takeAuthResponse(_ line: UnsafeRawBufferPointer) {
    let step = state
    state = .command
    if line.elementsEqual("*".utf8) { return fail("501", " 5.7.0", "Authentication cancelled") }
    let text = line.elementsEqual("=".utf8) ? "" : String(decoding: line, as: UTF8.self)
    guard let bytes = Data(base64Encoded: text).map(Array.init) else {
      return fail("501", " 5.5.2", "The response is not base64")
    }
    switch step {
    case .authUser:
      authUser = bytes
      state = .authPassword
      append("334 UGFzc3dvcmQ6\r\n")
    case .authPassword:
      decide(user: authUser, password: bytes)
      authUser = []
    case .authPlain, .command, .data:
      // authorization identity NUL authentication identity NUL password
      let parts = bytes.split(separator: 0, omittingEmptySubsequences: false)
      guard parts.count == 3 else {
        return fail("501", " 5.5.2", "The response is not that of PLAIN (RFC 4616)")
      }
      decide(user: Array(parts[1]), password: Array(parts[2]))
    }
  }

  private mutating func decide(user name: [UInt8], password: [UInt8]) {
    let isRight =
      switch room.settings.credentials {
      case let fixed?: name.elementsEqual(fixed.user.utf8) && password == fixed.password
      case nil: !name.isEmpty
      }
    guard isRight else {
      refusedUser = String(decoding: name.prefix(255), as: UTF8.self)
      return fail("535", " 5.7.8", "Authentication credentials invalid")
    }
    user = String(decoding: name.prefix(255), as: UTF8.self)
    reply("235", " 2.7.0", "Authentication successful")
  }
}
