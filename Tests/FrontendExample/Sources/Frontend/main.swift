import PasscodeVerifier

// frontend STATE TENANTS ID        checks the code on standard input against a challenge
// frontend STATE TENANTS ADDRESS   the same for who kept no id
// frontend STATE TENANTS ID ADDRESS   a challenge that must be this address's: the browser kept the id

let arguments = CommandLine.arguments
guard (4...5).contains(arguments.count), let typed = readLine() else {
  fatalError("usage: frontend STATE TENANTS ID|ADDRESS [ADDRESS]")
}

let policy = try SignInPolicy(tenantsFile: arguments[2])
let verifier = try Verifier(
  state: arguments[1], settings: VerificationSettings(byAddress: true, policy: policy))

let code = TypedCode(typed)
let result: Verification
if let address = try? EmailAddress(arguments[3]) {
  result = try verifier.verify(code, recipient: address, tenant: "Fabrikam", purpose: .signIn)
} else {
  let expected = Expectations(recipient: try arguments.dropFirst(4).first.map { try EmailAddress($0) })
  result = try verifier.verify(code, challenge: ChallengeID(arguments[3]), expecting: expected)
}

switch result {
case .verified(let guest):
  guard let session = guest.session, case .valid(let info) = try verifier.session(session.token) else {
    fatalError("the session is not valid")
  }
  guard info.recipient == guest.recipient else { fatalError("the session is somebody else's") }
  print("signed in \(info.recipient.map { "\($0)" } ?? "somebody"); the token prints as \(session.token)")
  try verifier.endSession(session.token)
  print("signed out: \(try verifier.session(session.token) == .invalid)")
case .incorrect(let attemptsLeft): print("wrong, \(attemptsLeft) left")
case .expired, .used, .locked, .unknown, .refused: print("\(result.name)")
}
