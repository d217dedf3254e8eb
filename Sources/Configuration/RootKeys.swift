internal import Branding
internal import CodeRequests
internal import Documents
internal import PasscodeVerifier
internal import Records
internal import RequestSpool
internal import SMTPDelivery

/// The keys of the configuration.
enum RootKeys: SettingsGroup {
  /// Relative to the configuration, like any path in it.
  private static let usualTemplates = "../Templates"
  static let state = DefaultedKey(
    "state", .path, default: "/var/lib/passcode", "Where spool/, records.sqlite and keys/ live.")
  static let templates = OptionalKey(
    "templates", .path, else: "\"\(usualTemplates)\"", "The words of the mails.")
  static let app = OptionalKey(
    "app", .text, else: "the sender's name, else its domain", "How mails name the service.")
  static let accent = DefaultedKey(
    "accent", .accent, default: AccentPalette.usual.accent,
    "The colour of the bar above each mail, of what is written in it and, thinned, of the box around the code; its counterparts for dark are made of it."
  )
  static let logo = OptionalKey(
    "logo", .logo, else: "app",
    "A text mark at the head of each mail; no picture, which mail programs hold back.")
  static let footer = OptionalKey(
    "footer", .footer, "The company's details at the foot of each mail.")
  static let defaultLocale = DefaultedKey(
    "defaultLocale", .locale, default: try! LocaleTag("en"),
    "The language where neither the request nor its tenant asks for one that is there.")
  static let timeZone = DefaultedKey(
    "timeZone", .timeZone, default: "UTC",
    "By whose clock mails tell when a code was asked for; UTC is named there.")
  static let sender = RequiredKey(
    "sender", .group(SenderKeys.self), "who the mail comes from, { name: \"…\", address: \"…\" }")
  static let relays = RequiredKey(
    "relays", .list(of: .group(RelayKeys.self)), "the servers that take the mail, [{ url: \"…\" }]")
  static let passcode = DefaultedKey(
    "passcode", .group(PasscodeKeys.self), default: PasscodeSettings(), "How codes are made.")
  static let delivery = DefaultedKey(
    "delivery", .group(DeliveryKeys.self), default: Settings.Delivery(), "When mail is sent and tried again.")
  static let limits = DefaultedKey(
    "limits", .group(LimitKeys.self), default: LimitKeys.usual,
    "Sliding windows: how many codes somebody is sent.")
  static let verification = DefaultedKey(
    "verification", .group(VerificationKeys.self), default: Settings.Verification(), "How codes are checked.")
  static let purposes = DefaultedKey(
    "purposes", .sessionPurposes, default: VerificationSettings().sessionPurposes,
    "Which purposes begin a session; a right code of another proves that somebody reads a mailbox, and signs nobody in. `sign-in` does unless it says otherwise here."
  )
  static let session = DefaultedKey(
    "session", .group(SessionKeys.self), default: SessionKeys.lifetime.value, "What a right code opens.")
  static let tenants = OptionalKey(
    "tenants", .path, else: "one tenant, passcodes on", "The tenants file.")
  static let subjectShowsCode = DefaultedKey(
    "subjectShowsCode", .bool, default: false, "The subject line carries the code.")
  static let boundDomain = OptionalKey(
    "boundDomain", .domain, else: "no such line",
    "A last line @DOMAIN #CODE in the text part, by which browsers fill the code in.")
  static let retention = DefaultedKey(
    "retention", .duration(.seconds(1)...Duration.seconds(366 * 86400)), default: IntakeSettings().retention,
    "How long spool/failed and spool/rejected keep what lies there.")
  static let spoolGroup = OptionalKey(
    "spoolGroup", .group(SpoolGroupKeys.self), else: "nobody but the worker's user and root",
    "Other users of the machine who may put requests into the spool.")

  static let keys: [any DescribedKey] = [
    state, templates, app, accent, logo, footer, defaultLocale, timeZone, sender, relays, passcode, delivery,
    limits,
    verification,
    purposes, session, tenants, subjectShowsCode, boundDomain, retention, spoolGroup,
  ]

