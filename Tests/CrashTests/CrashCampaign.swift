import CodeRequests
import Foundation
import LinuxSystem
import TestSupport

/// One installation, many kills: what is enqueued and what kills the workers follows from a seed. The schedule of
/// threads and processes does not, so a seed says what was tried, not what will happen again.
struct CrashCampaign {
  private let seed: UInt64
  private var random: SplitMix
  private let rig: CrashRig
  private var people = 0

  struct Result: Sendable {
    let seed: UInt64
    let kills: Int
    let steps: Set<FailPoint>
    let breaches: [Breach]
    let story: [String]
  }

  init(seed: UInt64) throws {
    self.seed = seed
    random = SplitMix(state: seed)
    rig = try CrashRig()
  }

  /// Steps that a worker passes.
  static let workerSteps: [FailPoint] = [
    .requestRead, .rejectionMoved, .admissionUncommitted, .admissionCommitted, .admissionSynced,
    .mailRendered, .envelopeSent, .messageAwaited, .messageHalfSent, .messageSent, .messageAnswered,
    .settlementUncommitted,
    .settlementCommitted, .settlementSynced, .deferralRenamed, .reasonWritten, .remainsWritten, .removalDue,
    .fileRemoved,
  ]
  /// Steps of who enqueues.
  static let requestSteps: [FailPoint] = [
    .requestWritten, .requestSynced, .requestRenamed, .requestDurable,
  ]

  /// - Parameter steps: what kills, as far as it goes; then chance decides.
  mutating func run(_ steps: [FailPoint], kills: Int) throws -> Result {
    var steps = steps
    var reached: Set<FailPoint> = []
    // What is not reached ends by itself and is no kill.
    for _ in 0..<kills * 2 where rig.kills.count < kills {
      try enqueue(oddNames: steps.first == .rejectionMoved)
      // The first time round: who enqueues passes each of its steps once, and so do some of the worker's.
      let kill: Kill = steps.isEmpty ? chance() : .step(steps.removeFirst(), 1)
      if case .step(let step, _) = kill, Self.requestSteps.contains(step) {
        let before = rig.kills.count
        try rig.enqueue(to: person(), kill)
        if rig.kills.count > before { reached.insert(step) }
      } else if try rig.work(kill), case .step(let step, _) = kill {
        reached.insert(step)
      }
    }
    let evidence = try rig.finish()
    return Result(
      seed: seed, kills: rig.kills.count, steps: reached, breaches: try rig.check(evidence), story: rig.story)
  }

  private mutating func chance() -> Kill {
    switch Int.random(in: 0..<10, using: &random) {
    case 0..<3: .step(Self.workerSteps.randomElement(using: &random)!, .random(in: 1...6, using: &random))
    case 3: .step(.systemCall, .random(in: 1...400, using: &random))
    case 4..<6: .anyStep(.random(in: 1...80, using: &random))
    case 6: .outcome(.random(in: 1...6, using: &random))
    default: .moment(.random(in: 20_000...200_000, using: &random))
    }
  }

  private mutating func person(_ fault: String = "") -> String {
    people += 1
    return "\(fault)guest.number\(people)@example.org"
  }

  /// A few requests of each kind that a worker has to cope with.
  private mutating func enqueue(oddNames: Bool) throws {
    var batch: [EnqueuedRequest] = []
    func add(
      _ recipient: String, or alternatives: Set<String> = [], isSent: Bool = true, deadline: Date? = nil,
      code: String? = nil, isSilent: Bool = false
    ) {
      batch.append(
        EnqueuedRequest(
          id: RequestID.random().rawValue, recipient: recipient, alternatives: alternatives,
          isSentPossible: isSent, deadline: deadline, code: code, isSilent: isSilent))
    }
    for _ in 0..<Int.random(in: 1...4, using: &random) { add(person()) }
    add(person("slow-\(Int.random(in: 20...120, using: &random))ms+"))
    add(person("greylist-1+"))
    if Bool.random(using: &random) { add(person("data-554+"), or: ["failed"], isSent: false) }
    if Bool.random(using: &random) { add(person("rcpt-550+"), or: ["failed"], isSent: false) }
    if Bool.random(using: &random) {
      add(person("drop-dot+"), or: ["failed"], isSent: false, isSilent: true)
    }
    if Bool.random(using: &random) {
      let left = Double.random(in: 0...0.3, using: &random)
      add(person(), or: ["expired"], deadline: Date(timeIntervalSinceNow: left))
    }
    if !rig.kills.isEmpty, FileManager.default.fileExists(atPath: "\(rig.scratch.state)/keys/1.key") {
      add(person(), code: String(Int.random(in: 100_000...999_999, using: &random)))
    }
    try rig.enqueue(batch)
    // What is no request: by what it holds, and by its name.
    for name in ["odd\(people).json", "odd \(people).json", "odd too \(people).json"]
    where Bool.random(using: &random) || oddNames {
      try rig.scratch.drop("{ \"version\": 1, \"surprise\": true }", as: name)
    }
    guard Int.random(in: 0..<3, using: &random) == 0 else { return }
    // Asked twice: the newer one takes the place of the older where that still waits.
    let twice = person()
    try rig.enqueue([
      EnqueuedRequest(id: RequestID.random().rawValue, recipient: twice, alternatives: ["superseded"])
    ])
    let isResend = Bool.random(using: &random)
    // Times are kept in milliseconds: within one, neither is the newer.
    let asked = Date().unixMilliseconds
    while Date().unixMilliseconds == asked {}
    try rig.enqueue(
      [EnqueuedRequest(id: RequestID.random().rawValue, recipient: twice, isResend: isResend)],
      challenge: rig.requests.last!.id)
  }
}
