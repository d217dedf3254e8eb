internal import Foundation
internal import SMTPSink

/// A copy of the templates that ship, to be changed by a test.
package struct TemplateCopy: Sendable {
  package let path: String

  /// - Parameter locales: those that are copied; nil for all. A process that has one starts in half the time.
  package init(at path: String, locales: Set<String>? = nil) throws {
    let manager = FileManager.default
    try manager.createDirectory(atPath: path, withIntermediateDirectories: false)
    for name in try manager.contentsOfDirectory(atPath: Scratch.templates) {
      if !name.contains("."), let locales, !locales.contains(name) { continue }
      try manager.copyItem(atPath: "\(Scratch.templates)/\(name)", toPath: "\(path)/\(name)")
    }
    self.path = path
  }

  package func text(_ file: String) throws -> String {
    try String(contentsOfFile: "\(path)/\(file)", encoding: .utf8)
  }

  /// Writes a file, with the folders on the way.
  package func write(_ text: String, to file: String) throws {
    let url = URL(fileURLWithPath: "\(path)/\(file)")
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  package func replace(_ old: String, with new: String, in file: String) throws {
    let text = try text(file)
    guard text.contains(old) else { throw Unexpected("\(file) does not hold '\(old)'", text) }
    try write(text.replacing(old, with: new), to: file)
  }

  package func remove(_ file: String) throws { try FileManager.default.removeItem(atPath: "\(path)/\(file)") }
}

/// A sink, and an installation with templates of its own that sends to it.
package func makeTemplateRig(
  extra: String = "", locales: Set<String> = ["en"]
) throws -> (scratch: Scratch, templates: TemplateCopy) {
  let directory = try TemporaryDirectoryOwner()
  let templates = try TemplateCopy(at: "\(directory.path)/T", locales: locales)
  let sink = try SinkServer(store: "\(directory.path)/mail")
  return (
    try Scratch(in: directory, relay: sink.address, extra: extra, templates: templates.path, sink: sink),
    templates
  )
}
