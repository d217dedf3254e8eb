/// All keys of the configuration, made from what reads them.
package enum SettingsReference {
  /// One key.
  package struct Entry: Hashable, Sendable {
    /// Such as `relays[].url`.
    package let key: String
    /// What may stand there.
    package let accepts: String
    /// What holds where it is missing; nil where it must be there.
    package let absence: String?
    package let meaning: String
    /// It has keys of its own, which come after it.
    package let isGroup: Bool
  }

  package static let entries = entries(of: RootKeys.keys, in: "")

  private static func entries(of keys: [any DescribedKey], in place: String) -> [Entry] {
    keys.flatMap { key -> [Entry] in
      let entry = Entry(
        key: place + key.name, accepts: key.accepts, absence: key.absence, meaning: key.meaning,
        isGroup: !key.members.isEmpty)
      return [entry] + entries(of: key.members, in: "\(place)\(key.name)\(key.isList ? "[]" : "").")
    }
  }

  /// The reference as a page of the documentation.
  package static var page: String {
    let rows = entries.map { entry in
      let absence = entry.absence.map { $0.isEmpty ? "as below" : $0 } ?? "must be there"
      let cells = ["`\(entry.key)`", entry.accepts, absence, entry.meaning]
      return "| \(cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ")) |"
    }
    return """
      # Keys of the configuration

      What each key takes, what holds where it is missing, and what it is for. `Config/passcode.json5` shows them in use.

      Made from the keys that the reader goes by; a test compares the two and says how this page is made anew.

      | key | takes | missing | meaning |
      | --- | --- | --- | --- |
      \(rows.joined(separator: "\n"))

      """
  }
}
