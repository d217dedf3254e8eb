import CodeRequests
import Foundation
import MemoryRecords
import RecordKeys
import Records
import RecordsFixture
import SQLiteRecords
import TestSupport
import Testing

/// Each engine that there is: a test that takes one as its argument is part of the contract.
enum EngineKind: String, CaseIterable, CustomTestStringConvertible {
  case memory, sqlite

  var testDescription: String { rawValue }
}

/// Empty records in an engine, with keys.
struct EngineRig: ~Copyable {
  let directory: TemporaryDirectory
  let keyring: Keyring
  let engine: any RecordEngine

  init(_ kind: EngineKind) throws {
    // A value of its own is whole before anything after it can throw.
    let directory = try TemporaryDirectory()
    let keyring = try Keyring(directory: "\(directory.path)/keys")
    let engine: any RecordEngine =
      switch kind {
      case .memory: MemoryEngine()
      case .sqlite: try SQLiteEngine(path: "\(directory.path)/records.sqlite", keyring: keyring)
      }
    self.directory = directory
    self.keyring = keyring
    self.engine = engine
  }
}

/// Keys of a suite's own, as long as it lives.
final class KeyFolder {
  private let directory: TemporaryDirectory
  let keyring: Keyring

  init() throws {
    let directory = try TemporaryDirectory()
    keyring = try Keyring(directory: "\(directory.path)/keys")
    self.directory = directory
  }
}

extension RecordEngine {
  /// Applies changes in a transaction of their own.
  func apply(_ body: (inout RecordChanges) -> Void) throws {
    var changes = RecordChanges()
    body(&changes)
    let all = changes
    _ = try transaction { transaction throws(RecordError) in try transaction.apply(all) }
  }

  /// Purges, and keeps nothing of what goes.
  func purge(
    at now: Int64, admittedBefore: Int64, auditBefore: Int64, limit: Int
  ) throws(RecordError) -> (removed: Int, isOver: Bool) {
    try purge(at: now, admittedBefore: admittedBefore, auditBefore: auditBefore, limit: limit) { _, _ in
      RecordChanges()
    }
  }

  func fetch<Result>(
    _ body: (any RecordTransaction) throws(RecordError) -> Result
  ) throws(RecordError) -> Result {
    try transaction(body).result
  }

  /// What is known of requests, subjects and attempts.
  func facts(_ body: (inout AdmissionQuestion) -> Void) throws -> AdmissionFacts {
    var question = AdmissionQuestion()
    body(&question)
    let all = question
    return try fetch { transaction throws(RecordError) in try transaction.facts(for: all) }
  }
}

/// A hash of 32 bytes that begins with this one.
func hash(_ byte: UInt8) -> [UInt8] { [byte] + [UInt8](repeating: 7, count: 31) }

/// `start`, as records have it.
let now = Int64(1_795_000_000_000)

/// A request as an admission inserts it.
func newRequest(
  _ row: Int64, id: UInt8, challenge: Int64? = nil, subject: UInt8 = 1, mailbox: Int64 = 40,
  asker: Asker = .unknown, purpose: String = "sign-in",
  at: Int64 = now, admitted: Bool = true, state: RequestState = .sending, run: Int64 = 5,
  passcode: Int64? = 1, purgeAfter: Int64 = now + 86_400_000
) -> NewRequest {
  NewRequest(
    row: row, id: hash(id), challenge: challenge ?? row, subject: hash(subject), address: 40,
    mailbox: mailbox, asker: asker,
    recipient: "a•••@example.org", tenant: "t", purpose: purpose, queuedAt: at - 5, deadline: at + 600_000,
    admittedAt: admitted ? at : nil, state: state, run: run, sends: 1, passcode: passcode, budget: 5,
    expiresAt: at + 1_800_000, purgeAfter: purgeAfter)
}

/// Requests that were counted then, the oldest first.
func tally(_ times: Int64...) -> Tally {
  var tally = Tally()
  for time in times { tally.add(at: time, windows: [60_000]) }
  return tally
}

func passcode(
  _ number: Int64, of request: Int64, arrival: Arrival = .no
) -> PasscodeRecord {
  PasscodeRecord(
    number: number, request: request, madeAt: now, expiresAt: now + 1_800_000, keyVersion: 1,
    salt: [1, 2, 3], mac: hash(UInt8(number)), arrival: arrival, bootTime: 77)
}
