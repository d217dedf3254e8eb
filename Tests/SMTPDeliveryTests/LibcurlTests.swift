import CLibcurl
import Testing

@testable import SMTPDelivery

/// libcurl is loaded and not linked: what is said where it is not there, or is another library.
@Suite struct LibcurlTests {
  private func words(of file: String) -> String? {
    var why = [CChar](repeating: 0, count: 512)
    guard clibcurl_try(file, &why, why.count) != 0 else { return nil }
    return String(decoding: why.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  @Test func `is there where these tests run`() throws {
    #expect(words(of: "libcurl.so.4") == nil)
    try LibcurlFault.check()
  }

  @Test(arguments: [
    ("libcurl-of-nobody.so.4", ["libcurl-of-nobody.so.4", "No such file"]),
    // Loads, and is something else.
    ("libc.so.6", ["libc.so.6", "undefined symbol: curl_"]),
    ("/dev/null", ["/dev/null"]),
  ])
  func `is named where it cannot be used`(file: String, expected: [String]) throws {
    let words = try #require(self.words(of: file))
    for part in expected { #expect(words.contains(part), "\(words)") }
    #expect("\(LibcurlFault(reason: words))".contains("cannot be loaded: \(words); expected version"))
  }
}
