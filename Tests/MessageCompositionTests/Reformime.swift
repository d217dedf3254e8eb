import Foundation
import TestSupport

/// The MIME parser of maildrop, the third opinion on every message: written in C, by others, long ago. One shell reads
/// a whole batch.
///
/// Its package would bring a daemon for passwords, so it is unpacked and never installed.
final class Reformime {
  static let comment = "no maildrop_*.deb and libcourier-unicode4_*.deb in .build/peers: .ci/run gets both"
  /// For `.enabled(if:)`. In continuous integration always true.
  static let isAvailable = ExternalTool.isContinuousIntegration || packages.count == 2

  private static let packages: [String] = {
    let folder = Scratch.repository + "/.build/peers"
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return ["maildrop_", "libcourier-unicode4_"].compactMap { name in
      files.first { $0.hasPrefix(name) && $0.hasSuffix(".deb") }.map { "\(folder)/\($0)" }
    }
  }()

  /// What it reads in a message.
  struct Reading {
    let subject: [UInt8]
    let text: [UInt8]
    let html: [UInt8]
    /// The type of each section, in order.
    let types: [String]
  }

  private let directory: TemporaryDirectoryOwner

  init() throws {
    guard Self.packages.count == 2 else { throw Unexpected("reformime is not there", Self.comment) }
    directory = try TemporaryDirectoryOwner(on: .disk)
    for package in Self.packages {
      let result = try ChildProcess.run("dpkg-deb", ["-x", package, directory.path])
      guard result.status == 0 else { throw Unexpected("\(package) was not unpacked", result.description) }
    }
  }

  func read(_ messages: [[UInt8]]) throws -> [Reading] {
    let folder = "\(directory.path)/mails"
    try? FileManager.default.removeItem(atPath: folder)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    for (index, message) in messages.enumerated() {
      try Data(message).write(to: URL(fileURLWithPath: "\(folder)/\(index)"))
      try Data(Self.subject(of: message)).write(to: URL(fileURLWithPath: "\(folder)/\(index).raw"))
    }
    let libraries = try FileManager.default.contentsOfDirectory(atPath: "\(directory.path)/usr/lib")
      .map { "\(directory.path)/usr/lib/\($0)" }
    let script = """
      cd '\(folder)'
      for raw in *.raw; do
        mail=${raw%.raw}
        reformime -i < $mail > $mail.info
        reformime -e -s 1.1 < $mail > $mail.text
        reformime -e -s 1.2 < $mail > $mail.html
        reformime -c utf-8 -h "$(cat $raw)" > $mail.subject
      done
      """
    let result = try ChildProcess.run(
      "sh", ["-e", "-c", script],
      environment: [
        "PATH": "\(directory.path)/usr/bin:/usr/bin:/bin",
        "LD_LIBRARY_PATH": libraries.joined(separator: ":"),
      ])
    guard result.status == 0 else { throw Unexpected("reformime failed", result.description) }
    return try messages.indices.map { index in
      func file(_ suffix: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(index).\(suffix)")))
      }
      let types = String(decoding: try file("info"), as: UTF8.self).split(separator: "\n")
        .filter { $0.hasPrefix("content-type: ") }.map { String($0.dropFirst("content-type: ".count)) }
      // It ends what it prints with a line end of its own.
      return Reading(
        subject: try file("subject").dropLast(), text: try file("text"), html: try file("html"), types: types)
    }
  }

  /// The value of the Subject, unfolded but not decoded.
  private static func subject(of message: [UInt8]) -> [UInt8] {
    var value: [UInt8] = []
    var isSubject = false
    for line in message.split(separator: 10, omittingEmptySubsequences: false) {
      let line = line.last == 13 ? line.dropLast() : line
      if line.isEmpty { break }
      if line.first == 0x20 || line.first == 9 {
        if isSubject { value += line }
      } else {
        isSubject = line.starts(with: "Subject: ".utf8)
        if isSubject { value += line.dropFirst("Subject: ".utf8.count) }
      }
    }
    return value
  }
}
