internal import CodeRequests
internal import FoundationEssentials
internal import GuestPolicy
package import RecordKeys

/// What one transaction decides: attempts that ended and requests that came, with all that can be computed before, and
/// what is to be asked about them.
package struct AdmissionBatch {
  package let question: AdmissionQuestion
  let settlements: [Settlement]
  let cases: [AdmissionCase]
  /// How many of the cases have each of the question's ids, as their own or as the one they join.
  private(set) var idUses: [Int]
  /// How many of the cases have each of its subjects, mailboxes and clients.
  private(set) var subjectUses: [Int]
  private(set) var mailboxUses: [Int]
  private(set) var clientUses: [Int]

  /// - Parameter run: who decides it.
  package init(
    settlements: [Settlement], admissions: [AdmissionRequest], rules: RecordRules, keyring: Keyring,
    run: Int64
  ) {
    var ids = Places<HashKey, [UInt8]>(capacity: admissions.count)
    var subjects = Places<Int64, Subject>(capacity: admissions.count)
    var mailboxes = Places<Int64, Int64>(capacity: admissions.count)
    var clients = Places<Int64, Int64>(capacity: 0)
    var scopes: Set<[UInt8]> = []
    var cases: [AdmissionCase] = []
    cases.reserveCapacity(admissions.count)
    let limits = rules.limits
    let mayDiffer = rules.settings.mayDiffer
    let countsClients = !limits.perClient.isEmpty
    for admission in admissions {
      let item = AdmissionCase(admission, limits: limits, key: keyring.address)
      item.place = ids.place(of: item.id, HashKey(item.id))
      item.subjectPlace = subjects.place(of: item.subject, item.subject.key)
      item.mailboxPlace = mailboxes.place(of: item.subject.mailbox, item.subject.mailbox)
      if let id = admission.request.challenge, id != admission.request.id {
        let hash = Digest.sha256(id.rawValue)
        item.joins = ids.place(of: hash, HashKey(hash))
      }
      if countsClients, let client = item.client {
        item.clientPlace = clients.place(of: client.address, client.address)
      }
      for scope in item.scopes { scopes.insert(scope.key) }
      if mayDiffer { scopes.insert(UnusedCodes.scope(item.subject)) }
      cases.append(item)
    }
    var question = AdmissionQuestion()
    question.ids = ids.all
    question.subjects = subjects.all
    question.mailboxes = mailboxes.all
    question.recent = rules.limits.mailboxRows
    question.clients = clients.all
    question.recentOfClient = rules.limits.clientRows
    question.scopes = Array(scopes)
    question.settlements = settlements.map {
      SettlementQuestion(row: $0.requestKey, wantsPasscode: $0.result != .sent)
    }
    question.run = run
    self.question = question
    self.settlements = settlements
    self.cases = cases
    idUses = ids.uses
    subjectUses = subjects.uses
    mailboxUses = mailboxes.uses
    clientUses = clients.uses
  }

  /// Newest first within a subject, so that the newer one supersedes; otherwise as they came.
  var order: [Int] {
    // Most batches hold each subject once: that is told without a list for each of them.
    guard subjectUses.count < cases.count else { return Array(cases.indices) }
    var bySubject = [[Int]](repeating: [], count: subjectUses.count)
    for (index, item) in cases.enumerated() { bySubject[item.subjectPlace].append(index) }
    var order = Array(cases.indices)
    for places in bySubject where places.count > 1 {
      let newestFirst = places.sorted { (cases[$0].queuedAt, $0) > (cases[$1].queuedAt, $1) }
      for (place, index) in zip(places, newestFirst) { order[place] = index }
    }
    return order
  }
}

/// Values in the order in which they were first seen, each once.
private struct Places<Key: Hashable, Value> {
  private var places: [Key: Int] = [:]
  private(set) var all: [Value] = []
  private(set) var uses: [Int] = []

  init(capacity: Int) {
    places.reserveCapacity(capacity)
    all.reserveCapacity(capacity)
    uses.reserveCapacity(capacity)
  }

  mutating func place(of value: Value, _ key: Key) -> Int {
    if let place = places[key] {
      uses[place] += 1
      return place
    }
    places[key] = all.count
    all.append(value)
    uses.append(1)
    return all.count - 1
  }
}

/// A request on the desk, with what is computed once. A reference: it is handed from step to step.
final class AdmissionCase {
  let admission: AdmissionRequest
  let id: [UInt8]
  let subject: Subject
  let audited: AuditedRequest
  /// Nil where the frontend does not tell it.
  let client: ClientNetwork?
  /// The tallies of its tenant and of everybody.
  let scopes: [TallyBook.Scope]
  /// Places in the question's ids, subjects, mailboxes and clients: its own, and the challenge that it names.
  var place = 0
  var subjectPlace = 0
  var mailboxPlace = 0
  var clientPlace: Int?
  var joins: Int?
  /// Who asks; the device is known once the guest is.
  private(set) var asker: Asker
  /// Somebody who has signed in before.
  private(set) var isKnown = false

  /// Not later than now, whatever a clock has said.
  var queuedAt: Int64
  private(set) var deadline: Int64
  var known: RequestFacts? {
    didSet {
      // What is done with a file since (put off, tried again by hand) moves the time that the kernel keeps of it.
      guard let known, known.wasAdmitted else { return }
      queuedAt = min(queuedAt, known.queuedAt)
      deadline = min(deadline, known.deadline)
    }
  }
  /// The row that holds the challenge; nil: the request opens one of its own.
  var challenge: Int64?
  var crashes: Int64 = 0
  /// The relay fell silent over an earlier attempt.
  var mayHaveArrived = false
  /// The passcode of an earlier attempt, where that one did not send it.
  var unsent: PasscodePlace?

  /// Takes in the guest that it is for: the device that it brought may be good.
  func recognise(_ guest: Guest, at now: Int64) {
    let device = admission.request.device.flatMap { guest.device($0, at: now) }
    asker = Asker(client: client?.address, share: client?.share, device: device?.key)
    isKnown = device != nil || guest.redeemedBy == SignInMethod.passcode.rawValue
  }

  init(_ admission: AdmissionRequest, limits: LimitSettings, key: Key) {
    id = Digest.sha256(admission.request.id.rawValue)
    subject = Subject(admission.request.recipient, tenant: admission.tenant, key: key)
    queuedAt = admission.queuedAt.unixMilliseconds
    deadline = admission.deadline.unixMilliseconds
    audited = AuditedRequest(
      idKey: prefixKey(id), address: subject.address, recipient: admission.request.recipient.redacted,
      tenant: admission.tenant)
    client = admission.request.client?.ip.map { ClientNetwork($0, key: key) }
    asker = Asker(client: client?.address, share: client?.share)
    scopes = TallyBook.scopes(limits, tenant: admission.tenant, key: key)
    self.admission = admission
  }
}
