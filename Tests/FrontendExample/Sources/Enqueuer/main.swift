import CodeRequests
import RecordKeys
import RequestSpool

// enqueuer STATE ADDRESS           asks for a mail with the code on standard input, which reaches the disk sealed

let arguments = CommandLine.arguments
guard arguments.count == 3, let code = readLine() else { fatalError("usage: enqueuer STATE ADDRESS") }

let keys = try Keyring(directory: "\(arguments[1])/keys")
let spool = try Spool(at: "\(arguments[1])/spool") { code, id in keys.seal(code, for: id) }
let request = CodeRequest(recipient: try EmailAddress(arguments[2]), code: try Passcode(code))
try spool.enqueue(request)
print(request.id.rawValue)
