internal import LinuxSystem

/// `<address> parameters`, the argument of MAIL and RCPT (RFC 5321 4.1.2, RFC 6531 3.3), read in place.
///
/// Taken as well, since servers do: blanks before the bracket, dots at the ends of a local part or in a row, and source
/// routes, which are passed over (RFC 5321 appendix C).
struct MailPath {
  enum Fault: Error { case syntax, address, encoding }

  /// What stands between the angle brackets; empty for the null sender.
  let address: UnsafeRawBufferPointer
  /// What follows them.
  let parameters: UnsafeRawBufferPointer
  let isASCII: Bool

  /// RFC 5321 4.5.3.1.3: a path has at most 256 octets, its brackets among them.
  private static let longest = 254

  /// Parses `argument`, which begins right after the colon.
  init(_ argument: UnsafeRawBufferPointer) throws(Fault) {
    let text = UnsafeRawBufferPointer(rebasing: argument.drop { $0 == UInt8(ascii: " ") })
    guard text.first == UInt8(ascii: "<") else { throw .syntax }
    let start = try Self.endOfRoute(in: text)
    var isQuoted = false
    var wasQuoted = false
    var at: Int?
    var highest: UInt8 = 0
    var index = start
    scan: while true {
      guard index < text.count else { throw .syntax }
      let byte = text[index]
      highest = max(highest, byte)
      switch byte {
      case 0..<0x20, 0x7F: throw .address
      case UInt8(ascii: "\\"):
        guard isQuoted, index + 1 < text.count, text[index + 1] >= 0x20 else { throw .address }
        index += 1
      case UInt8(ascii: "\""):
        // A quoted string is the whole local part or none of it.
        guard isQuoted ? text[safe: index + 1] == UInt8(ascii: "@") : index == start else { throw .address }
        isQuoted.toggle()
        wasQuoted = true
      case UInt8(ascii: ">") where !isQuoted: break scan
      case UInt8(ascii: "@") where !isQuoted:
        guard at == nil else { throw .address }
        at = index
      case UInt8(ascii: " "), UInt8(ascii: "<"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: ","),
        UInt8(ascii: ";"):
        guard isQuoted else { throw .address }
      case UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: ":"):
        guard isQuoted || at != nil else { throw .address }
      default: break
      }
      index += 1
    }
    address = UnsafeRawBufferPointer(rebasing: text[start..<index])
    isASCII = highest < 0x80
    let rest = UnsafeRawBufferPointer(rebasing: text[(index + 1)...])
    guard rest.isEmpty || rest[0] == UInt8(ascii: " ") else { throw .syntax }
    parameters = rest
    guard !address.isEmpty else {
      // A route to nobody.
      guard start == 1 else { throw .address }
      return
    }
    guard address.count <= Self.longest else { throw .address }
    if let at {
      try Self.check(localPart: text[start..<at], isQuoted: wasQuoted, domain: text[(at + 1)..<index])
    } else if !address.isASCII(equalTo: "postmaster") {
      // RFC 5321 4.5.1: postmaster alone may go without a domain.
      throw .address
    }
    if !isASCII, String(validating: address, as: UTF8.self) == nil { throw .encoding }
  }

  /// Where the address begins: behind the bracket, or behind `@relay,@relay:`.
  private static func endOfRoute(in text: UnsafeRawBufferPointer) throws(Fault) -> Int {
    guard text[safe: 1] == UInt8(ascii: "@") else { return 1 }
    var isLiteral = false
    for index in 2..<text.count {
      switch text[index] {
      case UInt8(ascii: "["): isLiteral = true
      case UInt8(ascii: "]"): isLiteral = false
      case UInt8(ascii: ":") where !isLiteral: return index + 1
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x80..., UInt8(ascii: "."), UInt8(ascii: "-"),
        UInt8(ascii: ","),
        UInt8(ascii: "@"), UInt8(ascii: ":"):
        break
      default: throw .address
      }
    }
    throw .address
  }

  private static func check(
    localPart: Slice<UnsafeRawBufferPointer>, isQuoted: Bool, domain: Slice<UnsafeRawBufferPointer>
  ) throws(Fault) {
    let dot = UInt8(ascii: ".")
    guard !localPart.isEmpty, let firstOfDomain = domain.first, let last = domain.last else {
      throw .address
    }
    guard isQuoted || localPart.contains(where: { $0 != dot }) else { throw .address }
    if firstOfDomain == UInt8(ascii: "[") { guard last == UInt8(ascii: "]") else { throw .address } }
    guard firstOfDomain != dot, firstOfDomain != UInt8(ascii: "-") else { throw .address }
  }

  /// Calls `body` with each `keyword` or `keyword=value`.
  ///
  /// - Returns: false where `body` did, or a parameter is empty.
  func forEachParameter(
    _ body: (_ keyword: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer?) -> Bool
  ) -> Bool {
    var index = 0
    while index < parameters.count {
      // Each begins with the space before it.
      let start = index + 1
      var end = start
      while end < parameters.count, parameters[end] != UInt8(ascii: " ") { end += 1 }
      let word = UnsafeRawBufferPointer(rebasing: parameters[start..<end])
      guard !word.isEmpty else { return false }
      if let equals = word.firstIndex(of: UInt8(ascii: "=")) {
        let value = UnsafeRawBufferPointer(rebasing: word[(equals + 1)...])
        guard body(UnsafeRawBufferPointer(rebasing: word[..<equals]), value) else { return false }
      } else if !body(word, nil) {
        return false
      }
      index = end
    }
    return true
  }
}

extension UnsafeRawBufferPointer {
  fileprivate subscript(safe index: Int) -> UInt8? { index < count ? self[index] : nil }
}
