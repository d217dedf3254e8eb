internal import CodeRequests

extension TemplatePreview {
  /// Values that mails are shown with.
  struct Sample: Equatable {
    let label: String
    var app = "Fabrikam"
    var minutes = 30

    init(_ label: String, app: String = "Fabrikam", minutes: Int = 30) {
      self.label = label
      self.app = app
      self.minutes = minutes
    }

    init(minutes: Int) {
      self.init(
        minutes % 60 == 0 ? "\(minutes / 60) h" : "\(minutes) min", minutes: minutes)
    }

    /// The number that a reader sees.
    var count: Int { minutes % 60 == 0 ? minutes / 60 : minutes }
  }

  /// A day: no code is valid for longer.
  private static let longest = 1440

  /// Half an hour, what a code is usually valid for; then for each form that one of the languages has the smallest
  /// number of minutes and of hours that takes it; then hostile names. 22 is where Polish and its kin part from Czech.
  static func samples(of rules: some Sequence<PluralRule>) -> [Sample] {
    var totals: Set<Int> = [1, 2, 5, 22, 60, 120]
    for rule in Set(rules) {
      for category in rule.categories {
        let counts = rule.counts(of: category)
        if let minutes = counts.first(where: { $0 % 60 != 0 && $0 <= longest }) { totals.insert(minutes) }
        if let hours = counts.first(where: { $0 * 60 <= longest }) { totals.insert(hours * 60) }
      }
    }
    let minutes = totals.filter { $0 % 60 != 0 }.sorted()
    let hours = totals.filter { $0 % 60 == 0 }.sorted()
    return [Sample(minutes: 30)] + (minutes + hours).map { Sample(minutes: $0) } + [
      Sample("A&B <x>", app: "A&B <x>"),
      Sample(
        "long name", app: "Vereinigte Straßenbahnbetriebsgesellschaften Überlingen-Łódź mbH & Co. KG"),
    ]
  }
}
