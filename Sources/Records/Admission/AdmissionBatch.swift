internal import CodeRequests
internal import FoundationEssentials
package import RecordKeys

/// What one transaction decides: attempts that ended and requests that came, with all that can be computed before, and
/// what is to be asked about them.
package struct AdmissionBatch {
  package let question: AdmissionQuestion
  let settlements: [Settlement]
  let cases: [AdmissionCase]
  /// How many of the cases have each of the question's ids and subjects, as their own or as the one they join.
  private(set) var idUses: [Int]
  private(set) var subjectUses: [Int]
  /// The windows of mails whose attempt has ended, and that may be given back.
  let places: [Int64: WindowPlaces]

  /// - Parameters:
  ///   - run: who decides it.
  ///   - placesInFlight: of all mails in flight, by the row of their request.
  package init(
    settlements: [Settlement], admissions: [AdmissionRequest], rules: RecordRules, keyring: Keyring,
    run: Int64, placesInFlight: [Int64: WindowPlaces]
  ) {
    var question = AdmissionQuestion()
    var ids: [HashKey: Int] = [:]
    var subjects: [Int64: Int] = [:]
    var scopes: Set<[UInt8]> = []
    var idUses: [Int] = []
    var subjectUses: [Int] = []
    ids.reserveCapacity(admissions.count)
    subjects.reserveCapacity(admissions.count)
    func place(of id: [UInt8]) -> Int {
      if let place = ids[HashKey(id)] {
        idUses[place] += 1
        return place
      }
      ids[HashKey(id)] = question.ids.count
      question.ids.append(id)
      idUses.append(1)
      return question.ids.count - 1
    }
    func place(of subject: Subject) -> Int {
      if let place = subjects[subject.key] {
        subjectUses[place] += 1
        return place
      }
      subjects[subject.key] = question.subjects.count
      question.subjects.append(subject)
      subjectUses.append(1)
      return question.subjects.count - 1
    }
    var cases: [AdmissionCase] = []
    cases.reserveCapacity(admissions.count)
    for admission in admissions {
      let item = AdmissionCase(admission, limits: rules.limits, key: keyring.address)
      item.place = place(of: item.id)
      item.subjectPlace = place(of: item.subject)
      if let id = admission.request.challenge, id != admission.request.id {
        item.joins = place(of: Digest.sha256(id.rawValue))
      }
      for scope in item.scopes { scopes.insert(scope.key) }
      cases.append(item)
    }
    var places: [Int64: WindowPlaces] = [:]
    question.settlements.reserveCapacity(settlements.count)
    for settlement in settlements {
      question.settlements.append(
        SettlementQuestion(row: settlement.requestKey, wantsPasscode: settlement.result != .sent))
      guard settlement.isGivenBack, let taken = placesInFlight[settlement.requestKey] else { continue }
      places[settlement.requestKey] = taken
      for scope in taken.scopes { scopes.insert(scope.key) }
    }
    question.scopes = Array(scopes)
    question.recent = rules.recentCount
    question.run = run
    self.question = question
    self.settlements = settlements
    self.cases = cases
    self.idUses = idUses
    self.subjectUses = subjectUses
    self.places = places
  }

  /// Where windows stand of places that were given back, for all that may be given back now: what is asked for once the
  /// first facts are there, and seldom.
  func unspentScopes(_ facts: AdmissionFacts, key: Key) -> [(scope: [UInt8], key: [UInt8])] {
    var scopes: Set<[UInt8]> = []
    for taken in places.values { for scope in taken.scopes { scopes.insert(scope.key) } }
    for item in cases where !item.scopes.isEmpty {
      guard let known = facts.requests[item.place], known.wasAdmitted, known.state.outcome == nil else {
        continue
      }
      for scope in item.scopes { scopes.insert(scope.key) }
    }
    return scopes.map { ($0, key.mac("given-back", $0)) }
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

/// A request on the desk, with what is computed once. A reference: it is handed from step to step.
final class AdmissionCase {
  let admission: AdmissionRequest
  let id: [UInt8]
  let subject: Subject
  let audited: AuditedRequest
  /// The windows of its client and tenant.
  let scopes: [WindowPlaces.Scope]
  /// Places in the question's ids and subjects: its own, and the challenge that it names.
  var place = 0
  var subjectPlace = 0
  var joins: Int?

  private(set) var queuedAt: Int64
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

  init(_ admission: AdmissionRequest, limits: LimitSettings, key: Key) {
    id = Digest.sha256(admission.request.id.rawValue)
    subject = Subject(admission.request.recipient, tenant: admission.tenant, key: key)
    queuedAt = admission.queuedAt.unixMilliseconds
    deadline = admission.deadline.unixMilliseconds
    audited = AuditedRequest(
      idKey: prefixKey(id), address: subject.address, recipient: admission.request.recipient.redacted,
      tenant: admission.tenant)
    var scopes: [WindowPlaces.Scope] = []
    if !limits.perClient.isEmpty, let ip = admission.request.client?.ip {
      let key = key.mac("client", ClientNetwork.bytes(of: ip))
      scopes.append(WindowPlaces.Scope(name: "limits.perClient", key: key, limits: limits.perClient))
    }
    if !limits.perTenant.isEmpty {
      let key = key.mac("tenant", Array((admission.tenant ?? "").utf8))
      scopes.append(WindowPlaces.Scope(name: "limits.perTenant", key: key, limits: limits.perTenant))
    }
    self.scopes = scopes
    self.admission = admission
  }

  /// The places that it fills, taken then.
  func places(at time: Int64) -> WindowPlaces { WindowPlaces(scopes: scopes, time: time) }
}

extension Settlement {
  /// Nobody gets the mail, unless an earlier attempt brought it.
  var isGivenBack: Bool {
    switch result {
    case .failed, .expired, .cancelled: true
    case .sent, .deferred, .ambiguous, .released: false
    }
  }
}
