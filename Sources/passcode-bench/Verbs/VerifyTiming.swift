internal import CodeRequests
internal import CommandVerbs
internal import Configuration
internal import Foundation
internal import PasscodeService
internal import PasscodeVerifier
internal import Records

extension Verbs {
  /// One kind of try, and how long each took.
  private struct Kind {
    let name: String
    let key: String
    let isExpected: (Verification) -> Bool
    var times: [Double] = []
  }

  /// What the time of an answer tells: right, wrong and unknown, in an order that changes at every turn.
  static func verifyTiming(_ invocation: Invocation) throws -> ExitStatus {
    let count = try invocation.integer("count", in: 100...1_000_000) ?? 10_000
    let bench = try Bench(relay: nil, needsRelay: false, place: invocation.string("place"))
    defer { bench.end() }
    let installation = try bench.installation("timing", lanes: 1)
    let right = try admit(installation, count: count, named: "right")
    let wrong = try admit(installation, count: count, named: "wrong")
    let known = try admit(installation, count: count, named: "known")
    let verifier = try installation.verifier()
    func isWrong(_ answer: Verification) -> Bool { if case .incorrect = answer { true } else { false } }
    var kinds = [
      Kind(name: "by id, right", key: "right") { if case .verified = $0 { true } else { false } },
      Kind(name: "by id, wrong", key: "wrong", isExpected: isWrong),
      Kind(name: "by id, unknown", key: "unknown") { $0 == .unknown },
      Kind(name: "by address, known", key: "knownAddress", isExpected: isWrong),
      Kind(name: "by address, unknown", key: "unknownAddress", isExpected: isWrong),
    ]
    for index in 0..<count {
      for kind in kinds.indices.shuffled() {
        // Made before the clock starts.
        let check: () throws -> Verification
        switch kind {
        case 0: check = try answer(verifier, right[index].code, right[index].id)
        case 1: check = try answer(verifier, other(wrong[index].code), wrong[index].id)
        case 2: check = try answer(verifier, right[index].code, RequestID.random().rawValue)
        case 3: check = try answer(verifier, other(known[index].code), to: "known\(index)@example.org")
        default: check = try answer(verifier, right[index].code, to: "nobody\(index)@example.org")
        }
        kinds[kind].times.append(try microseconds(check, expecting: kinds[kind].isExpected))
      }
    }
    try report(kinds, count, isJSON: invocation.isJSON)
    return .done
  }

  private static func answer(
    _ verifier: Verifier, _ code: String, _ id: String
  ) throws -> () throws -> Verification {
    let (code, id) = (TypedCode(code), ChallengeID(id))
    return { try verifier.verify(code, challenge: id) }
  }

  private static func answer(
    _ verifier: Verifier, _ code: String, to address: String
  ) throws -> () throws -> Verification {
    let (code, address) = (TypedCode(code), try EmailAddress(address))
    return { try verifier.verify(code, recipient: address) }
  }

  private static func other(_ code: String) -> String {
    String(code.map { $0 == "9" ? "0" : Character(String(($0.wholeNumberValue ?? 0) + 1)) })
  }

  private static func report(_ kinds: [Kind], _ count: Int, isJSON: Bool) throws {
    var figures = Figures()
    var spreads: [Double] = []
    var selves: [Double] = []
    for kind in kinds {
      let sorted = kind.times.sorted()
      figures.add(kind.name, "\(kind.key)Microseconds", [Figures.median(sorted)], "µs")
      spreads.append(sorted[count * 3 / 4] - sorted[count / 4])
      // The same kind against itself: every second try against the others.
      let halves = [0, 1].map { half in
        Figures.median(kind.times.enumerated().filter { $0.offset % 2 == half }.map(\.element))
      }
      selves.append(abs(halves[0] - halves[1]))
    }
    func apart(_ range: Range<Int>) -> Double {
      let medians = kinds[range].map { Figures.median($0.times) }
      return medians.max()! - medians.min()!
    }
    figures.add("medians by id lie apart", "idDifferenceMicroseconds", [apart(0..<3)], "µs")
    figures.add("medians by address lie apart", "addressDifferenceMicroseconds", [apart(3..<5)], "µs")
    figures.add("noise: half of a kind's tries", "noiseMicroseconds", [spreads.min()!], "µs wide")
    figures.add("a kind's median from its own", "selfDifferenceMicroseconds", [selves.max()!], "µs at most")
    figures.print(title: "timing: \(count) tries of each kind, in turn", isJSON: isJSON)
  }
}
