import Foundation
import Testing

@testable import MessageTemplates

@Suite struct LanguageNamesTests {
  /// ICU's tables move on; a name that they spell otherwise by now is copied from here.
  @Test func `calls languages as Foundation does`() {
    let english = Locale(identifier: "en")
    for code in LanguageNames.codes {
      #expect(LanguageNames.english(code) == english.localizedString(forLanguageCode: code))
      #expect(LanguageNames.own(code) == Locale(identifier: code).localizedString(forLanguageCode: code))
    }
    #expect(LanguageNames.codes.count > 300)
    #expect(LanguageNames.english("xx") == nil && LanguageNames.own("") == nil)
  }
}
