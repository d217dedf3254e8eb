internal import Foundation

/// The names of all test functions of the repository, for documents that name tests.
package enum TestNames {
  package static func all() throws -> Set<String> {
    let root = "\(Scratch.repository)/Tests"
    var names: Set<String> = []
    for case let file as String in FileManager.default.enumerator(atPath: root) ?? .init()
    where file.hasSuffix(".swift") {
      let source = try String(contentsOfFile: "\(root)/\(file)", encoding: .utf8)
      for part in source.components(separatedBy: "func `").dropFirst() {
        names.insert(String(part.prefix { $0 != "`" }))
      }
    }
    return names
  }
}
