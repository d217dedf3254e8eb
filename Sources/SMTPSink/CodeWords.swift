/// Words beside which a number is a passcode, or is none, in the languages of our mails and some more.
enum CodeWords {
  /// What a word for the code ends with, in lower case: `inloggningskod`, `Anmeldecode`, `vahvistuskoodi`.
  private static let endings = [
    "code", "codes", "kod", "koden", "kode", "koda", "kodu", "kodem", "kodom", "kody", "kód", "kódu", "kódem",
    "kódom", "koodi", "koodin", "koodisi", "koodia", "kodunuz", "código", "codigo", "codice", "codul", "kods",
    "kodas", "kood", "код", "кода", "коду", "кодом", "коде", "κωδικός", "κωδικό", "passwort", "password",
    "lösenord",
    "hasło", "heslo", "heslem", "wachtwoord", "contraseña", "salasana", "пароль", "קוד", "رمز", "كود", "कोड",
  ]
  private static let words: Set<String> = [
    "otp", "totp", "tan", "mtan", "pin", "пин", "cod", "parol", "passcode",
  ]
  /// Of languages that put no blanks between words.
  private static let parts = ["验证码", "驗證碼", "代码", "代碼", "认证码", "コード", "番号", "인증번호", "코드", "รหัส"]

  /// Words that are no code although they end like one.
  private static let others: Set<String> = [
    "barcode", "zipcode", "postcode", "postkode", "postkod", "qrcode", "unicode", "decode", "encode",
    "sourcecode",
    "källkod", "streckkod", "landscode", "areacode", "škoda", "skoda", "rabattkod", "rabattcode",
    "gutscheincode",
  ]

  /// What makes a number behind it something else: `order`, `invoice`, `zip`. Beginnings of words; those of three letters
  /// are whole ones.
  private static let strangers = [
    "order", "beställ", "bestell", "objedn", "zamów", "pedido", "commande", "ordine", "tilaus", "замовл",
    "заказ",
    "invoice", "faktur", "rechnung", "factura", "fattura", "facture", "lasku", "ticket", "ärende", "case",
    "ref",
    "referen", "kund", "customer", "client", "klient", "zákazn", "konto", "account", "účet", "účtu", "zip",
    "postal",
    "postleit", "postnummer", "postnr", "plz", "psč", "tel", "telef", "phone", "call", "ring", "mobil", "fax",
    "ruf",
    "anruf", "zadzwo", "volej", "org", "vat", "nip", "ičo", "iban", "bic", "box", "street", "suite", "promo",
    "discount", "rabat", "voucher", "coupon", "gutschein", "slev", "country", "area", "colour", "color",
    "farb",
    "färg", "serial", "version", "build", "user", "id", "nr", "copyright",
  ]

  /// Units: `30 minutes`. Beginnings of words.
  private static let units = [
    "min", "hour", "stund", "tim", "sek", "sec", "hod", "godz", "dag", "day", "tag", "dní", "dni", "dn",
    "tund", "heure",
    "jour", "hora", "giorn", "week", "veck", "woch", "year", "år", "jahr", "rok", "хвил", "годин", "kb", "mb",
    "gb",
    "px", "pt", "km",
  ]
  private static let currencies: Set<String> = [
    "kr", "sek", "eur", "euro", "usd", "pln", "zł", "kč", "czk", "gbp", "dkk", "nok", "chf", "huf", "грн",
    "dollars",
    "total", "summa", "price", "pris", "preis", "cena", "amount", "betrag", "belopp",
  ]

  enum Meaning { case code, stranger, plain }

  /// - Parameters: in lower case.
  static func meaning(of word: String, after previous: String?) -> Meaning {
    if others.contains(word) || currencies.contains(word) { return .stranger }
    if parts.contains(where: word.contains) { return .code }
    if words.contains(word) || endings.contains(where: word.hasSuffix) {
      // Promo code, zip code, colour code; but a user code.
      let isNamed = previous.map {
        $0 != "user" && $0 != "account" && meaning(of: $0, after: nil) == .stranger
      }
      return isNamed == true ? .stranger : .code
    }
    return strangers.contains { $0.count > 3 ? word.hasPrefix($0) : word == $0 } ? .stranger : .plain
  }

  static func isUnit(_ word: String) -> Bool {
    units.contains { $0.count > 2 ? word.hasPrefix($0) : word == $0 }
  }

  /// A full stop behind it ends no sentence: `Invoice no. 123456`.
  static func isAbbreviation(_ word: String?) -> Bool {
    word.map {
      ["no", "nr", "nos", "č", "čís", "n", "nº", "inv", "ref", "art", "tel"].contains($0.lowercased())
    } ?? false
  }

  static func isCurrency(_ word: String) -> Bool { currencies.contains(word) }
}
