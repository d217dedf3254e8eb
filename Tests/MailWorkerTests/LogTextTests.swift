import Testing

@testable import MailWorker

/// What the last look at a log's text leaves and takes.
@Suite struct LogTextTests {
  @Test(arguments: [
    "relay: no answer in time (Operation timed out after 6000 milliseconds with 0 bytes received)",
    "mx.example.org:2525: 421 4.3.2 too many connections, limit 1000, try again in 3600 seconds",
    "the message has 35882577 bytes; the relay takes at most 26214400",
  ])
  func `times, ports, codes and sizes are shown`(_ text: String) {
    #expect(LogText.guarded(text) == text)
  }

  @Test func `addresses and ids are not`() {
    #expect(
      LogText.guarded("anna@example.org in 1795238400000.AbCdEfGhIjKlMnOpQrStUv.json")
        == "a•••@example.org in 1795238400000.AbCdEfGh….json")
    #expect(LogText.guarded("GET /?to=anna%40example.org: 100%") == "GET /?•••%40example.org: 100%")
    #expect(LogText.guarded("<anna＠example.org> 40%, ﬁne") == "<a•••＠example.org> 40%, ﬁne")
  }
}
