/// The known name that `text` was probably meant to be: the fewest insertions, deletions, replacements and
/// swaps of neighbours (Damerau-Levenshtein, restricted), nil where none is close.
package func nearest(to text: String, in names: some Sequence<String>) -> String? {
  let wanted = Array(text.lowercased().utf8.prefix(64))
  var best: (name: String, distance: Int)?
  for name in names {
    let distance = editDistance(wanted, Array(name.lowercased().utf8.prefix(64)))
    if distance < best?.distance ?? .max { best = (name, distance) }
  }
  guard let best, best.distance <= max(1, min(3, min(wanted.count, best.name.utf8.count) / 2)) else {
    return nil
  }
  return best.name
}

/// What is wrong with a name, the one that was probably meant, and those that there are, with the stops that belong there.
///
/// - Parameters:
///   - found: such as `is not a key here`.
///   - known: such as `known are a, b`; a sentence of its own.
package func unknownName(_ found: String, nearest: String?, known: String) -> String {
  let sentence = "\(known.prefix(1).uppercased())\(known.dropFirst())."
  return found + (nearest.map { "; did you mean \($0)? " } ?? ". ") + sentence
}

private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
  var beforePrevious: [Int] = []
  var previous = Array(0...right.count)
  for row in 0..<left.count {
    var current = [row + 1]
    for column in 0..<right.count {
      var cost = min(
        previous[column] + (left[row] == right[column] ? 0 : 1), previous[column + 1] + 1, current[column] + 1
      )
      if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
        cost = min(cost, beforePrevious[column - 1] + 1)
      }
      current.append(cost)
    }
    (beforePrevious, previous) = (previous, current)
  }
  return previous[right.count]
}