  static func read(_ members: DocumentObject) throws(DocumentFault) -> Settings {
    let state = try members[state]
    let templates: String
    if let given = try members[Self.templates] {
      templates = given
    } else {
      templates = members.node.path(usualTemplates)
    }
    let sender = try members[sender]
    let app = try members[app] ?? sender.name ?? SpokenDomain.of(sender.address.domain)
    let defaultLocale = try members[defaultLocale]
    let relays = try members[relays]
    guard !relays.isEmpty else {
      throw members.fault("is empty; at least one relay is needed", of: [Self.relays.name])
    }
    let passcode = try members[passcode]
    let delivery = try members[delivery]
    let limits = try members[limits]
    return Settings(
      file: members.file, state: state, templates: templates, app: app,
      brand: Brand(accent: try members[accent], logo: try members[logo], footer: try members[footer]),
      defaultLocale: defaultLocale,
      sender: sender, passcode: passcode, delivery: delivery, limits: limits,
      verification: try members[verification], sessionPurposes: try members[purposes],
      sessionLifetime: try members[session],
      tenants: try members[tenants], subjectShowsCode: try members[subjectShowsCode],
      retention: try members[retention], spoolGroup: try members[spoolGroup],
      boundDomain: try members[boundDomain], timeZone: try members[timeZone],
      makeRelays: { trust in
        Result { () throws(ConfigurationFault) in
          var usable: [RelaySettings] = []
          for relay in relays { usable.append(try relay(trust).get()) }
          return usable
        }
      })
  }
}

enum SpoolGroupKeys: SettingsGroup {
  static let name = RequiredKey("name", .text, "the group, which the worker's user is a member of as well")
  static let tenants = OptionalKey(
    "tenants", .list(of: .text), else: "all",
    "Ids, names or verified domains of the tenants that it may ask for.")
  static let purposes = OptionalKey(
    "purposes", .list(of: .purpose), else: "all", "The purposes that it may ask for.")

  static let keys: [any DescribedKey] = [name, tenants, purposes]

  static func read(_ members: DocumentObject) throws(DocumentFault) -> SpoolGroup {
    SpoolGroup(
      name: try members[name], tenants: try members[tenants], purposes: try members[purposes])
  }
}

enum SenderKeys: SettingsGroup {
  static let name = OptionalKey("name", .text, "The name in From.")
  static let address = RequiredKey("address", .address, "the address in From")
  static let replyTo = OptionalKey("replyTo", .address, "The address in Reply-To.")
  static let envelope = OptionalKey(
    "envelope", .address, else: "the sender's address", "MAIL FROM: where bounces go.")
  static let feedbackID = OptionalKey("feedbackID", .text, "The header Feedback-ID.")

  static let keys: [any DescribedKey] = [name, address, replyTo, envelope, feedbackID]

  static func read(_ members: DocumentObject) throws(DocumentFault) -> Settings.Sender {
    // The address first: it is what is missing most often.
    let address = try members[address]
    return Settings.Sender(
      name: try members[name], address: address, replyTo: try members[replyTo],
      envelope: try members[envelope], feedbackID: try members[feedbackID])
  }
}

enum PasscodeKeys: SettingsGroup {
  private static let usual = PasscodeSettings()
  static let length = DefaultedKey(
    "length", .integer(6...12), default: usual.length, "Decimal digits of a code.")
  static let codeDigits = OptionalKey(
    "codeDigits", .integer(6...12), else: "length, or 8 where many codes are mailed and not used",
    "For forms with so many boxes: codes never get longer, and where longer ones are due a challenge takes one attempt."
  )
  static let validity = DefaultedKey(
    "validity", .duration(.seconds(60)...Duration.seconds(86400)), default: usual.validity,
    "How long a code is good, from when it is made.")
  static let attempts = DefaultedKey(
    "attempts", .integer(1...20), default: usual.attempts,
    "Wrong codes that a challenge takes, its resends included.")
  static let perChallenge = DefaultedKey(
    "perChallenge", .integer(1...10), default: usual.perChallenge,
    "Requests of one challenge, resends among them, whose codes are good at the same time.")

