/// All verbs, in the order the help shows them: first the road a request goes, then what operators use.
enum Verbs {
  static let all: [Verb] = [
    demo, request, worker, verify, status, queueList, queueRetry, queueCancel, queueFailed, sessionCheck,
    sessionEnd,
    method, tenantList, tenantShow, tenantSet, tenantApply, tenantResolve, guestShow, guestRedeem, guestReset,
    keysList,
    keysRotate,
    templateLint, templatePreview, templateExplain, templateSend, audit, doctor, sink, sinkWait, benchDrain,
    benchQueue, benchTakeover,
    benchSMTP, benchEnqueue, benchLatency, benchVerify, benchRender, benchMonth, benchIdle,
  ]
}
