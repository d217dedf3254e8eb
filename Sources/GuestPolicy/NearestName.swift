/// The name among `known` that `text` most likely meant: at most a third of its characters (and at least two) to
/// change, without regard to case; nil where none is that near.
package func nearestName(to text: String, among known: [String]) -> String? {
  // Longer than any name of ours: not a slip of the finger, and not worth a quadratic comparison.
  guard text.utf8.count <= 64 else { return nil }
  let wanted = Array(text.lowercased())
  let limit = max(2, wanted.count / 3)
  return known.map { (name: $0, distance: editDistance(wanted, Array($0.lowercased()))) }
    .filter { $0.distance <= limit && $0.distance < $0.name.count }
    .min { $0.distance < $1.distance }?.name
}

/// Levenshtein's distance with neighbours that changed places counted once.
private func editDistance(_ left: [Character], _ right: [Character]) -> Int {
  var before: [Int] = []
  var previous = Array(0...right.count)
  for row in 0..<left.count {
    var current = [row + 1]
    for column in 0..<right.count {
      var best = min(
        previous[column] + (left[row] == right[column] ? 0 : 1), previous[column + 1] + 1, current[column] + 1
      )
      if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
        best = min(best, before[column - 1] + 1)
      }
      current.append(best)
    }
    before = previous
    previous = current
  }
  return previous[right.count]
}
