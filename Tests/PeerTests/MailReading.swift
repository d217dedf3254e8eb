import Foundation
import TestSupport

/// A mail of ours as Python's parser understands it: another implementation than the one that wrote it.
struct ReadMail: Decodable {
  let to: String
  let subject: String
  let language: String
  let messageID: String
  let text: String
  let html: String
  /// What Python found wrong; empty for a sound mail.
  let defects: [String]

  /// The six digits that stand alone in a line of the text.
  var code: String? {
    text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
      .first { $0.count == 6 && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
  }

  private static let script = """
    import email, email.policy, json, sys
    def read(text):
        mail = email.message_from_bytes(bytes.fromhex(text), policy=email.policy.default)
        parts = list(mail.walk())
        body = lambda kind: mail.get_body((kind,)).get_content()
        return {"to": mail["To"], "subject": mail["Subject"], "language": mail["Content-Language"],
            "messageID": mail["Message-ID"], "text": body("plain"), "html": body("html"),
            "defects": [repr(d) for p in parts for d in p.defects]
                + [repr(d) for p in parts for v in p.values() for d in v.defects]}
    print(json.dumps([read(line.strip()) for line in sys.stdin]))
    """

  /// Reads mails, all in one go of Python.
  static func read(_ mails: [[UInt8]]) throws -> [ReadMail] {
    let input = mails.map { $0.map { byte in String(byte >> 4, radix: 16) + String(byte & 15, radix: 16) } }
      .map { $0.joined() + "\n" }.joined()
    let result = try ChildProcess.run("python3", ["-c", script], input: .text(input))
    guard result.status == 0 else { throw Unexpected("Python did not read the mails", result.description) }
    return try JSONDecoder().decode([ReadMail].self, from: Data(result.output))
  }
}

extension Scratch {
  /// Each locale that there are templates for.
  static var locales: [String] {
    get throws {
      try FileManager.default.contentsOfDirectory(atPath: templates)
        .filter { FileManager.default.fileExists(atPath: "\(templates)/\($0)/sign-in") }
        .sorted()
    }
  }

  /// Waits until the request has an outcome.
  func outcome(_ id: String, timeout: Duration = patience) throws -> String {
    let deadline = ContinuousClock.now + timeout
    while ContinuousClock.now < deadline {
      if let outcome = try status(id)["outcome"] as? String { return outcome }
    }
    throw Unexpected("the request has no outcome", "\(try status(id))")
  }
}
