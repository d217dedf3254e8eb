import CodeRequests
import Foundation
import TestSupport

@testable import MessageTemplates

/// A directory of templates of one's own: a small sound set, to be broken in one place.
final class TemplateFolder {
  private let directory: TemporaryDirectory
  var path: String { directory.path }

  static let sound = [
    "layout.html":
      "<html lang=\"{{locale}}\"><head><title>{{> subject}}</title></head><body>\n{{> content}}\n</body></html>\n",
    "layout.txt": "{{> content}}\n",
    "en/plurals.json5":
      "{ minute: { one: '{{count}} minute', other: '{{count}} minutes' }, hour: { one: '{{count}} hour', other: '{{count}} hours' } }\n",
    "en/sign-in/subject.txt": "Your {{app}} code\n",
    "en/sign-in/preheader.txt": "Valid for {{validity}}.\n",
    "en/sign-in/body.html": "<p>Your code:</p>\n<p>{{code}}</p>\n",
    "en/sign-in/body.txt": "Your code:\n\n{{code}}\n",
  ]

  init(_ changes: [String: String?] = [:]) throws {
    directory = try TemporaryDirectory()
    for (file, text) in Self.sound { try write(text, to: file) }
    for (file, text) in changes {
      if let text {
        try write(text, to: file)
      } else {
        try FileManager.default.removeItem(atPath: "\(path)/\(file)")
      }
    }
  }

  func write(_ text: String, to file: String) throws { try write(Data(text.utf8), to: file) }

  func write(_ data: Data, to file: String) throws {
    let url = URL(fileURLWithPath: "\(path)/\(file)")
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try data.write(to: url)
  }

  /// The faults of loading it, as lines; empty where it is sound.
  func faults(needsSubjectWithCode: Bool = false) -> [TemplateFault] {
    do throws(TemplateFaults) {
      _ = try TemplateCatalogue(directory: path, needsSubjectWithCode: needsSubjectWithCode)
      return []
    } catch { return error.faults }
  }

  func catalogue() throws -> TemplateCatalogue { try TemplateCatalogue(directory: path) }
}

/// Renders `template` as the body of the text part. The layout shows the code, which every mail has to.
func renderText(
  _ template: String, _ values: TemplateValues = values(), partials: [String: String] = [:],
  variables: String = "{}"
) throws -> String {
  var files: [String: String?] = [
    "en/sign-in/body.txt": template, "variables.json5": variables, "layout.txt": "{{code}}|{{> content}}",
  ]
  for (name, text) in partials { files["\(name).txt"] = text }
  let folder = try TemplateFolder(files)
  let mail = try folder.catalogue().all[0].render(values)
  return String(decoding: mail.text.drop { $0 != UInt8(ascii: "|") }.dropFirst(), as: UTF8.self)
}

extension TemplateCatalogue {
  /// The tenants that have files of their own, as their folders are spelt, sorted.
  var tenantNames: [String] { Set(all.compactMap(\.tenant)).sorted() }

  /// The template for exactly this locale: the tenant's where there is one.
  func template(tenant: String?, locale: LocaleTag, purpose: Purpose) -> MailTemplate? {
    let key = Key(locale: locale, purpose: purpose)
    return own(tenant)?[key] ?? common[key]
  }
}
