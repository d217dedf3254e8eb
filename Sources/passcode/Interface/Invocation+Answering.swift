internal import CommandVerbs
internal import Documents

extension Invocation {
  /// Prints one answer: `text` for a person, what `fill` adds for a program.
  func answer(_ text: @autoclosure () -> String, json fill: (inout JSONLine) -> Void) {
    guard isJSON else { return Terminal.print(text()) }
    var line = JSONLine()
    fill(&line)
    Terminal.print(line.text)
  }
}
