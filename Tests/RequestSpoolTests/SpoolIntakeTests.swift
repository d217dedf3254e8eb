import CodeRequests
import Foundation
import LinuxSystem
import Testing
import TestSupport

@testable import RequestSpool

struct SpoolIntakeTests {
  @Test func `hands out what was enqueued, once, oldest first`() throws {
    let directory = try TemporaryDirectory()
    let spool = try Spool(at: directory.path + "/spool")
    let intake = try SpoolIntake(spool)
    let start = Date(unixMilliseconds: 1_800_000_000_000)
    let requests = try (0..<5).map { _ in CodeRequest(recipient: try EmailAddress("anna@example.org")) }
    for (index, request) in requests.enumerated() {
      try spool.enqueue(request, now: start + Double(4 - index))
    }
    let batch = try intake.next(max: 10, now: { start + 5 }, timeout: .zero)
    #expect(batch.map(\.id) == requests.reversed().map(\.id))
    #expect(try intake.next(max: 10, now: { start + 5 }, timeout: .zero).isEmpty)
    let bytes = try intake.read(batch[0])
    #expect(try CodeRequest(json: Data(bytes)).id == requests[4].id)
    try intake.remove(batch[0])
    #expect(try intake.defer(batch[1], until: start + 20, attempts: 1))
    #expect(!intake.isDrained)
    #expect(try intake.next(max: 10, now: { start + 19 }, timeout: .zero).isEmpty)
    let again = try intake.next(max: 10, now: { start + 20 }, timeout: .zero)
    #expect(again.map(\.attempts) == [1])
    #expect(again[0].queuedAt == start + 1)
    try intake.remove(again[0])
    for entry in batch[2...] { try intake.remove(entry) }
    #expect(intake.isDrained)
    try intake.sync()
  }
}
