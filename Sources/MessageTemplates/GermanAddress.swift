/// How a German text speaks to its reader: by `du` or by `Sie`, each by a word that only one of them uses.
struct GermanAddress {
  /// Nil where nothing is familiar.
  let familiar: String?
  /// Nil where nothing is polite.
  let polite: String?

  init(_ text: String) {
    familiar = Self.word.first(in: text) ?? Self.imperative.first(in: text, group: 1)
    polite =
      Self.politeWord.first(in: text) ?? Self.withinSentence.first(in: text, group: 1)
      ?? Self.beforePlural.first(in: text, group: 1)
  }

  private static var word: LintPattern {
    LintPattern(
      #"\b(du|dir|dich|dein|deine|deinen|deinem|deiner|deines|euch|euer|eure|euren|eurem|eurer)\b"#,
      inAnyCase: true)
  }

  /// At the beginning of a sentence, or behind "bitte": what a mail with a code may ask for.
  private static var imperative: LintPattern {
    LintPattern(
      #"(?:\A|[.!?:;–\n]\s*|\b[Bb]itte\s+)((?:Gib|Geh|Klick|Klicke|Antworte|Melde|Bestätige|Ignoriere|Teile|Verwende|Nutze|"#
        + #"Benutze|Kopiere|Öffne|Schau|Schaue|Tippe|Trage|Trag|Prüfe|Fordere|Achte|Lösche|Behalte|Beachte|Leite|Sende|"#
        + #"Schick|Schicke|Schreib|Schreibe|Nimm|Lies|Sieh|Warte|Frag|Sag|Verrate|Bewahre|Wähle|"#
        + #"Kontaktiere|Vergiss|Wirf|Hilf|gib|geh|klicke|antworte|melde|bestätige|ignoriere|teile|"#
        + #"verwende|nutze|kopiere|öffne|tippe|prüfe|fordere|achte|lösche|beachte|leite|sende|schreibe|schreib|nimm)"#
        + #"(?=\s))(?!\s+Sie\b)"#)
  }

  private static var politeWord: LintPattern { LintPattern(#"\b(Ihnen|Ihr|Ihre|Ihren|Ihrem|Ihrer|Ihres)\b"#) }

  /// In the middle of a sentence nobody else is written with a capital.
  private static var withinSentence: LintPattern { LintPattern(#"[\w,)»“"][^\S\n]+(Sie)\b"#) }

  /// At its beginning "Sie" is also she, it and they: "Sie wurde gesendet".
  private static var beforePlural: LintPattern {
    LintPattern(#"(?:\A|[.!?:;–\n]\s*)(Sie)\s+(?:sind|[a-zäöüß]+en)\b"#)
  }
}
