import PasscodeVerifier

// frontend STATE TENANTS ID        checks the code on standard input against a challenge
// frontend STATE TENANTS ADDRESS   the same for who kept no id

let arguments = CommandLine.arguments
guard arguments.count == 4, let typed = readLine() else {
  fatalError("usage: frontend STATE TENANTS ID|ADDRESS")
}

let policy = try SignInPolicy(tenantsFile: arguments[2])
let verifier = try Verifier(state: arguments[1], settings: VerificationSettings(policy: policy))

let code = TypedCode(typed)
let result: Verification
if let address = try? EmailAddress(arguments[3]) {
  result = try verifier.verify(code, recipient: address, tenant: "Fabrikam", purpose: .signIn)
} else {
  result = try verifier.verify(code, challenge: ChallengeID(arguments[3]))
}

switch result {
case .verified(let session):
  guard case .valid(let info) = try verifier.session(session.token) else {
    fatalError("the session is not valid")
  }
  print("signed in \(info.recipient ?? "somebody"); the token prints as \(session.token)")
  try verifier.endSession(session.token)
  print("signed out: \(try verifier.session(session.token) == .invalid)")
case .incorrect(let attemptsLeft): print("wrong, \(attemptsLeft) left")
case .expired, .used, .locked, .unknown, .refused: print("\(result.name)")
}
