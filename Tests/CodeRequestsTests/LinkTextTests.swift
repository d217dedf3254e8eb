import Testing

@testable import CodeRequests

@Suite struct LinkTextTests {
  @Test(arguments: [
    "https://evil.example/x", "see HTTPS://EVIL.EXAMPLE", "http:evil", "ftp://1.2.3.4", "mailto:a@b",
    "tel:+46700000000", "javascript:alert(1)", "data:text/html,x", "foo+bar://x", "see:https://x",
    "note.http://x", "ms-settings:x",
    "www.evil", "WWW.evil.example", "(www.x)", "evil.example", "evil.example/x", "EVIL.EXAMPLE",
    "go to evil.example.",
    "evil.example:8080", "a.b.c.evil-site.co", "1.evil.example", "x.xn--p1ai", "xn--bcher-kva.example",
    "b\u{FC}cher.example", "\u{4F8B}\u{3048}.\u{30C6}\u{30B9}\u{30C8}", "\u{2764}.ws", "evil_.example",
    "anna@evil", "anna@evil.example", "a+b@evil.example", "\"a\"@evil.example b@c",
    "192.0.2.1/x", "192.0.2.1:80", "\\\\server\\share",
    // Full stops that are none of ASCII, colons, slashes and at signs likewise.
    "evil\u{FF0E}example", "evil\u{3002}example", "evil\u{FF61}example", "evil\u{2024}example",
    "evil\u{FE52}example", "evil\u{FE12}example", "evil\u{A4F8}example",
    "http\u{FF1A}\u{FF0F}\u{FF0F}evil", "http:\u{2215}\u{2215}evil", "http\u{A789}//evil",
    "anna\u{FF20}evil", "anna\u{FE6B}evil",
    "\u{FF45}\u{FF56}\u{FF49}\u{FF4C}.\u{FF45}\u{FF58}",
    "\u{1D41E}\u{1D42F}\u{1D422}\u{1D425}.\u{1D41E}\u{1D431}",
    "\u{24E6}\u{24E6}\u{24E6}.x",
    // What cannot be seen in between.
    "evil.\u{200B}example", "evil\u{200D}.example", "evil.\u{AD}example", "evil.e\u{2060}xample",
    "evil.\u{202E}example", "ht\u{FEFF}tps://x", "evil.\u{180E}example", "evil.\u{FE0F}example",
    "evil.\u{E0061}example", "evil.\u{34F}example", "anna\u{200C}@\u{200C}evil", "evil.\u{115F}example",
    "e\u{301}vil.e\u{301}x",
  ])
  func `finds what a mail program makes a link of`(text: String) {
    #expect(LinkText.isIn(text))
    #expect(LinkText.isIn("Malm\u{F6}, \(text), Lund"))
  }

  @Test(arguments: [
    "", "Malm\u{F6}", "S\u{E3}o Paulo, Brazil", "Firefox 130.0.1", "10.30", "kl. 18:30", "18:30", "ca.10 km",
    "1.5", "192.0.2.1", "2026-11-21 05:22 UTC", "e.g. this", "p.m.", "U.S.A.", "Note: read this",
    "Ort:Malm\u{F6}",
    "a / b", "and/or", "C:", "\u{6771}\u{4EAC}\u{90FD}", "O'Brien & S\u{F6}ner", "wait... what", "what?!",
    "@ work",
    "AB12-34", "\u{1F469}\u{200D}\u{1F4BB} Anna", "www", "http", "\u{41F}\u{440}\u{430}\u{433}\u{430}.",
    "Dr. Svensson", "3.5kg", "v.2", "100 %", "#5", "\u{1F600}. Hej",
  ])
  func `leaves words, numbers and times alone`(text: String) {
    #expect(!LinkText.isIn(text))
  }
}
