import CLibidn2
import Foundation
import TestSupport
import Testing

@testable import CodeRequests

/// libidn2 is loaded and not linked: what it makes of domains, and what is said where it is not there.
@Suite struct InternationalDomainTests {
  @Test(arguments: [
    ("bücher.example", "xn--bcher-kva.example"), ("faß.de", "xn--fa-hia.de"),
    ("βόλος.com", "xn--nxasmm1c.com"), ("نامه\u{200C}ای.com", "xn--mgba3gch31f060k.com"),
    ("点看.example", "xn--3pxu8k.example"), ("ＢÜcher．example", "xn--bcher-kva.example"),
    ("xn--bcher-kva.bücher", "xn--bcher-kva.xn--bcher-kva"),
  ])
  func `maps as UTS 46 says and keeps what IDNA2008 keeps apart`(domain: String, labels: String) throws {
    #expect(try InternationalDomain.labels(of: domain) == labels)
  }

  @Test(arguments: [
    "☕.example", "a\u{200D}b.example", "\u{301}a.example", "אa.example", "ü\u{FFFD}.example",
    "ü.example\0.org", "ü--ü\u{378}.example", "xn--ü.example", "\(String(repeating: "ü", count: 70)).example",
    String(repeating: "ü.", count: 300),
  ])
  func `refuses what IDNA2008 does not look up, and does not repeat it`(domain: String) {
    let fault = #expect(throws: DomainFault.self) { try InternationalDomain.labels(of: domain) }
    #expect(fault?.message.contains(domain) == false)
    #expect(fault?.message.hasPrefix("has an internationalised domain ") == true)
  }

  private func words(of file: String) -> String? {
    var why = [CChar](repeating: 0, count: 512)
    guard clibidn2_try(file, &why, why.count) != 0 else { return nil }
    return String(decoding: why.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  @Test(arguments: [
    ("libidn2-of-nobody.so.0", ["libidn2-of-nobody.so.0", "No such file"]),
    // Loads, and is something else.
    ("libc.so.6", ["libc.so.6", "undefined symbol: idn2_"]),
    ("/dev/null", ["/dev/null"]),
  ])
  func `says what is missing and which package has it`(file: String, expected: [String]) throws {
    #expect(words(of: "libidn2.so.0") == nil)
    let words = try #require(self.words(of: file))
    let message = DomainFault(missing: words).message
    for part in expected + ["libidn2-0", "xn--"] { #expect(message.contains(part), "\(message)") }
  }

  /// Both headers in one file: a compiler takes two declarations of one name only where they agree.
  @Test(
    .enabled(
      if: ExternalTool.isContinuousIntegration
        || FileManager.default.fileExists(atPath: "/usr/include/idn2.h"),
      "the package libidn2-dev is not installed"))
  func `declares what libidn2's own header declares`() throws {
    let directory = try TemporaryDirectory()
    let source = "\(directory.path)/agree.c"
    try """
    #include <idn2.h>
    #if __has_include(<uninorm.h>)
    #include <uninorm.h>
    #endif
    #include "functions.h"
    _Static_assert((int)CLIBIDN2_NFC_INPUT == (int)IDN2_NFC_INPUT, "NFC_INPUT");
    _Static_assert((int)CLIBIDN2_NONTRANSITIONAL == (int)IDN2_NONTRANSITIONAL, "NONTRANSITIONAL");
    _Static_assert((int)CLIBIDN2_OK == (int)IDN2_OK, "OK");
    """.write(toFile: source, atomically: true, encoding: .utf8)
    let compiler = try ExternalTool.path(of: "clang") ?? ExternalTool.require("cc")
    let result = try ChildProcess.run(
      compiler,
      ["-Werror", "-fsyntax-only", "-I", "\(Scratch.repository)/Sources/CLibidn2", source])
    #expect(result.status == 0, "\(result)")
  }
}
