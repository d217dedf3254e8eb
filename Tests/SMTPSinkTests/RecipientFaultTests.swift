import TestSupport
import Testing

@testable import SMTPSink

@Suite(.waits) struct RecipientFaultTests {
  @Test(
    arguments: [
      ("rcpt-550", .rcpt(.init(code: 550, enhanced: ""))),
      ("RCPT-550-5.1.1", .rcpt(.init(code: 550, enhanced: " 5.1.1"))),
      ("rcpt-250+free+more", .rcpt(.init(code: 250, enhanced: ""))),
      ("data-451-4.7.1+x", .data(.init(code: 451, enhanced: " 4.7.1"))), ("greylist-3", .greylist(3)),
      ("drop-rcpt", .drop(.rcpt)), ("drop-data+1", .drop(.data)), ("drop-dot", .drop(.dot)),
      ("slow-2s", .slow(.seconds(2))), ("slow-20ms+x", .slow(.milliseconds(20))), ("quota-10", .quota(10)),
      ("anna", nil), ("anna+rcpt-550", nil), ("data", nil), ("", nil), ("-", nil), ("anna-maria", nil),
    ] as [(String, RecipientFault?)])
  func `reads the table of the contract and nothing else`(_ name: String, _ expected: RecipientFault?) {
    #expect(RecipientFault(localPart: name.utf8) == expected)
  }

  @Test(
    arguments: [
      ("rcpt-", .rcpt), ("rcpt-55", .rcpt), ("rcpt-5500", .rcpt), ("rcpt-abc", .rcpt), ("rcpt-199", .rcpt),
      ("rcpt-600", .rcpt), ("rcpt-550-5.1", .rcpt), ("rcpt-550-5.1.x", .rcpt), ("rcpt-550-5.1.1-1", .rcpt),
      ("rcpt--50", .rcpt), ("rcpt-5O0", .rcpt), ("RCPT-x+anna", .rcpt), ("rctp-550", .rcpt),
      ("rcpt_550", .rcpt),
      ("rcpt550", .rcpt), ("rcpt.550", .rcpt), ("rcpt_550_5.1.1", .rcpt), ("data-55", .data),
      ("data-45l", .data),
      ("data_451", .data), ("dta-451", .data), ("greylist-x", .greylist), ("greylist-1234567", .greylist),
      ("greylst-1", .greylist), ("graylist-1", .greylist), ("grey-list-1", .greylist),
      ("greylist1", .greylist),
      ("greylist-two", .greylist), ("drop-mail", .drop), ("drop-rctp", .drop), ("drop-dat", .drop),
      ("drop-", .drop),
      ("drop_rcpt", .drop), ("dropdot", .drop), ("dorp-data", .drop), ("slow-2", .slow), ("slow-2sec", .slow),
      ("slow_2s", .slow), ("slow2s", .slow), ("slwo-2s", .slow), ("slow-5m", .slow), ("quota-", .quota),
      ("quota-x", .quota), ("qouta-3", .quota), ("quota3", .quota),
      // Names that people have.
      ("data-protection", nil), ("slow-food", nil), ("drop-box", nil), ("drop-off", nil), ("slow-s", nil),
      ("data", nil),
      ("quotas", nil), ("dana-maria", nil), ("date-2024", nil), ("raft-250", nil), ("dave-300", nil),
      ("g.reylist", nil),
      ("sales-1", nil), ("dropbox", nil), ("rcpt", nil), ("greylist", nil), ("anna-rcpt-550", nil),
      ("ръчно-1", nil),
    ] as [(String, FaultSpelling?)])
  func `knows a fault that is misspelt from a name`(_ name: String, _ expected: FaultSpelling?) {
    #expect(RecipientFault(localPart: name.utf8) == expected.map { .misspelt($0) })
  }

