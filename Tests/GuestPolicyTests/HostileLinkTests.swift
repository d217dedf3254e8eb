import CodeRequests
import Foundation
import GuestPolicy
import TestSupport
import Testing

/// Links made by chance from what links are made of: so many each time, the same ones each time.
@Suite struct HostileLinkTests {
  private static let pieces = [
    "https://", "http://", "HTTPS://", "javascript:", "//", "/", "\\", "@", ":", "?", "&", ";", "=", "#", "%",
    "%2f", "%2F", "%00", "%40", "%252f", "..", ".", "tenantid", "tenantId", "TENANTID", "tenant%69d",
    "signin",
    "common", "organizations", "apps.example", "fabrikam.example", "evil.example", "größe.example", "[::1]",
    "127.0.0.1", "443", "+", " ", "\t", "\n", "\0", "\u{200D}", "\u{202E}", "\u{FF0F}", "。", "é", "e\u{301}",
    "\u{1F600}", "'", "\"", "<", ">", "' OR 1=1 --", Fabrikam.id, Fabrikam.contosoID, "a", "-", "_",
    String(repeating: "a", count: 300), String(repeating: "/", count: 40),
  ]

  private func link(_ generator: inout SplitMix) -> String {
    var text = Bool.random(using: &generator) ? "https://apps.example/" : ""
    for _ in 0..<Int.random(in: 0...9, using: &generator) {
      text += Self.pieces.randomElement(using: &generator)!
    }
    return text
  }

  @Test func `whatever a link is made of, it names a tenant of the file or is refused, and never repeated`()
    throws
  {
    let directory = try Fabrikam.directory()
    var generator = SplitMix(state: 20_261_121)
    var named = 0
    var refused = 0
    for _ in 0..<30_000 {
      let text = link(&generator)
      do throws(RequestFault) {
        let tenant = try directory.resolve(text)
        named += 1
        #expect(tenant == .common || tenant.id == Fabrikam.id || tenant.id == Fabrikam.contosoID)
      } catch {
        refused += 1
        #expect(error.field == "tenant")
        // A fault may name what is expected, and never what was found.
        for found in ["evil", Fabrikam.id, "OR 1=1", "\u{202E}"] { #expect(!error.message.contains(found)) }
      }
    }
    #expect(named > 300 && refused > 20_000, "\(named) \(refused)")
  }

  @Test func `a link that is taken means the same to Foundation's reader`() throws {
    var generator = SplitMix(state: 8)
    var taken = 0
    for _ in 0..<30_000 {
      let text = link(&generator)
      guard SignInLink.looksLikeLink(text), let (host, link) = try? SignInLink.parse(text) else { continue }
      taken += 1
      let url = try #require(URLComponents(string: text), "\(text.debugDescription)")
      #expect(url.user == nil && url.password == nil && url.fragment == nil)
      #expect(["http", "https"].contains(url.scheme?.lowercased()))
      let theirs = try #require(url.encodedHost)
      #expect(theirs.lowercased().trimmingSuffix(".") == host, "\(text.debugDescription)")
      let parameters = (url.queryItems ?? []).filter { $0.name.lowercased() == "tenantid" }
      switch link {
      case .tenantID(let id):
        // Where ; stands between parameters, readers differ; then ours sees no fewer of them.
        if !text.contains(";") { #expect(parameters.map(\.value) == [id]) }
      case .tenantIDOrDomain(let text):
        #expect(parameters.isEmpty)
        #expect(url.path.split(separator: "/").map(String.init) == [text])
      case .commonEndpoint: #expect(parameters.isEmpty)
      }
    }
    #expect(taken > 300, "\(taken)")
  }

  @Test(arguments: [2048, 2049, 1_000_000])
  func `a link is read up to its longest, and no further`(_ size: Int) throws {
    let prefix = "https://apps.example/fabrikam.example?x="
    let text = prefix + String(repeating: "a", count: size - prefix.utf8.count)
    let directory = try Fabrikam.directory()
    if size <= SignInLink.maximumSize {
      #expect(try directory.resolve(text).id == Fabrikam.id)
    } else {
      let fault = #expect(throws: RequestFault.self) { try directory.resolve(text) }
      #expect(fault?.message.contains("\(size) bytes") == true)
    }
  }
}

extension String {
  fileprivate func trimmingSuffix(_ suffix: String) -> String {
    hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
  }
}