  static let keys: [any DescribedKey] = [length, codeDigits, validity, attempts, perChallenge]

  static func read(_ members: DocumentObject) throws(DocumentFault) -> PasscodeSettings {
    var settings = PasscodeSettings(
      length: try members[length], validity: try members[validity], attempts: try members[attempts],
      perChallenge: try members[perChallenge])
    if let digits = try members[codeDigits] {
      settings.length = digits
      settings.isLengthFixed = true
    }
    return settings
  }
}

enum DeliveryKeys: SettingsGroup {
  private static let usual = Settings.Delivery()
  static let deadline = DefaultedKey(
    "deadline", .duration(.seconds(1)...Duration.seconds(86400)), default: usual.deadline,
    "A mail is never sent later than this after it was queued.")
  static let retryDelays = DefaultedKey(
    "retryDelays",
    .list(of: .duration(.milliseconds(1)...Duration.seconds(86400)), most: 100, "delays"),
    default: usual.retryDelays,
    "How long a mail waits that was put off, the first time, the second and so on; the last one repeats until the deadline."
  )
  static let order = DefaultedKey(
    "order", .choice(), default: usual.order,
    "Which of those that wait go first; adaptive: the oldest, or while that one is stale the newest.")
  static let grace = DefaultedKey(
    "grace", .duration(.zero...Duration.seconds(3600)), default: usual.grace,
    "How long SIGTERM waits for mail in flight.")

  static let keys: [any DescribedKey] = [deadline, retryDelays, order, grace]

  static func read(_ members: DocumentObject) throws(DocumentFault) -> Settings.Delivery {
    Settings.Delivery(
      deadline: try members[deadline], retryDelays: try members[retryDelays], order: try members[order],
      grace: try members[grace])
  }
}

enum VerificationKeys: SettingsGroup {
  private static let usual = Settings.Verification()
  static let byAddress = DefaultedKey(
    "byAddress", .bool, default: usual.byAddress,
    "Codes are taken by address alone, for frontends that keep no id; anybody who knows an address can then use up its attempts."
  )
  static let broughtCodes = DefaultedKey(
    "broughtCodes", .choice(), default: usual.broughtCodes,
    "Codes that requests bring; mail: they are mailed, and their frontend verifies them; verify: they are taken here, so that whoever may enqueue can sign in as anybody."
  )

  static let keys: [any DescribedKey] = [byAddress, broughtCodes]

  static func read(_ members: DocumentObject) throws(DocumentFault) -> Settings.Verification {
    Settings.Verification(byAddress: try members[byAddress], broughtCodes: try members[broughtCodes])
  }
}

extension SettingsForm where Value == Set<Purpose> {
  /// Purposes by name, each with whether it begins a session.
  static let sessionPurposes = SettingsForm(
    accepts: "`{ \"PURPOSE\": { session: true } }`",
    read: { node throws(DocumentFault) in
      var purposes = VerificationSettings().sessionPurposes
      for (name, node) in try node.members("an object such as { \"sign-in\": { session: true } }") {
        let purpose: Purpose
        do throws(RequestFault) { purpose = try Purpose(name) } catch { throw node.fault(error.message) }
        let members = try node.object(["session"])
        let beginsSession = try members["session"]?.boolean() ?? purposes.contains(purpose)
        if beginsSession { purposes.insert(purpose) } else { purposes.remove(purpose) }
      }
      return purposes
    },
    spelling: { purposes in
      let members = purposes.map { "\"\($0)\": { session: true }" }.sorted().joined(separator: ", ")
      return "`{ \(members) }`"
    })
}

enum SessionKeys: SettingsGroup {
  static let lifetime = DefaultedKey(
    "lifetime", .duration(.seconds(60)...Duration.seconds(30 * 86400)),
    default: VerificationSettings().sessionLifetime, "From sign-in to the end of the session.")

  static let keys: [any DescribedKey] = [lifetime]

  static func read(_ members: DocumentObject) throws(DocumentFault) -> Duration { try members[lifetime] }
}
