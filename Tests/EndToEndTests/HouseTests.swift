import Foundation
import TestSupport
import Testing

/// The structure of the sources, as `Package.swift`, the README and the documentation tell it.
@Suite struct HouseTests {
  /// Modules of `Sources`, in the order of `Package.swift`, and what each says that it depends on.
  private static func targets() throws -> [(name: String, dependencies: Set<String>)] {
    let package = try String(contentsOfFile: "\(Scratch.repository)/Package.swift", encoding: .utf8)
    let declared = package.components(separatedBy: "  targets: [")[1].components(separatedBy: "\n  ]\n)")[0]
    let pieces = declared.replacing(".systemLibrary(", with: ".target(").components(separatedBy: "arget(")
      .dropFirst()
    return pieces.compactMap { piece in
      let strings = piece.components(separatedBy: "\"").enumerated()
        .filter { !$0.offset.isMultiple(of: 2) }.map(\.element)
      guard let name = strings.first, !piece.contains("path: \"Tests/") else { return nil }
      let list =
        piece.components(separatedBy: "dependencies: [").dropFirst().first?
        .components(separatedBy: "]").first ?? ""
      let names = list.components(separatedBy: "\"").enumerated()
        .filter { !$0.offset.isMultiple(of: 2) }.map(\.element)
      return (name, Set(names))
    }
  }

  private static func imports(of module: String) throws -> Set<String> {
    let folder = "\(Scratch.repository)/Sources/\(module)"
    var found: Set<String> = []
    for case let file as String in FileManager.default.enumerator(atPath: folder) ?? .init()
    where file.hasSuffix(".swift") {
      for line in try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8).split(separator: "\n") {
        let words = line.split(separator: " ")
        guard let place = words.firstIndex(of: "import"), place < 3, words.count > place + 1,
          words.prefix(place).allSatisfy({ ["public", "package", "internal", "@_exported"].contains($0) })
        else { continue }
        // `import struct Module.Type`
        found.insert(String(words.last!.split(separator: ".")[0]))
      }
    }
    return found
  }

  @Test func `each module depends on what it imports, and on nothing else`() throws {
    let targets = try Self.targets()
    #expect(targets.count > 20)
    let names = Set(targets.map(\.name))
    // The bench starts the command as a process.
    let started = ["passcode-bench": Set(["passcode"])]
    for target in targets where !target.name.hasPrefix("C") || target.name.hasPrefix("Co") {
      let imported = try Self.imports(of: target.name).intersection(names)
      let declared = target.dependencies.subtracting(started[target.name] ?? [])
      #expect(imported == declared, "\(target.name)")
    }
  }

  @Test func `no module depends on one that comes after it`() throws {
    var seen: Set<String> = []
    for target in try Self.targets() {
      #expect(target.dependencies.isSubset(of: seen), "\(target.name)")
      seen.insert(target.name)
    }
  }

  @Test func `one picture shows every module, in the README and in the documentation`() throws {
    func picture(_ path: String) throws -> String {
      let text = try String(contentsOfFile: "\(Scratch.repository)/\(path)", encoding: .utf8)
      return try #require(text.components(separatedBy: "```").first { $0.contains("└ PasscodeService") })
    }
    let house = try picture("README.md")
    #expect(house == (try picture("Sources/PasscodeService/PasscodeService.docc/PasscodeService.md")))
    let words = Set(house.split { !$0.isLetter && !$0.isNumber && $0 != "-" }.map { String($0) })
    for target in try Self.targets() { #expect(words.contains(target.name), "\(target.name)") }
  }

  @Test func `the command and its service link no bench`() throws {
    let targets = Dictionary(uniqueKeysWithValues: try Self.targets().map { ($0.name, $0.dependencies) })
    var reached: Set<String> = []
    var open = ["passcode"]
    while let next = open.popLast() {
      if reached.insert(next).inserted { open += targets[next] ?? [] }
    }
    #expect(reached.count > 15)
    #expect(reached.isDisjoint(with: ["passcode-bench", "CBaselines", "RecordFilling"]))
  }

  /// Where one test has a process of its own, a thread of Swift Testing asks for the end of any child without pause for
  /// as long as one has ended and is not collected yet: of all the processes of all the other tests.
  @Test func `no test forks the tests`() throws {
    let folder = "\(Scratch.repository)/Tests"
    for case let file as String in FileManager.default.enumerator(atPath: folder) ?? .init()
    where file.hasSuffix(".swift") {
      let text = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(file)"))
      #expect(text.range(of: Data(("processExits" + "With").utf8)) == nil, "\(file)")
    }
  }
}
