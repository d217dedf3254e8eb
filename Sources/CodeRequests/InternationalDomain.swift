internal import CLibidn2

/// Domain names in letters of any script, as the ASCII that DNS and SMTP carry.
///
/// Mapped as UTS 46 says (non-transitional: ß stays ß) and checked by IDNA2008's rules for looking up (RFC 5891, 5), which
/// know no emoji. Names of ASCII need none of this and get here never.
enum InternationalDomain {
  /// A-labels (RFC 5890) of `domain`.
  ///
  /// On failure: words that end a sentence about the domain and never repeat it.
  static func labels(of domain: String) throws(DomainFault) -> String {
    guard !domain.utf8.contains(0) else { throw DomainFault("with a NUL in it") }
    if let trouble = clibidn2_trouble() { throw DomainFault(missing: String(cString: trouble)) }
    var why: UnsafePointer<CChar>?
    guard let found = clibidn2_lookup(domain, &why) else {
      let reason = why.map { ": " + String(cString: $0) } ?? ""
      throw DomainFault("that IDNA (RFC 5891) does not allow\(reason)")
    }
    defer { clibidn2_free(found) }
    return String(cString: found)
  }
}

struct DomainFault: Error {
  let message: String

  init(_ problem: String) { message = "has an internationalised domain \(problem)" }

  /// - Parameter reason: dlerror's words, which name the file.
  init(missing reason: String) {
    message =
      "has an internationalised domain, for which libidn2 is needed, and it cannot be loaded: \(reason); install Debian's package libidn2-0, or give the domain as A-labels (xn--…)"
  }
}
