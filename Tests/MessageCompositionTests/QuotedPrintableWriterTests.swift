import CodeRequests
import Foundation
import LinuxSystem
import MessageTemplates
import TestSupport
import Testing

@testable import MessageComposition

@Suite struct QuotedPrintableWriterTests {
  /// Values that change where lines break: long ones, ones to be escaped, ones that begin or end a line.
  @Test(arguments: [
    "F", "From me", ".", "=", "a ", "Żółć & <b>\"x\"</b>", String(repeating: "é", count: 200),
    String(repeating: "x y", count: 100), "Привет",
  ])
  func `text that was encoded beforehand reads like the whole text`(_ app: String) throws {
    let sender = Mailbox(address: try EmailAddress("no-reply@fabrikam.example"))
    let composer = try MessageComposer(sender: sender)
    let templates = try TemplateCatalogue(directory: shippedTemplates).all
    var compared = 0
    for template in templates {
      for domain in [nil, "example.org"] {
        let values = TemplateValues(
          app: app, code: try Passcode("042917"), validity: .seconds(1800),
          email: try EmailAddress("anna@example.org"), tenant: "\(app).", requestedAt: Date(),
          codeDomain: domain)
        let whole = try template.render(values)
        var message = ByteBuffer(capacity: 0)
        try template.compose(
          values, by: composer, messageID: "m", entityRef: "r", date: Date(), into: &message)
        let parts = [UInt8](message).split(separator: Array("--=_r".utf8))
        #expect(parts.count == 4)
        for (part, text) in [(parts[1], whole.text), (parts[2], whole.html)] {
          // Where most is not ASCII, base64 is shorter.
          guard !part.contains(Array("Content-Transfer-Encoding: base64\r\n".utf8)) else { continue }
          compared += 1
          // The line end before a boundary belongs to the boundary.
          let body = try #require(part.dropLast(2).split(separator: Self.bodyStart, maxSplits: 1).last)
          #expect(try decoded(Array(body)) == text, "\(template.locale)")
        }
      }
    }
    #expect(compared >= templates.count * 3)
  }

  @Test(arguments: 0..<8) func `pieces read like the whole, wherever they meet`(seed: UInt64) throws {
    var random = SplitMix(state: seed + 1)
    let words: [[UInt8]] = [
      "From ", "Fr", "om ", ".", "..", " ", "  ", "\t", "\n", "\n\n", "=", "é", "word", "", "longer words ",
      String(repeating: "a", count: 74), String(repeating: "b ", count: 40),
    ].map { Array($0.utf8) }
    for _ in 0..<500 {
      var texts = EncodedLiterals()
      var output = ByteBuffer(capacity: 0)
      var writer = QuotedPrintableWriter(to: &output)
      var whole: [UInt8] = []
      for _ in 0..<Int.random(in: 0...12, using: &random) {
        let piece = (0..<Int.random(in: 0...4, using: &random)).flatMap { _ in
          words.randomElement(using: &random)!
        }
        if Bool.random(using: &random) {
          texts.append(piece)
          writer.append(texts, at: texts.literals.count - 1, to: &output)
        } else {
          piece.withUnsafeBufferPointer { writer.append($0, to: &output) }
        }
        whole += piece
      }
      writer.finish(&output)
      let body = Array([UInt8](output).dropFirst(Self.bodyStart.count))
      #expect(try decoded(body) == whole, "\(String(decoding: whole, as: UTF8.self))")
    }
  }

  private static let bodyStart = Array("Content-Transfer-Encoding: quoted-printable\r\n\r\n".utf8)

  private struct Fault: Error, CustomStringConvertible {
    let description: String
  }

  /// Strict: what RFC 2045 6.7 forbids, or relays are known to change, is a fault.
  private func decoded(_ bytes: [UInt8]) throws -> [UInt8] {
    var text: [UInt8] = []
    var start = 0
    while start < bytes.count {
      let feed = bytes.firstIndex(of: 13, from: start)
      let isEnded = feed + 1 < bytes.count && bytes[feed + 1] == 10
      let end = isEnded ? feed : bytes.count
      func fault(_ words: String) -> Fault {
        Fault(description: "\(words): \(String(decoding: bytes[start..<end], as: UTF8.self))")
      }
      guard end - start <= 76 else { throw fault("more than 76 characters") }
      if end > start {
        if bytes[start] == UInt8(ascii: ".") || bytes[start..<end].starts(with: "From ".utf8) {
          throw fault("a line's start")
        }
        if bytes[end - 1] == 0x20 || bytes[end - 1] == 9 { throw fault("a blank at a line's end") }
      }
      let isSoft = end > start && bytes[end - 1] == UInt8(ascii: "=")
      let last = isSoft ? end - 1 : end
      var index = start
      while index < last {
        let byte = bytes[index]
        guard byte >= 0x20 && byte <= 0x7E || byte == 9 else { throw fault("byte \(byte)") }
        index += 1
        if byte == UInt8(ascii: "=") {
          let digits = bytes[index..<min(index + 2, last)]
          guard digits.count == 2, let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
          else {
            throw fault("no hexadecimal digits")
          }
          index += 2
          text.append(value)
        } else {
          text.append(byte)
        }
      }
      if !isSoft, isEnded { text.append(10) }
      start = isEnded ? end + 2 : end
    }
    return text
  }
}

extension [UInt8] {
  /// Where `byte` stands first, at `start` or later; the end where it does not.
  fileprivate func firstIndex(of byte: UInt8, from start: Int) -> Int {
    var index = start
    while index < count, self[index] != byte { index += 1 }
    return index
  }
}
