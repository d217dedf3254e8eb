import CodeRequests
import Foundation
import LinuxSystem
import TestSupport
import Testing

@testable import SMTPSink

@Suite(.waits) struct SinkStoreTests {
  private func storingSink(
    _ path: String, onFault: (@Sendable (SinkFault) -> Void)? = nil
  ) throws -> (SinkServer, SinkStore) {
    var settings = SinkSettings()
    let store = try SinkStore(directory: path)
    settings.store = store
    let server = try SinkServer(settings: settings, onFault: onFault)
    try server.start()
    return (server, store)
  }

  @Test func `keeps each message as it came, with what it learned beside it`() throws {
    let directory = try TemporaryDirectory()
    let (server, store) = try storingSink(directory.path + "/mail")
    let client = try RawClient.ready(server)
    _ = client.ask("AUTH PLAIN AGFubmEAeA==")
    let before = Date()
    let content =
      "Subject: =?utf-8?Q?Din_kod_f=C3=B6r?=\r\n =?utf-8?B?IGluIMOlaQ==?=\r\n\r\nHej\r\n\r\n 012345 \r\n"
    #expect(client.deliver(to: "anna@example.org", content).last == "250")
    let message = try #require(try store.messages().first)
    #expect(message.number == 1)
    #expect(message.file == directory.path + "/mail/1.eml")
    #expect(try Data(contentsOf: URL(fileURLWithPath: message.file)) == Data(content.utf8))
    #expect(message.from == "a@b.example")
    #expect(message.to == "anna@example.org")
    #expect(message.recipients == ["anna@example.org"])
    #expect(message.subject == "Din kod för in åi")
    #expect(message.code == "012345")
    #expect(message.ehlo == "client.example")
    #expect(message.user == "anna")
    #expect(message.client.hasPrefix("127.0.0.1:"))
    #expect(message.size == content.utf8.count)
    #expect(message.receivedAt.unixMilliseconds >= before.unixMilliseconds && message.receivedAt <= Date())
    #expect(
      message.timings.connection >= message.timings.mail && message.timings.mail >= message.timings.data)
    // A person reads it as well, and any other program.
    let text = try String(contentsOfFile: directory.path + "/mail/1.json", encoding: .utf8)
    let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(object["file"] as? String == "1.eml")
    #expect(object["code"] as? String == "012345")
    #expect(text.hasSuffix("}\n"))
    #expect(try Directory(store.path).names() == ["1.eml", "1.json"])
    var status = stat()
    #expect(stat(directory.path + "/mail/1.json", &status) == 0 && status.st_mode & 0o077 == 0)
  }

  @Test func `goes on counting after a restart, also behind a message that was never finished`() throws {
    let directory = try TemporaryDirectory()
    for expected in [1, 2] {
      let (server, store) = try storingSink(directory.path)
      #expect(try RawClient.ready(server).deliver(to: "a@b.example").last == "250")
      #expect(try store.messages().map(\.number) == Array(1...expected))
    }
    try Data().write(to: URL(fileURLWithPath: directory.path + "/7.eml"))
    let (server, store) = try storingSink(directory.path)
    #expect(try RawClient.ready(server).deliver(to: "a@b.example").last == "250")
    #expect(try store.messages().map(\.number) == [1, 2, 8])
  }

  @Test func `shares a store with another sink without losing a message`() throws {
    let directory = try TemporaryDirectory()
    let (first, store) = try storingSink(directory.path)
    let (second, _) = try storingSink(directory.path)
    let threads = try [first, second, first, second].enumerated().map { index, server in
      let client = try RawClient.ready(server)
      return try LinuxThread("client") {
        for number in 0..<50 { #expect(client.deliver(to: "u\(index)-\(number)@b.example").last == "250") }
      }
    }
    for thread in threads { thread.join() }
    let messages = try store.messages()
    #expect(messages.map(\.number) == Array(1...200))
    #expect(Set(messages.map(\.to)).count == 200)
    #expect(try Directory(store.path).names().count == 400)
  }

  @Test(arguments: [
    (#""a b"@b.example"#, #""a\ b"@B.example"#), ("a..b@b.example", #""a..b"@b.example"#),
    (#""a..b"@b.example"#, "a..b@b.example"), (#"@r.example:a.@b.example"#, "a.@b.example"),
    (#""plain"@b.example"#, "Plain@b.example"),
  ])
  func `finds a message by its recipient in any spelling`(sent: String, asked: String) throws {
    let directory = try TemporaryDirectory()
    let (server, store) = try storingSink(directory.path)
    #expect(try RawClient.ready(server).deliver(to: sent).last == "250")
    #expect(try store.wait(to: asked, timeout: .zero) != nil)
    #expect(try store.wait(to: "other@b.example", timeout: .zero) == nil)
  }

  @Test func `finds a free number behind a sink that is far ahead`() throws {
    let directory = try TemporaryDirectory()
    let (server, store) = try storingSink(directory.path)
    for number in 1...500 { try Data().write(to: URL(fileURLWithPath: "\(directory.path)/\(number).eml")) }
    #expect(try RawClient.ready(server).deliver(to: "a@b.example").last == "250")
    #expect(try store.messages().map(\.number) == [501])
  }

  @Test func `answers 451 where it cannot store, keeps no half of a message, and recovers`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/mail"
    let fault = Monitor<SinkFault?>(nil)
    let (server, store) = try storingSink(path) { told in fault.withLock { $0 = told } }
    let client = try RawClient.ready(server)
    // The directory goes away under it.
    try FileManager.default.moveItem(atPath: path, toPath: path + "-away")
    try FileManager.default.removeItem(atPath: path + "-away")
    #expect(client.deliver(to: "a@b.example") == ["250", "250", "354", "451"])
    _ = client.ask("NOOP")
    let told = try #require(fault.withLock { $0 })
    #expect("\(told)".hasPrefix("\(path): a message could not be stored: open "))
    #expect(throws: SinkFault.self) { try store.wait(timeout: .zero) }
  }

  @Test func `says why a path is no store`() throws {
    let fault = #expect(throws: SinkFault.self) { try SinkStore(directory: "/proc/version/mail") }
    #expect("\(try #require(fault))".hasPrefix("/proc/version/mail: cannot be used as a message store: "))
    #expect(throws: SinkFault.self) { try SinkStore(directory: "") }
  }

  @Test func `passes over files that are no messages`() throws {
    let directory = try TemporaryDirectory()
    let (server, store) = try storingSink(directory.path)
    for name in ["1.json", "2.json", "x.json", "01.json", "-3.json", "4.json.bak", "README"] {
      try Data("{".utf8).write(to: URL(fileURLWithPath: "\(directory.path)/\(name)"))
    }
    #expect(mkfifo(directory.path + "/5.json", 0o600) == 0)
    try FileManager.default.createSymbolicLink(
      atPath: directory.path + "/6.json", withDestinationPath: "/dev/zero")
    #expect(try RawClient.ready(server).deliver(to: "a@b.example").last == "250")
    let numbers = try store.messages().map(\.number)
    #expect(numbers.count == 1)
    #expect(try store.wait(timeout: patience)?.number == numbers.first)
  }

  @Test func `waits for a message to come, and for the right one`() throws {
    let directory = try TemporaryDirectory()
    let (server, store) = try storingSink(directory.path)
    let client = try RawClient.ready(server)
    #expect(try store.wait(timeout: .zero) == nil)
    let found = Monitor<[StoredMessage?]>([])
    let begun = Monitor(false)
    let waiter = try LinuxThread("waiter") {
      begun.change { $0 = true }
      let message = try? store.wait(to: "ANNA@example.org", timeout: patience)
      found.change { $0.append(message) }
    }
    _ = begun.wait { $0 ? true : nil }
    #expect(client.deliver(to: "bo@example.org").last == "250")
    #expect(found.withLock { $0.isEmpty })
    _ = client.ask("MAIL FROM:<>")
    _ = client.ask("RCPT TO:<bo@example.org>")
    _ = client.ask("RCPT TO:<Anna@example.org>")
    _ = client.ask("DATA")
    #expect(client.ask("Subject: second\r\n\r\n5678\r\n.")?.hasPrefix("250 ") == true)
    waiter.join()
    let message = try #require(found.withLock { $0.first ?? nil })
    #expect(message.to == "Anna@example.org")
    #expect(message.subject == "second")
    #expect(message.code == "5678")
    #expect(message.file == directory.path + "/2.eml")
  }

  @Test func `finds the newest message that is there, and none from before the time given`() throws {
    let directory = try TemporaryDirectory()
    let (server, store) = try storingSink(directory.path)
    let client = try RawClient.ready(server)
    #expect(client.deliver(to: "a@b.example", "Subject: 1\r\n\r\n").last == "250")
    let between = Date()
    #expect(client.deliver(to: "a@b.example", "Subject: 2\r\n\r\n").last == "250")
    #expect(client.deliver(to: "b@b.example", "Subject: 3\r\n\r\n").last == "250")
    #expect(try store.wait(to: "a@b.example", timeout: .zero)?.subject == "2")
    #expect(try store.wait(timeout: .zero)?.subject == "3")
    // Not lost although the store's times have no more than milliseconds.
    #expect(try store.wait(to: "a@b.example", since: between, timeout: .zero)?.subject == "2")
    #expect(try store.wait(since: Date(timeIntervalSinceNow: 60), timeout: .milliseconds(20)) == nil)
  }

  @Test func `parts what came before a moment from what came after it to the microsecond`() throws {
    let directory = try TemporaryDirectory()
    let (server, store) = try storingSink(directory.path)
    #expect(try RawClient.ready(server).deliver(to: "a@b.example").last == "250")
    server.stop()
    let file = "\(directory.path)/1.json"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    #expect(text.contains(#/"receivedAt":"[0-9T:-]{19}\.[0-9]{6}Z"/#), "\(text)")
    func wait(_ received: String, _ since: String) throws -> Bool {
      let written = text.replacing(
        #/"receivedAt":"[^"]*"/#, with: "\"receivedAt\":\"2026-12-01T10:00:00.\(received)Z\"")
      try written.write(toFile: file, atomically: true, encoding: .utf8)
      return try store.wait(since: Date(rfc3339: "2026-12-01T10:00:00\(since)Z"), timeout: .zero) != nil
    }
    // The same millisecond.
    #expect(try !wait("123400", ".123401"))
    #expect(try wait("123400", ".123400") && wait("123400", ".123399") && wait("123400", ".123400500"))
    // A clock that is read in milliseconds or seconds is rounded down, so that nothing is missed.
    #expect(try wait("123400", ".123") && wait("123400", "") && !wait("123400", ".124"))
    // From a store of before.
    #expect(try wait("123", ".123") && !wait("122", ".123"))
  }

  @Test func `stops waiting when the store is removed`() throws {
    let directory = try TemporaryDirectory()
    let store = try SinkStore(directory: directory.path + "/mail")
    let ended = Monitor(false)
    let begun = Monitor(false)
    let waiter = try LinuxThread("waiter") {
      begun.change { $0 = true }
      #expect(throws: SinkFault.self) { try store.wait(timeout: patience) }
      ended.change { $0 = true }
    }
    _ = begun.wait { $0 ? true : nil }
    rmdir(directory.path + "/mail")
    #expect(ended.wait(timeout: patience) { $0 ? true : nil } == true)
    waiter.join()
  }
}

extension SinkStore {
  /// All messages, oldest first.
  fileprivate func messages() throws -> [StoredMessage] {
    let directory = try Directory(path)
    return try numbers(in: directory).sorted().compactMap { read($0, from: directory) }
  }
}
