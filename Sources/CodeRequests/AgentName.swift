/// What a mail says of the browser that asked: its name and its system, both out of the tables below.
///
/// The text of User-Agent is whatever somebody sent. A mail that repeated it would carry his words, and his links, under
/// our name; so nothing of it gets any further than these tables.
package struct AgentName: Hashable, Sendable {
  package let browser: String?
  package let system: String?

  /// Nil where neither is known.
  package init?(of agent: String) {
    let words = Array(agent.utf8)
    func find(_ table: [(mark: String, name: String)]) -> String? {
      table.first { Self.contains(words, $0.mark) }?.name
    }
    browser = find(Self.browsers)
    system = find(Self.systems)
    if browser == nil, system == nil { return nil }
  }

  /// The first that is found: nearly all call themselves by several names, the most common ones last.
  private static let browsers: [(mark: String, name: String)] = [
    ("Edg/", "Edge"), ("EdgA/", "Edge"), ("EdgiOS/", "Edge"), ("Edge/", "Edge"), ("OPR/", "Opera"),
    ("OPT/", "Opera"), ("OPiOS/", "Opera"), ("Opera/", "Opera"), ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"), ("YaBrowser/", "Yandex Browser"), ("DuckDuckGo/", "DuckDuckGo"),
    ("FxiOS/", "Firefox"), ("Firefox/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"),
    ("Chromium/", "Chrome"), ("Trident/", "Internet Explorer"), ("MSIE ", "Internet Explorer"),
    ("Safari/", "Safari"),
  ]

  private static let systems: [(mark: String, name: String)] = [
    ("Windows", "Windows"), ("iPhone", "iOS"), ("iPad", "iOS"), ("iPod", "iOS"), ("Android", "Android"),
    ("CrOS", "ChromeOS"), ("Macintosh", "macOS"), ("Mac OS X", "macOS"), ("Linux", "Linux"), ("X11", "Linux"),
  ]

  private static func contains(_ text: [UInt8], _ mark: String) -> Bool {
    let mark = mark.utf8
    return text.indices.contains { index in
      // At the beginning of a word.
      text[index] == mark.first && (index == 0 || !isLetter(text[index - 1]))
        && text[index...].starts(with: mark)
    }
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) || byte >= 0x80 }
}
