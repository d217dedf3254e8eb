// Taking mails by a plan, until QUIT or the end of the connection.
extension ScriptedRelaySession {
  func serve(_ plan: ScriptedRelayPlan) {
    let sound = ScriptedRelayPlan()
    var isRefused = false
    var count = 0
    var recipient = ""
    var hasPlace = false
    var isGroup = false
    defer { if hasPlace { relay.leavePlace() } }
    do {
      while true {
        let line = String(decoding: try readLine(), as: UTF8.self)
        let command = String(line.prefix(4).uppercased())
        let number = command == "MAIL" ? relay.noteMailCommand() : 0
        let plan = plan.from == 0 || relay.messages >= plan.from ? plan : sound
        if plan.dropsBehindCommands { try drop() }
        let hasEnough = plan.refusals.isEmpty || plan.most == .max || count >= plan.most
        var reply = hasEnough ? plan.refusals[command] : nil
        var closes = reply?.hasPrefix("421") ?? false || reply == ""
        switch command {
        case "RCPT":
          recipient = String(line.dropFirst(9).prefix { $0 != ">" })
          if !recipient.hasPrefix(plan.refusedStart) {
            reply = nil
          } else if let firstTime = plan.firstTime, relay.isFirstTime(recipient) {
            reply = firstTime
          }
        case "MAIL":
          if plan.places < .max, !hasPlace {
            hasPlace = relay.takePlace(of: plan.places)
            if !hasPlace { (reply, closes) = (plan.withoutPlace, true) }
          }
          if plan.endsEach > 0, number.isMultiple(of: plan.endsEach) {
            (reply, closes) = (plan.withoutPlace, true)
          }
          isGroup = waiting > 0
          if isGroup, case .ends(let said) = plan.group { (reply, closes) = (said, true) }
          if plan.confusesGroups, isGroup { reply = "503 5.5.1 bad sequence of commands" }
          if count >= plan.most, plan.refusals.isEmpty {
            reply = plan.last
            closes = plan.closesAfterLast || plan.last.isEmpty
          }
        default: break
        }
        if let reply {
          isRefused = true
          if !reply.isEmpty { try send(Array("\(reply)\r\n".utf8)) }
          if closes { return }
          continue
        }
        switch command {
        case "RCPT" where isRefused, "DATA" where isRefused:
          if command == "DATA" { isRefused = false }
          try send(Array("503 5.5.1 no\r\n".utf8))
        case "DATA":
          var hasOneMore = false
          if isGroup, case .getsOneMore = plan.group { hasOneMore = true }
          try send(Array(((hasOneMore ? "354 go ahead\r\n" : "") + "354 go ahead\r\n").utf8))
          try readMessage()
          if plan.dropsBehindDot { try drop() }
          count += 1
          let refusal = hasEnough ? plan.refusals["."] : nil
          if refusal == "" { return }
          if refusal == nil { relay.took(recipient, session: index) }
          try send(Array("\(refusal ?? "250 2.0.0 Ok: queued as SERVED")\r\n".utf8))
          if refusal?.hasPrefix("421") == true { return }
        case "QUIT":
          try send(Array("221 2.0.0 Bye\r\n".utf8))
          return
        default:
          isRefused = false
          try send(Array("250 2.0.0 Ok\r\n".utf8))
        }
      }
    } catch { return }
  }
}
