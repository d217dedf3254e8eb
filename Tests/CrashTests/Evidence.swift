import CodeRequests
import Foundation
import TestSupport

/// A request as whoever enqueued it knows it.
struct EnqueuedRequest: Sendable {
  let id: String
  let recipient: String
  /// What it may come to besides `sent`.
  var alternatives: Set<String> = []
  var isSentPossible = true
  var deadline: Date?
  /// The code that it brought along.
  var code: String?
  /// The relay takes the message and says nothing, however often.
  var isSilent = false
  /// Its challenge is another request's.
  var isResend = false
}

/// What lay on the disk when no worker ran: after a kill, and at the end.
struct Snapshot: Sendable {
  struct Row: Sendable {
    let id: String
    let state: String
    let run: String
    let reason: String
    let deadline: Double
  }

  /// A copy of the state directory.
  var directory: String
  let rows: [Row]
  /// How often the audit trail tells an outcome, by the key of the id.
  let outcomesInAudit: [String: Int]
  /// Names by folder of the spool.
  let spool: [String: [String]]
  /// How many mails the sink had stored before the copy was made.
  let mailCount: Int

  /// Reads a copy of a state directory.
  init(of directory: String, mailCount: Int) throws {
    self.directory = directory
    self.mailCount = mailCount
    let states = [
      "0": "queued", "1": "deferred", "2": "sending", "10": "sent", "11": "refused", "12": "limited",
      "13": "expired", "14": "failed", "15": "superseded", "16": "cancelled", "17": "rejected",
    ]
    var rows: [Row] = []
    var outcomes: [String: Int] = [:]
    let records = "\(directory)/records.sqlite"
    if FileManager.default.fileExists(atPath: records) {
      let file = try RecordsFile(records)
      if try !file.rows("SELECT 1 FROM sqlite_schema WHERE name = 'audit'").isEmpty {
        rows = try file.rows("SELECT hex(id), state, run, reason, deadline FROM request").map {
          Row(
            id: $0[0], state: states[$0[1]] ?? $0[1], run: $0[2], reason: $0[3],
            deadline: (Double($0[4]) ?? 0) / 1000)
        }
        let audit = try file.rows(
          """
          SELECT hex(request.id) FROM audit JOIN request USING (idKey)
          WHERE event IN ('decision', 'send')
            AND result IN ('sent', 'refused', 'limited', 'expired', 'failed', 'superseded', 'cancelled', 'rejected')
          """)
        for line in audit { outcomes[line[0], default: 0] += 1 }
      }
    }
    self.rows = rows
    outcomesInAudit = outcomes
    var spool: [String: [String]] = [:]
    for folder in ["new", "deferred", "failed", "rejected", "tmp"] {
      spool[folder] =
        (try? FileManager.default.contentsOfDirectory(atPath: "\(directory)/spool/\(folder)")) ?? []
    }
    self.spool = spool
  }

  /// Id and recipient of each request in `new/`.
  func waiting() throws -> [(id: String, recipient: String)] {
    try (spool["new"] ?? []).compactMap { name in
      let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(directory)/spool/new/\(name)"))
      guard let object = try? JSONSerialization.jsonObject(with: bytes) as? [String: Any],
        let id = object["id"] as? String, let recipient = object["recipient"] as? String
      else { return nil }
      return (id, recipient)
    }
  }
}

/// A message in the sink's store.
struct StoredMail: Sendable {
  let number: Int
  let recipient: String
  let code: String
  let messageID: String
  /// When the relay asked for the message.
  let begunAt: Date

  /// How many lie in a store.
  static func count(in store: String) -> Int {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: store)) ?? []
    return names.count { $0.hasSuffix(".json") && !$0.hasPrefix(".") }
  }

  /// All of a store, in the order they came.
  static func all(in store: String) throws -> [StoredMail] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: store)) ?? []
    return try names.filter { $0.hasSuffix(".json") && !$0.hasPrefix(".") }
      .map { try StoredMail(store: store, name: $0) }
      .sorted { $0.number < $1.number }
  }

  private init(store: String, name: String) throws {
    let json = try Data(contentsOf: URL(fileURLWithPath: "\(store)/\(name)"))
    let stem = name.dropLast(".json".count)
    let message = try Data(contentsOf: URL(fileURLWithPath: "\(store)/\(stem).eml"))
    // The header alone: the body is twenty times as long.
    let end = message.range(of: Data("\r\n\r\n".utf8))?.lowerBound ?? message.endIndex
    let fields = String(decoding: message[..<end], as: UTF8.self)
    guard let object = try JSONSerialization.jsonObject(with: json) as? [String: Any],
      let recipient = object["to"] as? String, let code = object["code"] as? String,
      let received = (object["receivedAt"] as? String).flatMap({ Date(rfc3339: $0) }),
      let timings = object["timings"] as? [String: Any],
      let data = timings["dataMilliseconds"] as? Double, let number = Int(stem),
      let header = fields.components(separatedBy: "\r\n").first(where: {
        $0.lowercased().hasPrefix("message-id:")
      })
    else { throw Unexpected("a stored mail is incomplete", "\(store)/\(name)") }
    self.number = number
    self.recipient = recipient
    self.code = code
    messageID = header
    begunAt = received.addingTimeInterval(-data / 1000)
  }
}

/// Everything that is known about a run from outside.
struct Evidence: Sendable {
  var requests: [EnqueuedRequest]
  /// After each kill, in order.
  var kills: [Snapshot]
  var end: Snapshot
  var mails: [StoredMail]
  /// What workers and commands printed.
  var logs: [[UInt8]]
}
