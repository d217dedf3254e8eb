/// What the sink does to a recipient, read off the local part, so that a test says in the address what it wants
/// to happen. Anything after `+` is free: `greylist-1+anna@example.org`.
enum RecipientFault: Equatable, Sendable {
  struct Reply: Equatable, Sendable {
    let code: Int
    /// `X.Y.Z` with the space before it, or empty.
    let enhanced: String
  }
  enum Stage: Sendable { case rcpt, data, dot }

  /// `rcpt-NNN`, `rcpt-NNN-X.Y.Z`: the answer to RCPT.
  case rcpt(Reply)
  /// `data-NNN`, `data-NNN-X.Y.Z`: the answer to the final dot.
  case data(Reply)
  /// `greylist-N`: 451 4.7.1 the first N times.
  case greylist(Int)
  /// `drop-rcpt`, `drop-data`, `drop-dot`: the connection is closed there without a word.
  case drop(Stage)
  /// `slow-Ns`, `slow-Nms`: so long before the final reply.
  case slow(Duration)
  /// `quota-N`: N messages on the connection, then 421 and close.
  case quota(Int)
  /// One of these is meant, and written wrong: refused, since a test that asks for nothing passes for the wrong reason.
  case misspelt(FaultSpelling)

  /// - Parameter localPart: everything before the `@`; nil for one that asks for nothing.
  init?(localPart: some Collection<UInt8>) {
    let name = localPart.prefix { $0 != UInt8(ascii: "+") }
    // Nearly every recipient is an ordinary one: no string is made for those.
    guard name.count <= 40, FaultSpelling.mayBegin(name.first) else { return nil }
    let text = String(decoding: name, as: UTF8.self).lowercased()
    if let fault = Self.read(text) {
      self = fault
    } else if let meant = FaultSpelling(misspelt: text, isFault: { Self.read($0) != nil }) {
      self = .misspelt(meant)
    } else {
      return nil
    }
  }

  /// - Parameter name: in lower case.
  private static func read(_ name: String) -> RecipientFault? {
    guard let dash = name.firstIndex(of: "-") else { return nil }
    return RecipientFault(word: name[..<dash], rest: String(name[name.index(after: dash)...]))
  }

  private init?(word: Substring, rest: String) {
    switch word {
    case "rcpt":
      guard let reply = Reply(rest) else { return nil }
      self = .rcpt(reply)
    case "data":
      guard let reply = Reply(rest) else { return nil }
      self = .data(reply)
    case "greylist":
      guard let count = number(rest) else { return nil }
      self = .greylist(count)
    case "quota":
      guard let count = number(rest) else { return nil }
      self = .quota(count)
    case "slow":
      if rest.hasSuffix("ms"), let count = number(rest.dropLast(2)) {
        self = .slow(.milliseconds(count))
      } else if rest.hasSuffix("s"), let count = number(rest.dropLast()) {
        self = .slow(.seconds(count))
      } else {
        return nil
      }
    case "drop":
      switch rest {
      case "rcpt": self = .drop(.rcpt)
      case "data": self = .drop(.data)
      case "dot": self = .drop(.dot)
      default: return nil
      }
    default: return nil
    }
  }
}

extension RecipientFault.Reply {
  /// `NNN` or `NNN-X.Y.Z`.
  fileprivate init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count <= 2, parts[0].utf8.count == 3, let code = number(parts[0]), (200...599).contains(code)
    else { return nil }
    self.code = code
    guard parts.count == 2 else {
      enhanced = ""
      return
    }
    let numbers = parts[1].split(separator: ".", omittingEmptySubsequences: false)
    guard numbers.count == 3, numbers.allSatisfy({ number($0) != nil }) else { return nil }
    enhanced = " \(parts[1])"
  }
}

/// Up to six ASCII digits and nothing else; `Int.init` would take a sign.
private func number(_ text: some StringProtocol) -> Int? {
  (1...6).contains(text.utf8.count) && text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
}
