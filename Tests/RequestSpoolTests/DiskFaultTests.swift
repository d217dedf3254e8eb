#if DEBUG
  import CodeRequests
  import Foundation
  import LinuxSystem
  import TestSupport
  import Testing

  @testable import RequestSpool

  /// Each system call of each step fails once: nothing is acknowledged that is not there, nothing is lost, and the same
  /// step works when the disk is mended.
  @Suite(.waits) struct DiskFaultTests {
    /// Lets the call with this number fail, counted from 1, and tells which it was.
    private func failing<Result>(
      _ number: Int, with code: Int32, _ body: () throws -> Result
    ) -> (result: Result?, failed: String?) {
      let state = Monitor((count: 0, failed: String?.none))
      let result = try? SystemFault.$injected.withValue(
        { call, subject in
          state.withLock { state in
            state.count += 1
            guard state.count == number else { return nil }
            state.failed = "\(call) \(subject)"
            return code
          }
        }, operation: body)
      return (result, state.withLock { $0.failed })
    }

    @Test(arguments: [
      (EIO, SpoolError.Code.io), (ENOSPC, .noSpace), (EDQUOT, .noSpace), (EROFS, .readOnly), (EMFILE, .busy),
    ])
    func `enqueueing that fails at any call leaves nothing behind and says why`(
      code: Int32, expected: SpoolError.Code
    ) throws {
      let fixture = try SpoolFixture()
      let request = try fixture.request()
      var calls: [String] = []
      for number in 1... {
        let requests = try (0..<2).map { _ in try fixture.request() }
        var thrown: SpoolError?
        let failed = failing(number, with: code) {
          do throws(SpoolError) { try fixture.spool.enqueue(requests, now: fixture.start) } catch {
            thrown = error
          }
        }.failed
        guard let failed else { break }
        calls.append(String(failed.prefix { $0 != " " }))
        #expect(thrown?.code == expected, "\(failed)")
        #expect(try fixture.names("tmp") == [], "\(failed)")
        #expect(try fixture.names("new") == [], "\(failed)")
      }
      for name in try fixture.names("new") { unlink("\(fixture.path)/new/\(name)") }
      #expect(Set(calls).isSuperset(of: ["open", "write", "fsync", "rename"]))
      try fixture.spool.enqueue(request, now: fixture.start)
      #expect(try fixture.names("new").count == 1)
    }

    private enum Step: String, CaseIterable {
      case remove, putAside, `defer`, deferSealed, rewrite, fail, reject
    }

    private func perform(_ step: Step, _ intake: SpoolIntake, _ entry: SpoolEntry) throws {
      switch step {
      case .remove: try intake.remove(entry)
      case .putAside: try intake.putAside(entry)
      case .defer: try intake.defer(entry, until: SpoolFixture.start + 60, attempts: 1)
      case .deferSealed:
        try intake.defer(
          entry, until: SpoolFixture.start + 60, attempts: 1, isPlain: true, bytes: { Array("{}".utf8) })
      case .rewrite:
        try intake.rewrite(entry, Array("{}".utf8))
        try intake.defer(entry, until: SpoolFixture.start + 60, attempts: 1)
      case .fail: try intake.fail(entry, reason: "550", keeping: Array("{}".utf8))
      case .reject: try intake.reject(entry, reason: "bad")
      }
    }

    @Test(
      arguments: ["remove", "putAside", "defer", "deferSealed", "rewrite", "fail", "reject"],
      [EIO, ENOSPC, EROFS])
    func `a step that fails at any call keeps its entry, and works when the disk is mended`(
      step: String, code: Int32
    ) throws {
      let step = try #require(Step(rawValue: step))
      var number = 1
      while true {
        let fixture = try SpoolFixture()
        let intake = try fixture.intake()
        try fixture.spool.enqueue(try fixture.request(), now: fixture.start)
        let entry = try #require(try intake.take().first)
        let (result, failed): (Void?, String?) = failing(number, with: code) {
          try perform(step, intake, entry)
        }
        guard let failed else { break }
        if result == nil {
          // Still in flight: neither lost nor handed out again.
          #expect(try intake.take().isEmpty, "\(failed)")
          #expect(!intake.isDrained, "\(failed)")
          #expect(try fixture.names("new") == [entry.name] || step == .remove, "\(failed)")
          try perform(step, intake, entry)
        }
        let places = try ["new", "deferred", "failed", "rejected"].map { folder in
          try fixture.names(folder).filter { !$0.hasSuffix(".reason") }.count
        }
        let expected =
          switch step {
          case .remove, .putAside: [0, 0, 0, 0]
          case .defer, .deferSealed, .rewrite: [0, 1, 0, 0]
          case .fail: [0, 0, 1, 0]
          case .reject: [0, 0, 0, 1]
          }
        #expect(places == expected, "\(failed)")
        #expect(try fixture.names("tmp").allSatisfy { $0.hasPrefix("done.") }, "\(failed)")
        // The worker that comes after a crash right here finds the same.
        #expect(try fixture.intake().take(at: fixture.start).isEmpty, "\(failed)")
        number += 1
      }
      #expect(number > 1, "no call was made to fail")
    }

    @Test func `a file that cannot be read is left alone for a while and holds up nobody`() throws {
      let fixture = try SpoolFixture()
      let intake = try fixture.intake()
      let requests = try (0..<3).map { _ in try fixture.request() }
      for (index, request) in requests.enumerated() {
        try fixture.spool.enqueue(request, now: fixture.start + Double(index))
      }
      let bad = requests[0].id.rawValue
      let batch = try intake.take(at: fixture.start + 3)
      SystemFault.$injected.withValue(
        { call, subject in call == "open" && subject.contains(bad) ? EIO : nil },
        operation: {
          for entry in batch {
            if (try? intake.read(entry)) == nil {
              intake.postpone(entry, until: SpoolFixture.start + 60)
            } else {
              _ = try? intake.remove(entry)
            }
          }
        })
      #expect(try fixture.names("new").count == 1)
      #expect(try intake.take(at: fixture.start + 59).isEmpty)
      #expect(!intake.isDrained)
      let again = try #require(try intake.take(at: fixture.start + 60).first)
      #expect(again.id?.rawValue == bad && again.queuedAt == fixture.start)
      #expect(try CodeRequest(json: intake.read(again).bytes).id.rawValue == bad)
      // A deferred one as well.
      try intake.defer(again, until: fixture.start + 61, attempts: 2)
      let deferred = try #require(try intake.take(at: fixture.start + 61).first)
      intake.postpone(deferred, until: fixture.start + 90)
      #expect(try intake.take(at: fixture.start + 89).isEmpty)
      #expect(try intake.take(at: fixture.start + 90).first?.attempts == 2)
    }

    @Test func `what cannot be reaped is looked at again an hour later`() throws {
      let fixture = try SpoolFixture()
      let path = "\(fixture.path)/tmp/old"
      try Data().write(to: URL(fileURLWithPath: path))
      try FileManager.default.setAttributes(
        [.modificationDate: fixture.start - 7200], ofItemAtPath: path)
      let intake = try fixture.intake()
      SystemFault.$injected.withValue(
        { call, _ in call == "unlink" ? EIO : nil }, operation: { _ = try? intake.take() })
      for (seconds, names) in [(3530.0, ["old"]), (3600, [])] {
        _ = try intake.take(at: fixture.start + seconds)
        #expect(try fixture.names("tmp") == names)
      }
    }

    @Test func `a queue that cannot be changed says so, keeps what it has moved, and can be asked again`()
      throws
    {
      let fixture = try SpoolFixture()
      let intake = try fixture.intake()
      let request = try fixture.request()
      // One waits and one has failed.
      try fixture.spool.enqueue(request, now: fixture.start)
      let entry = try #require(try intake.take().first)
      try intake.fail(entry, reason: "550", keeping: Array(try request.json()))
      try fixture.spool.enqueue(request, now: fixture.start + 1)
      let again = try #require(try intake.take(at: fixture.start + 1).first)
      try intake.defer(again, until: fixture.start + 60, attempts: 1)
      let error = SystemFault.$injected.withValue(
        { call, subject in call == "unlink" && subject.contains("/failed") ? EROFS : nil },
        operation: { #expect(throws: SpoolError.self) { try fixture.spool.retry(request.id) } })
      #expect(error?.code == .readOnly)
      #expect(try fixture.names("new") == [again.name], "the one that was moved before")
      #expect(try fixture.names("failed").count == 2)
      for isMoved in [true, false] {
        #expect(try fixture.spool.retry(request.id, now: fixture.start + 2) == isMoved)
        #expect(try fixture.names("new").count == 2)
      }
      for isRemoved in [true, false] { #expect(try fixture.spool.cancel(request.id) == isRemoved) }
      #expect(try fixture.names("new").isEmpty)
    }

    @Test func `a file that cannot be read is listed without its id or reason`() throws {
      let fixture = try SpoolFixture()
      try fixture.drop(String(decoding: try fixture.request().json(), as: UTF8.self), as: "by-hand.json")
      let intake = try fixture.intake()
      let entry = try #require(try intake.take().first)
      try intake.fail(entry, reason: "550", keeping: try intake.read(entry).bytes)
      for isReadable in [false, true] {
        let items = try SystemFault.$injected.withValue(
          { call, _ in call == "open" && !isReadable ? EIO : nil },
          operation: { try fixture.spool.items([.failed]) })
        #expect(items.map(\.fileName) == ["by-hand.json"])
        #expect(items.allSatisfy { ($0.id != nil) == isReadable && ($0.reason != nil) == isReadable })
      }
    }

    @Test func `a directory that cannot be read is an error at each call until it is mended`() throws {
      let fixture = try SpoolFixture()
      try fixture.spool.enqueue(try fixture.request(), now: fixture.start)
      let intake = try fixture.intake()
      for _ in 0..<3 {
        let error = SystemFault.$injected.withValue(
          { call, _ in call == "stat" ? EIO : nil },
          operation: { #expect(throws: SpoolError.self) { try intake.take() } })
        #expect(error?.code == .io)
      }
      #expect(try intake.take().count == 1)
    }
  }
#endif