  @Test func `refuses a fault that is misspelt, and says how it is written`() throws {
    let client = try RawClient.ready(try startedSink())
    _ = client.ask("MAIL FROM:<a@b.example>")
    #expect(
      client.ask("RCPT TO:<slow-2@b.example>")
        == "550 5.1.3 No such fault; expected slow-Ns or slow-Nms, as in slow-2s")
    #expect(client.ask("DATA")?.hasPrefix("554 ") == true)
  }

  @Test(arguments: [
    ("rcpt-550-5.1.1@b.example", "550 5.1.1 "), ("rcpt-451@b.example", "451 As "),
    ("rcpt-250@b.example", "250 As "),
    ("RCPT-452-4.2.2+anna@b.example", "452 4.2.2 "),
  ])
  func `answers RCPT as asked`(_ recipient: String, _ expected: String) throws {
    let client = try RawClient.ready(try startedSink())
    _ = client.ask("MAIL FROM:<a@b.example>")
    #expect(client.ask("RCPT TO:<\(recipient)>")?.hasPrefix(expected) == true)
    #expect(client.ask("DATA")?.prefix(4) == (expected.hasPrefix("2") ? "354 " : "554 "))
  }

  @Test func `answers the final dot as asked, and keeps no such message`() throws {
    let received = Received()
    let client = try RawClient.ready(try startedSink(onMessage: received.add))
    #expect(client.deliver(to: "data-554-5.7.1@b.example") == ["250", "250", "354", "554"])
    #expect(client.deliver(to: "data-451@b.example") == ["250", "250", "354", "451"])
    #expect(received.all.isEmpty)
    #expect(client.deliver(to: "data-251@b.example") == ["250", "250", "354", "251"])
    #expect(received.all.count == 1)
  }

  @Test(arguments: ["rcpt-421@b.example", "data-421-4.3.2@b.example"])
  func `closes after a 421`(_ recipient: String) throws {
    let client = try RawClient.ready(try startedSink())
    #expect(client.deliver(to: recipient).last == "421")
    #expect(client.isAtEnd)
  }

  @Test func `greylists an address the first times, each address by itself`() throws {
    let server = try startedSink()
    func attempt(_ recipient: String) throws -> String? {
      let client = try RawClient.ready(server)
      _ = client.ask("MAIL FROM:<a@b.example>")
      return client.ask("RCPT TO:<\(recipient)>").map { String($0.prefix(9)) }
    }
    #expect(try attempt("greylist-2+anna@b.example") == "451 4.7.1")
    #expect(try attempt("greylist-2+bo@b.example") == "451 4.7.1")
    #expect(try attempt("greylist-2+anna@b.example") == "451 4.7.1")
    #expect(try attempt("greylist-2+anna@b.example") == "250 2.1.5")
    #expect(try attempt("greylist-2+anna@b.example") == "250 2.1.5")
    #expect(try attempt("greylist-2+bo@b.example") == "451 4.7.1")
    #expect(try attempt("greylist-0@b.example") == "250 2.1.5")
  }

  @Test(arguments: [
    ("drop-rcpt@b.example", ["250"], 0), ("drop-data@b.example", ["250", "250"], 0),
    ("drop-dot@b.example", ["250", "250", "354"], 1),
  ])
  func `drops the connection where asked`(_ recipient: String, _ replies: [String], _ kept: Int) throws {
    let received = Received()
    let client = try RawClient.ready(try startedSink(onMessage: received.add))
    #expect(client.deliver(to: recipient) == replies)
    #expect(client.isAtEnd)
    #expect(received.all.count == kept)
  }

  @Test func `answers what came before a drop`() throws {
    let client = try RawClient.ready(try startedSink())
    client.send("MAIL FROM:<a@b.example>\r\nRCPT TO:<drop-data@b.example>\r\nDATA\r\n")
    #expect(client.replies(3).map { String($0.prefix(3)) } == ["250", "250"])
  }

  @Test func `is slow with the final reply, and with nobody else's`() throws {
    let received = Received()
    let server = try startedSink(onMessage: received.add)
    let slow = try RawClient.ready(server)
    let quick = try RawClient.ready(server)
    let clock = ContinuousClock()
    let start = clock.now
    func ask(_ time: String, _ client: RawClient) {
      client.send("MAIL FROM:<a@b.example>\r\nRCPT TO:<slow-\(time)@b.example>\r\nDATA\r\nx\r\n.\r\nNOOP\r\n")
      #expect(client.replies(3).last?.hasPrefix("354 ") == true)
    }
    let slowest = try RawClient.ready(server)
    ask("60s", slowest)
    ask("300ms", slow)
    #expect(quick.deliver(to: "a@b.example").last == "250")
    #expect(slow.replies(2).map { String($0.prefix(9)) } == ["250 2.0.0", "250 2.0.0"])
    #expect(clock.now - start >= .milliseconds(300))
    #expect(clock.now - start < .seconds(60), "nobody waited for the slowest")
    #expect(received.all.count == 3)
  }

  @Test func `gives a slow reply although it is the last one`() throws {
    let client = try RawClient.ready(try startedSink())
    client.send(
      "MAIL FROM:<a@b.example>\r\nRCPT TO:<slow-20ms@b.example>\r\nRCPT TO:<data-421@b.example>\r\nDATA\r\n.\r\n"
    )
    #expect(client.replies(6).map { String($0.prefix(3)) } == ["250", "250", "250", "354", "421"])
  }

  @Test func `takes so many messages on a connection, then closes it`() throws {
    let server = try startedSink()
    let client = try RawClient.ready(server)
    #expect(client.deliver(to: "quota-2@b.example").last == "250")
    #expect(client.deliver(to: "quota-2@b.example").last == "250")
    #expect(client.deliver(to: "anna@b.example") == ["421"])
    #expect(client.isAtEnd)
    let next = try RawClient.ready(server)
    #expect(next.deliver(to: "quota-2@b.example").last == "250")
    #expect(next.deliver(to: "quota-0@b.example") == ["250", "421"])
  }

  @Test func `draws the same random faults from the same seed, whatever the order`() {
    func faults(seed: UInt64, rate: Double, _ numbers: some Sequence<Int>) -> [Int: RecipientFault] {
      var plan = FaultPlan(rate: rate, seed: seed)
      var faults: [Int: RecipientFault] = [:]
      for number in numbers {
        faults[number] = Array("user\(number)@b.example".utf8).withUnsafeBytes { plan.fault(for: $0) }
      }
      return faults
    }
    let first = faults(seed: 7, rate: 0.2, 0..<2000)
    #expect(first == faults(seed: 7, rate: 0.2, (0..<2000).reversed()))
    #expect(first != faults(seed: 8, rate: 0.2, 0..<2000))
    #expect((300...500).contains(first.count))
    #expect(faults(seed: 7, rate: 0, 0..<2000).isEmpty)
    #expect(faults(seed: 7, rate: 1, 0..<2000).count == 2000)
  }

  @Test func `lets a transaction through that met a random fault before`() {
    var plan = FaultPlan(rate: 0.5, seed: 1)
    let address = Array("anna@b.example".utf8)
    let attempts = (0..<64).map { _ in address.withUnsafeBytes { plan.fault(for: $0) } }
    #expect(attempts.contains(nil))
    #expect(attempts.contains { $0 != nil })
  }
}
