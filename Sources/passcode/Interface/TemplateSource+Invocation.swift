internal import CodeRequests
internal import CommandVerbs
internal import FoundationEssentials
internal import PasscodeService

extension TemplateSource {
  static let option = Verb.Option.value(
    "templates", "DIR", "the directory; else the configuration's, which is then not needed")

  /// The directory that `--templates` names, else the configuration's.
  init(_ invocation: Invocation) throws {
    guard let path = invocation.string("templates") else {
      self = try Service(invocation).templateSource()
      return
    }
    guard FileManager.default.fileExists(atPath: path) else {
      throw CommandFault(.notFound, "\(path): there is no such directory")
    }
    self.init(directory: path)
  }
}

extension Service.MailKind {
  /// As `--locale`, `--tenant` and `--purpose` say it.
  init(_ invocation: Invocation) throws {
    self.init(
      locale: invocation.string("locale").map { LocalePreference(acceptLanguage: $0) } ?? .none,
      tenant: invocation.string("tenant"),
      purpose: try invocation.string("purpose").map { try Purpose($0) } ?? .signIn)
  }
}
