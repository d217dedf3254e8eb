internal import CodeRequests
internal import CommandVerbs
internal import Documents

/// How verbs print what they found: labels and values for a person, JSON for a program.
enum Rows {
  /// `label  value`, one a line.
  static func print(_ fields: [(label: String, value: String)]) {
    let width = (fields.map(\.label.count).max() ?? 0) + 2
    for field in fields { Terminal.print(line: "\(Help.padded(field.label, width))\(field.value)") }
  }

  /// A table with a header.
  static func print(columns: [String], rows: [[String]]) {
    var widths = columns.map(\.count)
    for row in rows {
      for (index, cell) in row.enumerated() { widths[index] = max(widths[index], cell.count) }
    }
    func line(_ cells: [String]) -> String {
      zip(cells, widths).map { Help.padded($0, $1 + 2) }.joined().trimmed
    }
    Terminal.print(line: Terminal.styled(line(columns), .dim))
    for row in rows { Terminal.print(line: line(row)) }
  }

  /// One JSON object on a line.
  static func print(json fill: (inout JSONLine) -> Void) {
    var line = JSONLine()
    fill(&line)
    Terminal.print(line.text)
  }
}
