internal import CodeRequests
internal import CommandVerbs
internal import Foundation

// What several benches take, in the same words and with the same limits.

extension Verb.Option {
  static let relay = value(
    "relay", "URL", "smtp://HOST:PORT to send to; without it our sink, as a process of its own")
  static let lanes = value("connections", "N", "to the relay; default 4")
  static let place = value("place", "DIR", "where spool and records lie; default the temporary directory")
  static func runs(_ count: Int) -> Verb.Option { value("runs", "N", "runs; default \(count)") }
}

extension Invocation {
  func lanes() throws(CommandFault) -> Int { try integer("connections", in: 1...64) ?? 4 }

  func runs(_ count: Int) throws(CommandFault) -> Int { try integer("runs", in: 1...100) ?? count }
}

/// The requests of a bench.
enum BenchRequests {
  private static let locales = ["sv", "pl", "de", "cs", "en"]

  /// One of as many people as there are requests, in one of five languages.
  static func request(_ index: Int, deadline: Date? = nil) throws -> CodeRequest {
    CodeRequest(
      recipient: try EmailAddress("guest\(index)@example.org"),
      locale: LocalePreference(tags: [try LocaleTag(locales[index % locales.count])]), deadline: deadline)
  }
}
