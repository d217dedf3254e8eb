/// What a reply of 4xx or 5xx is about. It decides who is asked next: what is wrong with the recipient or the
/// mail is wrong at every relay, what is wrong with us is worth another relay, or a later try.
///
/// It is read from the most specific thing that the reply says: its words (`RefusalWords`) before a code that
/// servers use for anything (550, 5.1.1, 5.7.1), a code that means one thing before words that could mean
/// several, and what a code usually means where nothing else is said. Taking a block list for an unknown mailbox
/// loses somebody's passcode, the other way round costs a few attempts: where words point both ways, they are
/// about us.
///
/// What is not understood is `unclear`.
package enum RefusalSubject: String, Hashable, Sendable, CaseIterable {
  /// That mailbox: unknown, disabled, full, moved, not accepting, its address malformed.
  case recipient
  /// This mail's bytes: size, line length, 8 bit, MIME, headers.
  case message
  /// Too many messages, connections, recipients; too fast; busy or out of resources.
  case load
  /// Come back soon.
  case greylisting
  /// Our sender address or its domain: unknown, not ours, not verified, fails SPF, DKIM or DMARC.
  case sender
  /// AUTH or TLS wanted, credentials not accepted, quota, plan, suspended account.
  case account
  /// The name in HELO or EHLO, and what our address resolves to.
  case hello
  /// Relaying is not permitted.
  case relaying
  /// Block lists, and judgements on spam, viruses, content or policy.
  case reputation
  /// Out of step: 503 and the like.
  case sequence
  case unclear
}

extension RefusalSubject {
  /// - Parameters:
  ///   - stage: which command was answered.
  ///   - text: as the relay sent it, with the enhanced code or without, of any encoding; 512 bytes of it are read.
  package init(stage: DeliveryStage, code: Int, enhanced: EnhancedStatus?, text: some Collection<UInt8>) {
    let reply = Refusal(stage: stage, code: code, enhanced: enhanced)
    switch stage {
    case .tls: self = reply.isTemporary ? .load : .account
    case .authentication: self = reply.isTemporary ? .load : .account
    case .connect, .mail, .recipient, .data, .body, .final:
      self = reply.subject(RefusalWords(text))
    }
  }
}

/// A refusal without its words.
private struct Refusal {
  let stage: DeliveryStage
  let code: Int
  let enhanced: EnhancedStatus?

  var isTemporary: Bool { code < 500 }

  func subject(_ words: RefusalWords) -> RefusalSubject {
    let subject =
      said(clearly: words) ?? meantByCode ?? said(vaguely: words) ?? usualByEnhancedCode(words)
      ?? hinted(words) ?? usualByCode
    switch (stage, subject) {
    // No recipient has been named yet.
    case (.mail, .recipient) where !isTemporary && !words.evidence.isDisjoint(with: [.ofAccount, .quota]):
      return .account
    case (.mail, .recipient): return isTemporary ? .unclear : code == 552 ? .message : .sender
    case (.mail, .unclear) where !isTemporary: return .sender
    case (.connect, .recipient), (.connect, .message), (.connect, .unclear):
      return isTemporary ? .load : .reputation
    default: return subject
    }
  }

  /// Words that mean one thing, whatever the code.
  private func said(clearly words: RefusalWords) -> RefusalSubject? {
    let evidence = words.evidence
    if evidence.contains(.greylisting) { return .greylisting }
    if code == 503 || evidence.contains(.disorder) {
      return evidence.contains(.authentication) ? .account : .sequence
    }
    if evidence.contains(.oversize) { return .message }
    if evidence.contains(.listed) { return .reputation }
    if evidence.contains(.malformed) { return .message }
    if evidence.contains(.sendingQuota) { return .account }
    // "Too many spams from you" is for good, "too many connections" passes.
    if evidence.contains(.crowd) { return evidence.contains(.judged) && !isTemporary ? .reputation : .load }
    if evidence.contains(.soon), isTemporary { return .greylisting }
    if evidence.contains(.relaying) { return .relaying }
    if evidence.contains(.hello) { return .hello }
    if evidence.contains(.proof) { return .sender }
    return nil
  }

  /// Words that could mean something else under a code that means one thing.
  private func said(vaguely words: RefusalWords) -> RefusalSubject? {
    let evidence = words.evidence
    if evidence.contains(.restrictedRecipient) { return .recipient }
    if evidence.contains(.senderRefused) { return .sender }
    if evidence.contains(.ownAccount) { return .account }
    if let whose = ownAccount(words) { return whose }
    if evidence.contains(.mailboxAbsent) { return .recipient }
    if evidence.contains(.authentication) { return .account }
    if evidence.contains(.mailboxFull) { return .recipient }
    if evidence.contains(.listLink) { return .reputation }
    if evidence.contains(.clientRefused) || evidence.contains(.judged) { return .reputation }
    if evidence.contains(.accessDenied), !evidence.contains(.mailboxRefused) { return .reputation }
    if evidence.contains(.busy), isTemporary { return .load }
    return nil
  }

