import Foundation
import TestSupport

/// Headless Chromium: what a reader's browser makes of a page.
enum Chromium {
  /// Runs `script` at the end of the page and returns what it resolves to.
  ///
  /// - Parameters:
  ///   - page: the markup; a copy of it is opened from the file system.
  ///   - script: the body of an asynchronous function that returns something that JSON can carry.
  static func evaluate<Value: Decodable>(
    _ script: String, in page: String, width: Int, as type: Value.Type = Value.self
  ) throws -> Value {
    let directory = try TemporaryDirectoryOwner()
    let injected = """
      <script>(async () => {
      \(script)
      })().catch(error => ({ failure: String(error) })).then(value => {
        const bytes = new TextEncoder().encode(JSON.stringify(value));
        document.body.textContent = "RESULT " + btoa(Array.from(bytes, b => String.fromCharCode(b)).join("")) + " END";
      })</script></body>
      """
    let file = "\(directory.path)/page.html"
    // The last one: others may stand in the sources of frames.
    let end = page.range(of: "</body>", options: .backwards)?.lowerBound ?? page.endIndex
    try (String(page[..<end]) + injected).write(toFile: file, atomically: true, encoding: .utf8)
    let result = try run(
      ["--virtual-time-budget=120000", "--dump-dom", "file://\(file)"], width, directory.path)
    let pieces = result.text.components(separatedBy: "RESULT ")
    guard pieces.count == 2, let data = Data(base64Encoded: pieces[1].components(separatedBy: " END")[0])
    else {
      throw Unexpected("the script of the page came to no end", result.errorText)
    }
    do { return try JSONDecoder().decode(Value.self, from: data) } catch {
      throw Unexpected("the script of the page failed", String(decoding: data, as: UTF8.self))
    }
  }

  /// A picture of the page, as PNG.
  static func screenshot(of page: String, width: Int, height: Int) throws -> Data {
    let directory = try TemporaryDirectoryOwner()
    let file = "\(directory.path)/page.html"
    try page.write(toFile: file, atomically: true, encoding: .utf8)
    let picture = "\(directory.path)/page.png"
    let result = try run(
      ["--virtual-time-budget=2000", "--screenshot=\(picture)", "file://\(file)"],
      width,
      directory.path, height: height)
    guard let data = FileManager.default.contents(atPath: picture) else {
      throw Unexpected("there is no picture of the page", result.errorText)
    }
    return data
  }

  private static func run(
    _ arguments: [String], _ width: Int, _ directory: String, height: Int = 2000
  ) throws -> ChildResult {
    // No sandbox: continuous integration runs as root. The page is ours.
    try ChildProcess.run(
      "chromium",
      [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
        "--hide-scrollbars",
        // One process for all frames: they hold nothing of anybody else's.
        "--disable-features=IsolateSandboxedIframes", "--disable-extensions",
        "--disable-background-networking",
        "--user-data-dir=\(directory)/profile", "--window-size=\(width),\(height)",
      ] + arguments, environment: ["DBUS_SESSION_BUS_ADDRESS": "disabled:"])
  }
}
