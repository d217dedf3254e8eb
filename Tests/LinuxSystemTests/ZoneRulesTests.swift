import Foundation
import TestSupport
import Testing

@testable import LinuxSystem

/// Time zones as the system's files have them.
@Suite struct ZoneRulesTests {
  private static let hasZones = FileManager.default.fileExists(
    atPath: "\(ZoneRules.directory)/Europe/Stockholm")

  private func seconds(_ text: String) -> Int64 {
    let formatter = ISO8601DateFormatter()
    return Int64(formatter.date(from: text)!.timeIntervalSince1970)
  }

  /// Zone, moment in UTC, hours east of it.
  @Test(
    .enabled(if: hasZones, "the package tzdata is not installed"),
    arguments: [
      ("Europe/Stockholm", "2026-11-21T05:22:47Z", 1), ("Europe/Stockholm", "2026-07-01T00:00:00Z", 2),
      ("Europe/Stockholm", "2026-03-29T00:59:59Z", 1), ("Europe/Stockholm", "2026-03-29T01:00:00Z", 2),
      ("Europe/Stockholm", "2026-10-25T00:59:59Z", 2), ("Europe/Stockholm", "2026-10-25T01:00:00Z", 1),
      // Beyond what the file lists.
      ("Europe/Stockholm", "2100-07-01T00:00:00Z", 2), ("Europe/Stockholm", "2100-12-31T23:30:00Z", 1),
      ("Europe/Kyiv", "2026-11-21T05:22:47Z", 2), ("Europe/London", "2026-06-01T12:00:00Z", 1),
      ("America/New_York", "2026-03-08T06:59:59Z", -5), ("America/New_York", "2026-03-08T07:00:00Z", -4),
      ("America/New_York", "2090-11-05T05:59:59Z", -4), ("America/New_York", "2090-11-05T06:00:00Z", -5),
      ("Australia/Sydney", "2026-01-01T00:00:00Z", 11), ("Australia/Sydney", "2099-06-01T00:00:00Z", 10),
      ("Asia/Kolkata", "2026-11-21T05:22:47Z", 5.5), ("Asia/Tokyo", "2099-11-21T05:22:47Z", 9),
      ("Etc/GMT+5", "2026-11-21T05:22:47Z", -5), ("UTC", "2026-11-21T05:22:47Z", 0),
    ] as [(String, String, Double)])
  func `a clock is as far from UTC as the database says`(name: String, moment: String, hours: Double) throws {
    #expect(Double(try ZoneRules(named: name).offset(at: seconds(moment))) == hours * 3600)
  }

  /// Every zone of the system, every fifth day of a hundred years, beside glibc's reading of the same files.
  @Test(.enabled(if: hasZones && ExternalTool.has("python3"), "needs tzdata and python3"))
  func `agrees with another reader of the database`() throws {
    let names = [
      "Europe/Stockholm", "Europe/Dublin", "Africa/Casablanca", "America/Nuuk", "Asia/Gaza", "America/Havana",
      "Pacific/Chatham", "Australia/Lord_Howe", "America/Asuncion", "Asia/Tehran", "Antarctica/Troll",
      "America/St_Johns",
    ].filter { FileManager.default.fileExists(atPath: "\(ZoneRules.directory)/\($0)") }
    let step: Int64 = 5 * 86_400 + 3_660
    let count = 7000
    let script = """
      import datetime, sys, zoneinfo
      for name in sys.argv[1:]:
        zone = zoneinfo.ZoneInfo(name)
        print(" ".join(str(int(datetime.datetime.fromtimestamp(i * \(step), zone).utcoffset().total_seconds())) for i in range(\(count))))
      """
    let result = try ChildProcess.run("python3", ["-c", script] + names)
    #expect(result.status == 0, "\(result)")
    for (name, line) in zip(names, result.lines) {
      let zone = try ZoneRules(named: name)
      let found = (0..<Int64(count)).map { zone.offset(at: $0 * step) }
      #expect(found == line.split(separator: " ").compactMap { Int($0) }, "\(name)")
    }
  }

  @Test(arguments: [
    "Europe/Stockhome", "", "/etc/passwd", "../../../etc/passwd", "Europe/../UTC", "Europe",
    "Europe//Stockholm",
    "tzdata.zi", "zone.tab", "right/UTC", "posix/UTC", "Europe/Stockholm\0", "Europe/Stockholm ", ":UTC",
    "CET-1CEST", String(repeating: "a", count: 65),
  ])
  func `what is no name of a zone is told, and no other file is read`(name: String) {
    let problem = #expect(throws: ZoneRules.Problem.self) { try ZoneRules(named: name) }
    #expect(problem?.message.contains("Europe/Stockholm or UTC") == true)
  }

