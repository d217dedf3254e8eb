internal import Documents

/// How the fault that an address asks for is written; for an address that means one and misses it.
enum FaultSpelling: String, CaseIterable, Sendable {
  case rcpt, data, greylist, drop, slow, quota

  /// What the sink answers with.
  var expected: StaticString {
    switch self {
    case .rcpt:
      "No such fault; expected rcpt-NNN or rcpt-NNN-X.Y.Z, NNN from 200 to 599, as in rcpt-550-5.1.1"
    case .data:
      "No such fault; expected data-NNN or data-NNN-X.Y.Z, NNN from 200 to 599, as in data-451-4.7.1"
    case .greylist: "No such fault; expected greylist-N, as in greylist-2"
    case .drop: "No such fault; expected drop-rcpt, drop-data or drop-dot"
    case .slow: "No such fault; expected slow-Ns or slow-Nms, as in slow-2s"
    case .quota: "No such fault; expected quota-N, as in quota-3"
    }
  }

  /// Nobody is called so; the others are words, as in `data-protection`, `drop-box` and `slow-food`.
  private var isFaultAlone: Bool { self == .rcpt || self == .greylist || self == .quota }

  /// False for most addresses, which need no second look. A slip may be in the first letter, but not often.
  static func mayBegin(_ byte: UInt8?) -> Bool {
    guard let byte else { return false }
    return "rdgsq".utf8.contains(byte | 0x20)
  }

  /// - Parameters:
  ///   - name: in lower case; no fault as it stands.
  ///   - isFault: whether a name is one.
  init?(misspelt name: String, isFault: (String) -> Bool) {
    let word = name.prefix { $0.isLetter }
    let rest = name[word.endIndex...].drop { "-_.=: ".contains($0) }
    let hasDash = name[word.endIndex...].first == "-"
    if hasDash, let known = Self(rawValue: String(word)) {
      // A number was begun, or a place is nearly right.
      let isNear = known == .drop && nearest(to: String(rest), in: ["rcpt", "data", "dot", "mail"]) != nil
      guard known.isFaultAlone || rest.isEmpty || rest.first!.isNumber || isNear else { return nil }
      self = known
      return
    }
    // Another letter, another sign or none before the number: greylst-1, rcpt_550, slow2s, grey-list-1.
    let digits = name.firstIndex { $0.isNumber } ?? name.endIndex
    let letters = name[..<digits].filter(\.isLetter)
    for known in Self.allCases {
      let isMeant = letters == known.rawValue || Self.isSlip(letters, of: known.rawValue)
      let isPlace =
        known == .drop
        && (letters.hasPrefix("drop") && isFault("drop-\(letters.dropFirst(4))")
          || hasDash && Self.isSlip(String(word), of: "drop") && isFault("drop-\(rest)"))
      guard isPlace || isMeant && isFault("\(known.rawValue)-\(name[digits...].replacing("_", with: "-"))")
      else {
        continue
      }
      self = known
      return
    }
    return nil
  }

  /// One letter more, less or another, or two that changed places.
  private static func isSlip(_ word: String, of meant: String) -> Bool {
    let (word, meant) = (Array(word.utf8), Array(meant.utf8))
    guard word.count > 2, abs(word.count - meant.count) <= 1 else { return false }
    let start = zip(word, meant).prefix { $0 == $1 }.count
    let (rest, other) = (word[start...], meant[start...])
    if rest.count != other.count {
      return rest.count > other.count
        ? rest.dropFirst().elementsEqual(other) : other.dropFirst().elementsEqual(rest)
    }
    return rest.dropFirst().elementsEqual(other.dropFirst())
      || rest.dropFirst(2).elementsEqual(other.dropFirst(2))
        && rest.prefix(2).elementsEqual(other.prefix(2).reversed())
  }
}
