internal import CodeRequests
internal import CommandVerbs

extension LocalePreference {
  /// A language without templates is no error: the mail goes out in another, and whoever asks is told.
  func noteFallback(to locale: LocaleTag) {
    let wanted = tags.map(\.rawValue).joined(separator: ", ")
    let why =
      switch tags {
      case [.undetermined]: "--locale names no language"
      case []: "--locale refuses every language that there is"
      default: "there are no templates for \(wanted)"
      }
    Terminal.error("passcode: \(why); the mail will be in \(locale)")
  }
}
