internal import Documents

/// What may be told of a file that is no request: its id and the names of its fields, never a value.
package struct RequestOutline: Hashable, Sendable {
  /// Nil where there is none, or none that could be an id.
  package let id: RequestID?
  /// In their order, each once; empty where the file is no object in JSON. A name that may itself be a secret is left out.
  package let fields: [String]

  package init(id: RequestID?, fields: [String]) {
    self.id = id
    self.fields = fields
  }

  /// Looks into a file, whatever its bytes are. Read as JSON5, the laxer grammar: more is told of a slip than refused.
  package init(of bytes: [UInt8]) {
    var repeated: [DocumentFault] = []
    guard bytes.count <= CodeRequest.maximumSize,
      let members = try? Document(bytes, repeatedKeys: &repeated).node.members()
    else {
      self.init(id: nil, fields: [])
      return
    }
    let text = members.first { $0.key == "id" }.flatMap { try? $0.node.string() }
    var fields: [String] = []
    for (name, _) in members {
      guard let name = Self.shown(name), !fields.contains(name), fields.count < 64 else { continue }
      fields.append(name)
    }
    self.init(id: text.flatMap { try? RequestID($0) }, fields: fields)
  }

  /// A name as it may be kept and logged; nil where it is no plain word. With more than three digits it may be a code, or
  /// a token that slipped out of its quotes.
  package static func shown(_ name: String) -> String? {
    guard (1...32).contains(name.utf8.count) else { return nil }
    var digits = 0
    for byte in name.utf8 {
      switch byte {
      case 0x30...0x39: digits += 1
      case 0x41...0x5A, 0x61...0x7A, 0x5F, 0x2D, 0x2E: break
      default: return nil
      }
    }
    return digits <= 3 ? name : nil
  }

  /// A name for a message.
  package static func name(_ name: String) -> String { shown(name) ?? "(a name that is not shown)" }
}
