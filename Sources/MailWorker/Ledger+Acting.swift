internal import CodeRequests
internal import FoundationEssentials
internal import GuestPolicy
internal import LinuxSystem
internal import MessageTemplates
internal import Records
internal import RequestSpool
internal import SMTPDelivery

// After the commit: files go where the records say, mails go to the lanes, and each outcome gets its log line.
//
// On failure: a file that cannot be moved stays, is released after a second and comes round as a duplicate of what
// the records know; the log says so once until the last of them is where it belongs. The outcome is told when it is
// recorded, not when the file is gone. A drain does not wait for a file that the disk refuses to move; it does where the
// disk is full.

extension Ledger {
  /// What the records are asked about a request.
  func admission(of prepared: PreparedRequest, at time: Date, isAlone: Bool) -> AdmissionRequest {
    AdmissionRequest(
      request: prepared.request, queuedAt: prepared.entry.queuedAt, deadline: prepared.deadline,
      of: prepared.tenant, reuse: ambiguous.isEmpty ? nil : ambiguous[prepared.request.id]?.passcode,
      isAlone: isAlone, now: time)
  }

  /// How long a request waits that another machine has in hand.
  private static let postponement: TimeInterval = 5

  func act(on admission: Admission, _ prepared: PreparedRequest, _ events: inout [WorkerEvent]) {
    switch admission {
    case .send(let ticket):
      let doubt = ambiguous.isEmpty ? nil : ambiguous.removeValue(forKey: prepared.request.id)
      let mail = PasscodeMail(
        prepared: prepared, ticket: ticket, isRepeated: doubt != nil || ticket.mayHaveArrived,
        doubtfulAt: doubt?.relay)
      inFlight += 1
      if ticket.crashes > 0 { doubtful += 1 }
      if prepared.fellBack { events.append(.localeFellBack(prepared)) }
      if !ticket.older.isEmpty { withdraw { ticket.older.contains($0.ticket.requestKey) } }
      // The queue has room, as `laneRoom` saw to. A closed one means that the worker is ending.
      if !mails.push(mail) { inbox.add(mail, DeliveryReport(verdict: .untouched)) }
    case .suspect: suspects.append(prepared)
    case .postponed: intake.postpone(prepared.entry, until: now().addingTimeInterval(Self.postponement))
    case .settled(let settled):
      if settled.outcome != nil { ambiguous.removeValue(forKey: prepared.request.id) }
      tally.change { $0.count(settled) }
      events.append(.concluded(prepared, settled))
      // A failed one may come round as a duplicate after a crash, before its file was put into failed/.
      if settled.outcome == .rejected {
        move(prepared.entry, &events) {
          try intake.reject(
            prepared.entry, reason: settled.reason ?? "refused by the records", telling: prepared.outline)
        }
      } else if settled.outcome == .failed {
        move(prepared.entry, &events) {
          try intake.fail(prepared.entry, reason: settled.reason ?? "failed", keeping: prepared.bytesToKeep)
        }
      } else {
        sweeper.sweep(prepared.entry)
      }
    }
  }

  func finish(
    _ mail: PasscodeMail, _ report: DeliveryReport, _ settled: Settled, _ events: inout [WorkerEvent]
  ) {
    inFlight -= 1
    if mail.ticket.crashes > 0 { doubtful -= 1 }
    let entry = mail.prepared.entry
    switch settled.place {
    case .released:
      if mail.isRepeated { ambiguous[mail.prepared.request.id] = Doubt(mail) }
      intake.release(entry)
      return
    case .removed: sweeper.sweep(entry)
    case .failed(let reason):
      move(entry, &events) { try intake.fail(entry, reason: reason, keeping: mail.prepared.bytesToKeep) }
    case .deferred(let until):
      // What may have arrived stays so: the next try is its one repetition, with the same code.
      if settled.event == .ambiguous || mail.isRepeated, ambiguous.count < 10_000 {
        ambiguous[mail.prepared.request.id] = Doubt(mail)
      }
      move(entry, leavingUntil: until, &events) {
        try intake.defer(
          entry, until: until, attempts: mail.ticket.attempt, queuedAt: mail.ticket.queuedAt,
          isPlain: mail.prepared.secrets == .device, bytes: { try? mail.prepared.sealed() })
      }
    }
    tally.change { $0.count(settled.event) }
    events.append(.delivered(mail, report, settled))
  }

  /// Moves a file whose outcome is recorded. Where that fails the entry comes round again and is then known.
  private func move(
    _ entry: SpoolEntry, leavingUntil until: Date? = nil, _ events: inout [WorkerEvent],
    _ body: () throws -> Void
  ) {
    do {
      try body()
      if misplaced.remove(entry.name) != nil, misplaced.isEmpty { events.append(.storageRecovered()) }
    } catch {
      if misplaced.isEmpty { events.append(.storageError(error: "\(error)")) }
      misplaced.insert(entry.name)
      if until == nil, (error as? SpoolError)?.isOfTheFile == true, misplaced.count < 1024 {
        intake.postpone(entry, until: now().addingTimeInterval(1))
        return
      }
      let wait = max(until?.timeIntervalSince(now()) ?? 1, 1)
      stuck.append((entry, clock.instant() + .milliseconds(Int64(wait * 1000))))
    }
  }
}
