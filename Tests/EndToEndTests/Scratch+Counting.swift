import Foundation
import TestSupport

// What an installation and its worker have come to, for tests of trouble.

/// How often a worker has told an event.
func count(_ event: String, _ worker: ChildProcess) -> Int {
  worker.text().components(separatedBy: "\"event\":\"\(event)\"").count - 1
}

func outcome(_ scratch: Scratch, _ id: String) throws -> String? {
  try eventually { try scratch.status(id)["outcome"] as? String }
}

/// How many mails its sink has stored.
func mails(_ scratch: Scratch) throws -> Int {
  try FileManager.default.contentsOfDirectory(atPath: scratch.store).count { $0.hasSuffix(".eml") }
}
