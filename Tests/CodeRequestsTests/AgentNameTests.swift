import Testing

@testable import CodeRequests

@Suite struct AgentNameTests {
  private static func words(_ agent: String) -> String? {
    AgentName(of: agent).map { [$0.browser, $0.system].compactMap { $0 }.joined(separator: ", ") }
  }

  @Test(
    arguments: [
      (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox, Windows"
      ),
      (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15",
        "Safari, macOS"
      ),
      (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36 Edg/124.0.0.0",
        "Edge, Windows"
      ),
      (
        "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36",
        "Chrome, ChromeOS"
      ),
      (
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36 OPR/110.0.0.0",
        "Opera, Linux"
      ),
      (
        "Mozilla/5.0 (Linux; Android 14; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36",
        "Samsung Internet, Android"
      ),
      (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/124.0.6367.88 Mobile/15E148 Safari/604.1",
        "Chrome, iOS"
      ),
      (
        "Mozilla/5.0 (iPad; CPU OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/125.0 Mobile/15E148 Safari/605.1.15",
        "Firefox, iOS"
      ),
      (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1",
        "Safari, iOS"
      ),
      ("Mozilla/5.0 (Android 14; Mobile; rv:125.0) Gecko/125.0 Firefox/125.0", "Firefox, Android"),
      ("Something on Windows", "Windows"), ("Firefox/1", "Firefox"),
      ("curl/8.0", nil), ("", nil), ("Your account is locked: https://evil.example/x", nil),
      ("NotFirefox/1 darlinux", nil),
    ] as [(String, String?)])
  func `an agent is its browser and its system`(agent: String, name: String?) {
    #expect(Self.words(agent) == name)
  }

  @Test func `nothing of an agent's own text is left`() {
    let name = Self.words("Firefox/130 (https://evil.example/x; Windows; call +1 800 555 0199)")
    #expect(name == "Firefox, Windows")
  }
}
