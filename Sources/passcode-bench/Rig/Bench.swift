internal import CommandVerbs
internal import Configuration
internal import Documents
internal import Foundation
internal import LinuxSystem
internal import PasscodeService
internal import SMTPDelivery

/// What every bench needs: a scratch directory, a configuration in it, a relay, and figures that carry a ratio.
///
/// Each bench prints what it measured beside the plainest C program that does the same, in the same run on the
/// same machine, several times in turn, and quotes medians: one machine's seconds say little about another's.
struct Bench {
  let directory: String
  /// `host:port` of the relay; nil where no relay was asked for.
  let relay: String?
  private let sink: Process?

  /// - Parameters:
  ///   - relay: `smtp://host:port` of a server to send to; nil starts our sink as a process of its own.
  ///   - place: where the scratch directory is made: on the disk that is to be measured.
  init(relay: String?, needsRelay: Bool = true, place: String? = nil) throws {
    directory = try Self.makeDirectory(place)
    guard needsRelay else {
      (self.relay, sink) = (nil, nil)
      return
    }
    if let relay {
      guard relay.hasPrefix("smtp://") else { throw CommandFault.usage("--relay takes smtp://HOST:PORT") }
      // Said at once: a worker would wait for it until the requests' deadline.
      if let trouble = RelayProbe(try RelaySettings(url: relay, security: .plaintext)).trouble {
        throw CommandFault(.unavailable, trouble.message)
      }
      self.relay = String(relay.dropFirst("smtp://".count))
      sink = nil
    } else {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: try Self.program())
      process.arguments = ["sink", "--listen", "127.0.0.1:0", "--quiet", "--json"]
      let pipe = Pipe()
      process.standardOutput = pipe
      try process.run()
      guard let line = Terminal.readLine(from: pipe.fileHandleForReading.fileDescriptor, limit: 4096),
        let address = try Document(Array(line.utf8), as: .json).root["listening"]?.text
      else { throw CommandFault(.unavailable, "the sink did not start") }
      self.relay = address
      sink = process
    }
  }

  /// With a sink that runs in this process already.
  init(sinkAt address: String, place: String?) throws {
    directory = try Self.makeDirectory(place)
    (relay, sink) = (address, nil)
  }

  private static func makeDirectory(_ place: String?) throws -> String {
    let parent = place ?? FileManager.default.temporaryDirectory.path
    let directory = "\(parent)/passcode-bench-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(
      atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    return directory
  }

  /// The service's own program, which lies beside this one: what is started as worker, sink and check.
  static func program() throws -> String {
    let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let path = URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent("passcode").path
    guard FileManager.default.isExecutableFile(atPath: path) else {
      throw CommandFault(
        .unavailable,
        "\(path) is missing: passcode-bench starts the program passcode beside it; "
          + "build both (swift build -c release), and copy both where you copy one")
    }
    return path
  }

  func end() {
    sink?.terminate()
    sink?.waitUntilExit()
    try? FileManager.default.removeItem(atPath: directory)
  }

  /// Writes a configuration with a state directory of its own and reads it.
  func installation(_ name: String, lanes: Int) throws -> Installation {
    let templates = try TemplatePlaces.find()
    let text = """
      {
        state: "\(name)", templates: "\(templates)", app: "Fabrikam",
        sender: { name: "Fabrikam", address: "no-reply@fabrikam.example" },
        relays: [{ url: "smtp://\(relay ?? "127.0.0.1:25")", security: "plaintext", lanes: \(lanes) }],
        verification: { byAddress: true },
      }
      """
    let file = "\(directory)/\(name).json5"
    try Data(text.utf8).write(to: URL(fileURLWithPath: file))
    return Installation(try Settings(file: file))
  }

  /// Calls a C baseline and turns its complaint into a fault.
  static func baseline(_ name: String, _ body: (UnsafeMutablePointer<CChar>) -> Double) throws(CommandFault)
    -> Double
  {
    var why = [CChar](repeating: 0, count: 256)
    let seconds = why.withUnsafeMutableBufferPointer { body($0.baseAddress!) }
    guard seconds >= 0 else {
      let text = why.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
      throw CommandFault(.unavailable, "the baseline \(name) failed: \(text)")
    }
    return seconds
  }
}

/// The figures of one bench.
struct Figures {
  private var rows: [(name: String, key: String, values: [Double], unit: String)] = []
  private var ratios: [(name: String, key: String, value: Double)] = []

  /// Adds a measurement; the median is what is quoted.
  mutating func add(_ name: String, _ key: String, _ values: [Double], _ unit: String) {
    rows.append((name, key, values, unit))
  }

  /// Adds the median of the pairwise ratios of two measurements taken in turn.
  mutating func addRatio(_ name: String, _ key: String, _ ours: [Double], _ theirs: [Double]) {
    ratios.append((name, key, Self.median(zip(ours, theirs).map { $0 / $1 })))
  }

  static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return .nan }
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  func print(title: String, isJSON: Bool) {
    if isJSON {
      var line = JSONLine()
      line.add("bench", title)
      for row in rows { line.add(row.key, decimal: Self.median(row.values)) }
      for ratio in ratios { line.add(ratio.key, decimal: ratio.value) }
      Terminal.print(line.text)
      return
    }
    Terminal.print(Terminal.styled(title, .bold))
    let width = (rows.map(\.name.count) + ratios.map(\.name.count)).max() ?? 0
    for row in rows {
      let spread =
        row.values.count > 1
        ? "   (\(Self.text(row.values.min()!)) to \(Self.text(row.values.max()!)), \(row.values.count) runs)"
        : ""
      Terminal.print(
        "  \(Help.padded(row.name, width + 2))\(Self.text(Self.median(row.values))) \(row.unit)\(spread)")
    }
    for ratio in ratios {
      let value = (ratio.value * 100).rounded() / 100
      Terminal.print("  \(Help.padded(ratio.name, width + 2))\(Terminal.styled("\(value) ×", .bold))")
    }
  }

  private static func text(_ value: Double) -> String {
    guard value >= 1000 else { return "\((value * 100).rounded() / 100)" }
    var digits = String(Int(value.rounded()))
    var index = digits.endIndex
    while digits.distance(from: digits.startIndex, to: index) > 3 {
      index = digits.index(index, offsetBy: -3)
      digits.insert(",", at: index)
    }
    return digits
  }
}
