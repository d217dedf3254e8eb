// Requests of a time to come: the clock ran ahead when they were admitted, and was put right since.
extension AdmissionDesk {
  /// Takes such requests as made now, in the records as well: else they would count as made now for as long as the clock
  /// was ahead, and hold back their subject all that time.
  mutating func pullBack() {
    pullBackKnown()
    for mailbox in facts.mailboxes.indices {
      for index in facts.mailboxes[mailbox].indices {
        let ahead = facts.mailboxes[mailbox][index].admittedAt - now
        guard ahead > 0 else { continue }
        let row = facts.mailboxes[mailbox][index].row
        facts.mailboxes[mailbox][index].admittedAt -= ahead
        facts.mailboxes[mailbox][index].queuedAt -= ahead
        pullBack(row, by: ahead)
      }
    }
    for client in facts.clients.indices {
      for index in facts.clients[client].indices {
        let ahead = facts.clients[client][index].admittedAt - now
        guard ahead > 0 else { continue }
        facts.clients[client][index].admittedAt -= ahead
        pullBack(facts.clients[client][index].row, by: ahead)
      }
    }
  }

  private mutating func pullBackKnown() {
    for place in facts.requests.indices {
      guard let known = facts.requests[place], let admittedAt = known.admittedAt, admittedAt > now else {
        continue
      }
      let ahead = admittedAt - now
      var pulled = known
      pulled.admittedAt = now
      pulled.queuedAt -= ahead
      pulled.deadline -= ahead
      facts.requests[place] = pulled
      facts.challenges[known.row]?.challenge.expiresAt -= ahead
      if var challenge = facts.challenges[known.challenge] {
        for index in challenge.passcodes.indices where challenge.passcodes[index].request == known.row {
          challenge.passcodes[index].madeAt -= ahead
          challenge.passcodes[index].expiresAt -= ahead
        }
        facts.challenges[known.challenge] = challenge
      }
      pullBack(known.row, by: ahead)
    }
  }

  private mutating func pullBack(_ row: Int64, by ahead: Int64) {
    guard future.insert(row).inserted else { return }
    decision.changes.pulledBack.append((row, ahead))
  }
}
