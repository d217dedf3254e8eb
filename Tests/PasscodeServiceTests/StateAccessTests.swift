import Configuration
import Foundation
import Glibc
import LinuxSystem
import TestSupport
import Testing

@testable import PasscodeService

/// What an examination says of a state directory that others can get into.
@Suite(.waits) struct StateAccessTests {
  private func made() throws -> ServiceRig {
    let rig = try ServiceRig()
    try rig.ask()
    _ = try rig.service.keys()
    for suffix in ["-wal", "-shm", "-journal"] {
      let path = rig.service.installation.settings.recordsPath + suffix
      if !FileManager.default.fileExists(atPath: path) {
        _ = FileManager.default.createFile(atPath: path, contents: nil)
      }
      chmod(path, 0o600)
    }
    return rig
  }

  private func exposures(_ rig: ServiceRig) -> [StateAccess.Exposure] {
    StateAccess(rig.service.installation.settings, trust: FileTrust(user: geteuid())).exposures()
  }

  @Test func `what the service makes is closed to others`() throws { #expect(try exposures(made()) == []) }

  static let rows: [(path: String, mode: mode_t, part: StateAccess.Part?)] = [
    ("", 0o777, .state), ("", 0o704, .state), ("", 0o711, nil), ("spool", 0o777, .spool),
    ("spool", 0o711, nil),
    ("spool/new", 0o777, .spool), ("spool/new", 0o1777, .spool), ("spool/new", 0o704, .spool),
    ("spool/deferred", 0o702, .spool), ("spool/failed", 0o707, .spool), ("spool/rejected", 0o705, .spool),
    ("spool/tmp", 0o702, .spool), ("keys", 0o707, .keys), ("keys/1.key", 0o644, .keys),
    ("keys/address.key", 0o606, .keys), ("records.sqlite", 0o666, .records),
    ("records.sqlite", 0o604, .records),
    ("records.sqlite-wal", 0o644, .records), ("records.sqlite-shm", 0o602, .records),
    ("records.sqlite-journal", 0o604, .records),
  ]

  @Test(arguments: rows)
  func `each file and folder that others can read or write is told, with its remedy`(
    _ row: (path: String, mode: mode_t, part: StateAccess.Part?)
  ) throws {
    let rig = try made()
    let state = rig.service.installation.settings.state
    let path = row.path.isEmpty ? state : "\(state)/\(row.path)"
    chmod(path, row.mode)
    let found = exposures(rig)
    #expect(Set(found.map(\.part)) == (row.part.map { [$0] } ?? []))
    for exposure in found {
      #expect(
        exposure.text.hasPrefix("\(path) ") && exposure.text.contains(" Run: chmod "), "\(exposure.text)")
      #expect(exposure.text.contains("mode 0\(String(row.mode, radix: 8))"))
    }
  }

  @Test(.enabled(if: getuid() == 0, "needs root"))
  func `groups get in only where the folder is theirs to put requests into`() throws {
    let rig = try made()
    let spool = rig.service.installation.settings.spoolPath
    for (folder, mode, isExposed) in [
      ("new", 0o3730, false), ("tmp", 0o3730, false), ("new", 0o2730, true), ("new", 0o3770, true),
      ("failed", 0o770, true),
    ] as [(String, mode_t, Bool)] {
      chown("\(spool)/\(folder)", 0, 4400)
      chmod("\(spool)/\(folder)", mode)
      #expect(exposures(rig).isEmpty != isExposed, "\(folder) \(String(mode, radix: 8))")
      chown("\(spool)/\(folder)", 0, 0)
      chmod("\(spool)/\(folder)", 0o700)
    }
    chown("\(spool)/../records.sqlite", 4322, 4322)
    #expect(exposures(rig).map(\.part) == [.records])
    #expect(exposures(rig).first?.text.contains("belongs to user 4322") == true)
  }

  @Test func `an examination has a row for each`() throws {
    let rig = try made()
    let settings = rig.service.installation.settings
    chmod(settings.recordsPath, 0o666)
    chmod("\(settings.spoolPath)/new", 0o777)
    var rows: [Finding] = []
    #expect(!rig.service.examine { rows.append($0) })
    let bad = rows.filter { $0.grade == .bad && $0.text.contains("chmod") }
    #expect(bad.map(\.subject) == [.spool, .records], "\(rows)")
  }
}
