internal import CommandVerbs
internal import Documents

extension Invocation {
  /// Prints one answer: `text` for a person, on one line, what `fill` adds for a program.
  func answer(_ text: @autoclosure () -> String, json fill: (inout JSONLine) -> Void) {
    answer(lines: [text()], json: fill)
  }

  /// Says something beside the answer, on standard error.
  func warn(_ text: String) {
    guard isJSON else { return Terminal.error("passcode: \(text)") }
    var line = JSONLine()
    line.add("warning", text)
    Terminal.error(line.text)
  }

  func answer(lines: @autoclosure () -> [String], json fill: (inout JSONLine) -> Void) {
    guard isJSON else { return lines().forEach(Terminal.print(line:)) }
    var line = JSONLine()
    fill(&line)
    Terminal.print(line.text)
  }
}