  @Test func `without a database UTC alone is known, and the package is named`() throws {
    #expect(try ZoneRules(named: "UTC", in: "/nowhere").isUTC)
    let problem = #expect(throws: ZoneRules.Problem.self) {
      try ZoneRules(named: "Europe/Stockholm", in: "/nowhere")
    }
    #expect(problem?.message.contains("tzdata") == true)
  }

  @Test func `a file that is cut or changed anywhere is refused or read within its bounds`() throws {
    let directory = try TemporaryDirectory()
    let sound = Self.file(footer: "CET-1CEST,M3.5.0,M10.5.0/3")
    let rules = try #require(ZoneRules.read(sound))
    #expect(rules.offset(at: -1) == 3600 && !rules.isUTC)
    #expect(rules.offset(at: seconds("2026-11-21T05:22:47Z")) == 3600)
    for count in 0..<sound.count { #expect(ZoneRules.read(Array(sound.prefix(count))) == nil, "\(count)") }
    for index in sound.indices {
      for byte: UInt8 in [0x00, 0x01, 0x7F, 0xFF] {
        var changed = sound
        changed[index] = byte
        if let rules = ZoneRules.read(changed) { _ = rules.offset(at: 1_800_000_000) }
      }
    }
    for footer in [
      "CET", "CE-1", "CET-1CEST", "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.5.0", "CET-25", "<+01-1",
      "CET-1CEST,J0,J365", "CET-1CEST,M3.5.0,M10.5.0/168", "CET-1CEST,M3.5.0,M10.5.0 ",
    ] { #expect(ZoneRules.read(Self.file(footer: footer)) == nil, "\(footer)") }
    for (footer, winter, summer) in [
      ("", 7200, 7200), ("<+0330>-3:30", 12600, 12600), ("IST-2IDT,M3.4.4/26,M10.5.0", 7200, 10800),
      ("XXX3", -10800, -10800), ("AAA0BBB-1,J60/0,300", 0, 3600),
      ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", -7200, -3600),
    ] {
      let rules = try #require(ZoneRules.read(Self.file(footer: footer)), "\(footer)")
      #expect(rules.offset(at: seconds("2026-12-21T05:22:47Z")) == winter, "\(footer)")
      #expect(rules.offset(at: seconds("2026-06-21T05:22:47Z")) == summer, "\(footer)")
    }
    try Data("TZif".utf8).write(to: URL(fileURLWithPath: "\(directory.path)/Broken"))
    let problem = #expect(throws: ZoneRules.Problem.self) {
      try ZoneRules(named: "Broken", in: directory.path)
    }
    #expect(problem?.message.contains("no sound file") == true)
  }

  /// One change at 0, from an hour to two hours east of UTC.
  private static func file(footer: String) -> [UInt8] {
    func header(_ counts: [UInt8]) -> [UInt8] {
      Array("TZif2".utf8) + [UInt8](repeating: 0, count: 15) + counts.flatMap { [0, 0, 0, $0] }
    }
    return header([0, 0, 0, 0, 1, 4]) + [0, 0, 0x0E, 0x10, 0, 0] + Array("CET\0".utf8)
      + header([0, 0, 0, 1, 2, 4]) + [UInt8](repeating: 0, count: 8) + [1]
      + [0, 0, 0x0E, 0x10, 0, 0] + [0, 0, 0x1C, 0x20, 1, 0] + Array("CET\0".utf8)
      + Array("\n\(footer)\n".utf8)
  }

  @Test func `days are counted as the calendar has them`() {
    for (year, month, day, count) in [
      (1970, 1, 1, 0), (1969, 12, 31, -1), (2000, 2, 29, 11_016), (2000, 3, 1, 11_017), (1900, 3, 1, -25_508),
      (2026, 11, 21, 20_778), (2100, 2, 28, 47_540), (2100, 3, 1, 47_541), (1600, 1, 1, -135_140),
    ] as [(Int, Int, Int, Int64)] {
      let civil = CivilDay(year: year, month: month, day: day)
      #expect(civil.since1970 == count)
      #expect(CivilDay(since1970: count) == civil)
    }
  }
}
