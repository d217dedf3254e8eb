extension Verbs { static let demo = Verb(path: ["demo"], summary: "x") { _ in .done } }
