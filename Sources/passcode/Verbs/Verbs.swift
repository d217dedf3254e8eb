internal import CommandVerbs

/// All verbs, in the order the help shows them: first the road a request goes, then what operators use.
enum Verbs {
  private static let all: [Verb] = [
    demo, request, worker, verify, status, queueList, queueRetry, queueCancel, queueFailed, queuePurge,
    sessionCheck,
    sessionEnd,
    method, tenantList, tenantShow, tenantSet, tenantApply, tenantResolve, guestShow, guestRedeem, guestReset,
    keysList,
    keysRotate,
    templateLint, templatePreview, templateExplain, templateSend, audit, doctor, sink, sinkWait,
  ]

  static let command = Command(
    name: "passcode",
    purpose: "Passcode Mailer: one-time passcodes by e-mail, in the reader's language.",
    start: "passcode demo", verbs: all,
    options: [
      .value(
        "config", "FILE",
        "the configuration; else $PASSCODE_CONFIG, ./Config/passcode.json5 (not for root), /etc/passcode/passcode.json5"
      )
    ],
    moved: ["bench": "passcode-bench"])
}