  /// "Account suspended", "quota exceeded", "user inactive", of whom? Of the recipient, as long as none has been taken;
  /// ours behind RCPT, and under X.7. A code of the recipient's own (X.1, X.2) and the word mailbox decide it.
  private func ownAccount(_ words: RefusalWords) -> RefusalSubject? {
    let evidence = words.evidence
    guard !isTemporary, !evidence.contains(.ofMailbox),
      !evidence.isDisjoint(with: [.mailboxAbsent, .ofAccount, .quota])
    else { return nil }
    switch enhanced?.subject {
    case 1, 2: return nil
    case 7 where !evidence.isDisjoint(with: [.ofAccount, .quota]): return .account
    case _ where evidence.isSuperset(of: [.ofAccount, .judged]) && !words.hasAddress: return .account
    default: break
    }
    // 552 is a mailbox's in RFC 5321.
    if isBehindRecipient { return code == 552 && evidence.contains(.quota) ? nil : .account }
    // These words alone: whose account it is, nobody can tell.
    let isBare =
      enhanced == nil && evidence.subtracting([.mailboxAbsent, .mailboxRefused, .namesMailbox]) == .ofAccount
      && words.count <= 4 && !words.hasAddress
    return isBare && stage == .recipient ? .unclear : nil
  }

  /// The recipient has been taken: what is refused now is something else.
  private var isBehindRecipient: Bool { stage == .data || stage == .body || stage == .final }

  /// Words that many servers use for anything.
  private func hinted(_ words: RefusalWords) -> RefusalSubject? {
    let evidence = words.evidence
    // Trouble of the relay's own, under a code for good.
    if evidence.contains(.busy), stage != .recipient || !evidence.contains(.mailboxRefused) { return .load }
    if evidence.contains(.mailboxRefused), code != 541, stage == .recipient { return .recipient }
    if evidence.contains(.refused) { return .reputation }
    if evidence.contains(.namesMailbox) { return nil }
    if evidence.contains(.namesRelay) { return .relaying }
    if evidence.contains(.namesSender) { return .sender }
    if evidence.contains(.namesAccount) { return .account }
    if evidence.contains(.namesClient) { return .reputation }
    if evidence.contains(.absent), stage == .recipient || code == 550 {
      return isBehindRecipient && enhanced == nil ? .account : .recipient
    }
    return nil
  }

  /// What a code says that servers use for one thing alone (RFC 5248 and what Exchange adds).
  private var meantByCode: RefusalSubject? {
    switch code {
    case 432, 454, 525, 530, 534, 535, 538: return isTemporary ? .load : .account
    default: break
    }
    guard let enhanced else { return nil }
    switch (enhanced.subject, enhanced.detail) {
    case (1, 7), (1, 8), (2, 252): return .sender
    case (1, 90): return .account
    case (2, 2): return .recipient
    case (2, 121), (2, 122): return .load
    case (3, 4): return .message
    case (4, 5): return isTemporary ? .load : .account
    case (5, 3): return .load
    case (7, 3), (7, 4), (7, 8...14), (7, 30), (7, 57), (7, 139), (7, 700...749): return .account
    case (7, 20...24), (7, 26), (7, 27), (7, 29), (7, 60), (7, 509), (7, 515), (7, 750): return .sender
    case (7, 25): return .hello
    case (7, 28): return .load
    case (7, 51), (7, 54), (7, 64), (7, 68): return .relaying
    case (7, 124), (7, 133), (7, 134): return .recipient
    case (7, 500...699): return isTemporary ? .load : .reputation
    default: return nil
    }
  }

  /// What an enhanced code usually means.
  private func usualByEnhancedCode(_ words: RefusalWords) -> RefusalSubject? {
    guard let enhanced else { return nil }
    let (subject, detail) = (enhanced.subject, enhanced.detail)
    if isTemporary {
      if code == 421 { return .load }
      switch (subject, detail) {
      case (2, 0), (7, 1): return .greylisting
      case (1, 0): return nil
      case (1, _), (2, _): return .recipient
      case (3, _), (4, _), (7, _): return .load
      default: return nil
      }
    }
    switch (subject, detail) {
    case (1, 0): return .sender
    case (1, _), (4, 4), (4, 310), (4, 312): return .recipient
    // Exchange's directory-based blocking, which says only "access denied".
    case (4, 1) where words.evidence.contains(.mailboxRefused): return .recipient
    case (2, 3), (6, _): return .message
    case (2, _): return .recipient
    case (3, 1), (3, 2): return .load
    case (5, 1): return words.isEmpty || isBehindRecipient ? .sequence : nil
    // Postfix ends a list of restrictions so for who may not send through it.
    case (7, _) where words.evidence.contains(.mailboxRefused): return .relaying
    case (7, _): return .reputation
    default: return nil
    }
  }

  /// What a code usually means.
  private var usualByCode: RefusalSubject {
    switch code {
    case 421, 452: .load
    case 450, 451: .unclear
    case 500, 502: .sequence
    case 501: stage == .mail ? .sender : stage == .recipient ? .recipient : .unclear
    case 504: .hello
    case 523: .message
    case 541, 571: .reputation
    case 550, 553: stage == .recipient ? .recipient : .unclear
    case 551, 556: .recipient
    case 552: stage == .recipient ? .recipient : .message
    default: .unclear
    }
  }
}

extension RefusalSubject {
  /// Which key of the configuration, or whom, to look at; nil where the operator has nothing to do.
  package var advice: String? {
    switch self {
    case .recipient, .message, .load, .greylisting, .sequence, .unclear: nil
    case .sender:
      "the relay refuses the sender; check sender.address and sender.envelope, that this account may send as them, and the domain's SPF, DKIM and DMARC records"
    case .account:
      "the relay refuses this account; check username, passwordFile, mechanism and security of this relay, and the account's quota and state with who runs it"
    case .hello:
      "the relay refuses this machine's name; set hello of this relay to the machine's full name, and see that its address resolves back to it"
    case .relaying:
      "the relay does not pass on mail from here; set username and passwordFile of this relay, or ask who runs it to permit this machine's address"
    case .reputation:
      "the relay refuses mail from this address or sender as unwanted; look the reply's list or link up, and ask who runs the relay"
    }
  }
}
