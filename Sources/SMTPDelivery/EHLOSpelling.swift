// libcurl compares EHLO's lines with upper-case words and one blank behind AUTH (lib/smtp.c, smtp_state_ehlo_resp),
// though RFC 5321 4.1.1.1 makes them free of case: `250-starttls` is no STARTTLS to it, and what asks for TLS where
// it is offered goes on in plaintext.

extension RelayFeatures {
  /// Rewrites one line of an EHLO reply in place, as long as it was, to how libcurl reads it: the keywords it looks
  /// for in upper case at the line's begin, AUTH's mechanisms in upper case with blanks between them. Other lines stay.
  ///
  /// - Parameter line: as received, with the code and the line's end.
  static func spellForLibcurl(_ line: UnsafeMutableRawBufferPointer) {
    guard line.count > 4, line.starts(with: "250".utf8),
      line[3] == UInt8(ascii: "-") || line[3] == UInt8(ascii: " ")
    else { return }
    var end = line.count
    while end > 4, line[end - 1] == 0x0A || line[end - 1] == 0x0D { end -= 1 }
    let text = UnsafeMutableRawBufferPointer(rebasing: line[4..<end])
    let keyword = text.drop(while: isGap).prefix { !isGap($0) && $0 != UInt8(ascii: "=") }
    guard let known = ["STARTTLS", "SIZE", "SMTPUTF8", "AUTH"].first(where: { spells(keyword, $0) }) else {
      return
    }
    // Blanks before the keyword go behind the line.
    let shift = keyword.startIndex
    if shift > 0 {
      for index in 0..<(text.count - shift) { text[index] = text[index + shift] }
      for index in (text.count - shift)..<text.count { text[index] = 0x20 }
    }
    let isAuth = known == "AUTH"
    for index in text.indices where isAuth || index < known.utf8.count {
      switch text[index] {
      case 0x61...0x7A: text[index] &= 0xDF
      case 0x09, UInt8(ascii: "="), UInt8(ascii: ","): text[index] = 0x20
      default: break
      }
    }
  }

  private static func isGap(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

  private static func spells(_ word: some Collection<UInt8>, _ keyword: String) -> Bool {
    word.count == keyword.utf8.count
      && zip(word, keyword.utf8).allSatisfy { ((0x61...0x7A).contains($0) ? $0 & 0xDF : $0) == $1 }
  }
}
