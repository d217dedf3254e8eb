import CodeRequests
import Foundation
import LinuxSystem
import Testing

@testable import MailWorker
@testable import RequestSpool

/// Ten minutes in which twice as many requests come as the relay takes, with a clock of their own: the intake's order and
/// lists, the admission window and its limit on the inbox are the worker's, the disk and the relay are not.
private struct Overload {
  let perSecond: Int
  let deadline: Double
  private var settings = IntakeSettings()
  private var intake: IntakeState
  private let began = ContinuousClock.now
  private let noon = Date(unixMilliseconds: 1_795_238_400_000)
  private var seconds = 0.0
  /// The spool: what has come and not ended.
  private var files: [String: Int64] = [:]
  private var window: AdmissionWindow
  private var inbox: [SpoolEntry] = []
  private var lanes: [SpoolEntry] = []
  /// Of the mails that went out, in seconds.
  private(set) var ages: [Double] = []
  private(set) var expired = 0
  private(set) var offered = 0
  /// The most names and requests in memory.
  private(set) var mostHeld = 0

  init(perSecond: Int, order: SpoolOrder = .adaptive, deadline: Double = 600, capacity: Int = 131_072) {
    self.perSecond = perSecond
    self.deadline = deadline
    settings.order = order
    settings.capacity = capacity
    settings.sweepAfter = .seconds(deadline)
    intake = IntakeState(
      fresh: CandidateList(keepFirst: capacity, keepLast: settings.minorCapacity),
      waiting: CandidateList(keepFirst: capacity, keepLast: 0))
    window = AdmissionWindow(most: 576, now: began)
  }

  private var now: Date { noon.addingTimeInterval(seconds) }
  var waiting: Int { files.count }

  mutating func run() {
    let step = 0.05
    var (arriving, sending) = (0.0, 0.0)
    while seconds < 600 {
      seconds += step
      arriving += 2 * Double(perSecond) * step
      while arriving >= 1 {
        arriving -= 1
        arrive()
      }
      sending += Double(perSecond) * step
      var settled = 0
      while sending >= 1, !lanes.isEmpty {
        settled += 1
        let entry = lanes.removeFirst()
        let age = now.timeIntervalSince(entry.queuedAt)
        // As a lane looks at the deadline before it begins.
        if age >= deadline {
          expired += 1
        } else {
          ages.append(age)
          sending -= 1
        }
        end(entry)
      }
      sending = min(sending, 1)
      window.note(settled: settled, at: began + .seconds(seconds))
      pass()
    }
  }

  private mutating func arrive() {
    offered += 1
    let rank = now.unixMilliseconds
    let name = "\(rank).r\(offered).json"
    files[name] = rank
    intake.fresh.insert(rank: rank, name: name)
  }

  private mutating func end(_ entry: SpoolEntry) {
    files[entry.name] = nil
    _ = intake.land(entry)
  }

  /// Hands on what there is room for, as intake and ledger do.
  private mutating func pass() {
    while true {
      let room = min(512, window.size) - inbox.count
      var isMoved = false
      if room > 0 {
        guard
          let batch = intake.take(max: min(64, room), now: now, settings: settings, locate: { _, _ in nil })
        else {
          scan()
          continue
        }
        inbox += batch
        isMoved = !batch.isEmpty
      }
      mostHeld = max(mostHeld, intake.fresh.count + inbox.count + lanes.count)
      while lanes.count < window.size, !inbox.isEmpty {
        let entry = inbox.removeFirst()
        isMoved = true
        if now.timeIntervalSince(entry.queuedAt) < deadline {
          lanes.append(entry)
        } else {
          expired += 1
          end(entry)
        }
      }
      if !isMoved { return }
    }
  }

  private mutating func scan() {
    var scan = CandidateScan(
      capacity: settings.capacity + intake.flights.count,
      minor: settings.minorCapacity + intake.flights.count,
      staleBefore: now.unixMilliseconds - settings.staleAfter.milliseconds)
    for (name, rank) in files {
      var name = name
      name.withUTF8 { scan.add(rank: rank, name: UnsafeRawBufferPointer($0)) }
    }
    intake.fresh = CandidateList(keepFirst: settings.capacity, keepLast: settings.minorCapacity)
    intake.install(fresh: scan.finish(), waiting: CandidateList(keepFirst: settings.capacity, keepLast: 0))
  }

  /// The part of the mails sent that were younger than half a minute.
  var young: Double { Double(ages.count { $0 < 30 }) / Double(max(ages.count, 1)) }
}

@Suite struct OverloadTests {
  @Test(arguments: [(2, 600.0), (20, 600), (150, 600), (20, 120)])
  func `twice what the relay takes, for ten minutes: nearly all that goes out is fresh, nothing is late`(
    perSecond: Int, deadline: Double
  ) {
    var overload = Overload(perSecond: perSecond, deadline: deadline)
    overload.run()
    #expect(overload.young >= 0.8, "\(overload.young)")
    #expect(overload.ages.allSatisfy { $0 < deadline })
    #expect(overload.ages.count >= perSecond * 590, "the relay is never left without work")
    #expect(overload.ages.count + overload.expired + overload.waiting == overload.offered)
    if deadline < 600 { #expect(overload.expired > 0, "what is late reaches its outcome") }
  }

  @Test func `holds a bounded number of names, whatever waits`() {
    var overload = Overload(perSecond: 20, capacity: 512)
    overload.run()
    #expect(overload.waiting > 8000)
    #expect(overload.mostHeld < 2000, "\(overload.mostHeld)")
    #expect(overload.young >= 0.8, "\(overload.young)")
    #expect(overload.ages.count + overload.expired + overload.waiting == overload.offered)
  }

  @Test func `oldest first alone would send stale mail`() {
    var overload = Overload(perSecond: 20, order: .oldestFirst)
    overload.run()
    #expect(overload.young < 0.3)
  }
}

@Suite struct AdmissionWindowTests {
  private let began = ContinuousClock.now

  @Test func `opens with a few, and fast where the relay takes all at once`() {
    var window = AdmissionWindow(most: 576, now: began)
    #expect(window.size == 8)
    var rounds = 0
    while window.size < 576 {
      rounds += 1
      window.note(settled: window.size, at: began + .milliseconds(5 * rounds))
    }
    #expect(rounds <= 5)
  }

  @Test(arguments: [1, 10, 100])
  func `lets in what the relay takes in two seconds, and a few`(perSecond: Int) {
    var window = AdmissionWindow(most: 576, now: began)
    for index in 0..<(5 * perSecond) {
      window.note(settled: 1, at: began + .seconds(Double(index) / Double(perSecond)))
    }
    #expect((8 + 2 * perSecond * 3 / 4...8 + 2 * perSecond + 2).contains(window.size), "\(window.size)")
  }

  @Test func `closes again within a second of silence`() {
    var window = AdmissionWindow(most: 576, now: began)
    window.note(settled: 500, at: began + .milliseconds(100))
    window.note(at: began + .milliseconds(900))
    #expect(window.size == 576)
    window.note(at: began + .milliseconds(1001))
    #expect(window.size == 8)
    window.note(settled: 4, at: began + .seconds(3600))
    #expect(window.size == 16)
  }
}
