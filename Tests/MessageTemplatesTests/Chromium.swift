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
    try ChildProcess.run(
      "chromium",
      options(profile: "\(directory)/profile") + ["--window-size=\(width),\(height)"] + arguments,
      environment: environment)
  }

  // No sandbox: continuous integration runs as root. The page is ours.
  static func options(profile: String) -> [String] {
    [
      "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
      "--hide-scrollbars",
      // One process for all frames: they hold nothing of anybody else's.
      "--disable-features=IsolateSandboxedIframes", "--disable-extensions",
      "--disable-background-networking", "--user-data-dir=\(profile)",
    ]
  }

  static let environment = ["DBUS_SESSION_BUS_ADDRESS": "disabled:"]
}

/// A page that stays open: what a reader sees who leaves his browser alone. Spoken to over a pipe, in the browser's DevTools
/// protocol: messages of JSON, each ended by a NUL.
final class OpenPage {
  private let browser: ChildProcess
  private let directory: TemporaryDirectoryOwner
  private var session: String?
  private var asked = 0
  private var read = 0

  init(_ url: String, width: Int, height: Int) throws {
    directory = try TemporaryDirectoryOwner()
    // The browser reads its third descriptor and writes its fourth.
    browser = try ChildProcess(
      "/bin/sh",
      [
        "-c", "exec chromium \"$@\" 3<&0 4>&1 >/dev/null 2>&1", "sh", "--remote-debugging-pipe",
        "--window-size=\(width),\(height)",
      ] + Chromium.options(profile: "\(directory.path)/profile"),
      environment: Chromium.environment, input: .open)
    let target = try ask("Target.createTarget", ["url": url])["targetId"] as? String
    session =
      try ask("Target.attachToTarget", ["targetId": target ?? "", "flatten": true])["sessionId"] as? String
  }

  /// Waits until `condition`, an expression of the page's script, is true: through reloads, and while it cannot be said.
  func wait(until condition: String) throws -> Bool {
    let deadline = ContinuousClock.now + patience
    while ContinuousClock.now < deadline {
      // The page looks again by itself; a reload ends the promise, and a new page is asked anew.
      let answer = try? evaluate(
        "new Promise(found => { const look = () => { try { if (\(condition)) return found(true) } catch {} setTimeout(look, 10) }; look(); setTimeout(() => found(false), 2000) })"
      )
      if answer as? Bool == true { return true }
    }
    return false
  }

  /// The value of an expression, as JSON carries it.
  func evaluate(_ expression: String) throws -> Any? {
    let answer = try ask(
      "Runtime.evaluate", ["expression": expression, "awaitPromise": true, "returnByValue": true])
    if answer["exceptionDetails"] != nil { throw Unexpected("the page's script failed", "\(answer)") }
    return (answer["result"] as? [String: Any])?["value"]
  }

  private func ask(_ method: String, _ parameters: [String: Any]) throws -> [String: Any] {
    asked += 1
    var message: [String: Any] = ["id": asked, "method": method, "params": parameters]
    message["sessionId"] = session
    browser.write(String(decoding: try JSONSerialization.data(withJSONObject: message), as: UTF8.self) + "\0")
    while true {
      guard browser.wait(for: "\0", count: read + 1) else {
        throw Unexpected("the browser does not answer", browser.text())
      }
      let messages = browser.text().split(separator: "\0", omittingEmptySubsequences: false)
      let answer = try JSONSerialization.jsonObject(with: Data(messages[read].utf8)) as? [String: Any] ?? [:]
      read += 1
      guard answer["id"] as? Int == asked else { continue }
      guard let result = answer["result"] as? [String: Any] else {
        throw Unexpected("the browser refuses", "\(answer)")
      }
      return result
    }
  }
}
