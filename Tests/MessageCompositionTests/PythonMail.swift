import Foundation
import Testing

/// Python's email parser, the second opinion on every message. One process reads a whole batch.
enum PythonMail {
  static let isAvailable: Bool = (try? run("print('{}')", input: Data("{}".utf8))) != nil

  /// What Python reads in a message.
  struct Reading: Decodable {
    var headers: [[String]]
    var defects: [String]
    var name: String
    var address: String
    var text: String
    var html: String
    var types: [String]

    func header(_ name: String) -> String? { headers.first { $0[0] == name }?[1] }
  }

  static func read(_ messages: [[UInt8]]) throws -> [Reading] {
    let input = try JSONSerialization.data(withJSONObject: messages.map { Data($0).base64EncodedString() })
    return try JSONDecoder().decode([Reading].self, from: run(program, input: input))
  }

  private static let program = """
    import sys, json, base64, email, email.policy, email.utils
    from email.header import decode_header, make_header
    result = []
    for encoded in json.load(sys.stdin):
        m = email.message_from_bytes(base64.b64decode(encoded), policy=email.policy.default)
        defects = []
        for part in m.walk():
            defects += [repr(d) for d in part.defects]
            for name, value in part.items():
                defects += [name + ': ' + repr(d) for d in value.defects]
        parts = list(m.iter_parts())
        sender = m['From'].addresses[0]
        # display_name joins blanks in encoded words (Python 3.11), so the name is decoded as RFC 2047 has it.
        raw = email.message_from_bytes(base64.b64decode(encoded), policy=email.policy.compat32)['From']
        name = str(make_header(decode_header(email.utils.parseaddr(raw)[0])))
        result.append(dict(
            headers=[[k, str(v)] for k, v in m.items()], defects=defects, name=name,
            address=sender.addr_spec, text=parts[0].get_content().replace('\\r\\n', '\\n'),
            html=parts[1].get_content().replace('\\r\\n', '\\n'),
            types=[m.get_content_type()] + [p.get_content_type() for p in parts]))
    json.dump(result, sys.stdout)
    """

  private static func run(_ program: String, input: Data) throws -> Data {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-c", program]
    let into = Pipe()
    let out = Pipe()
    process.standardInput = into
    process.standardOutput = out
    try process.run()
    // Python reads everything before it writes, so neither pipe can fill up while the other waits.
    try into.fileHandleForWriting.write(contentsOf: input)
    try into.fileHandleForWriting.close()
    let data = out.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
    return data
  }
}
