internal import CBaselines
internal import CodeRequests
internal import CommandVerbs
internal import Configuration
internal import Foundation
internal import LinuxSystem
internal import MessageComposition
internal import MessageTemplates
internal import PasscodeService

extension Verbs {
  static let render = Verb(
    path: ["render"],
    summary: "measure rendering and composing one mail, and loading the templates of many tenants",
    options: [
      .value("count", "N", "mails a run; default 20000"),
      .value("runs", "N", "runs of each, in turn; default 5"),
      .flag("lint", "measure lint of the same directory too"),
      .value("tenants", "N", "tenants that bring every part of every mail; default 50"),
    ],
    discussion: """
      Subject, text, HTML and MIME of the mails that ship, all locales and purposes in turn, in processor time of one \
      thread. The baseline in the same run is a C loop that puts a code into parts rendered before and writes them in \
      quoted-printable. Allocations are calls of malloc, calloc, realloc and their aligned kin, counted in a run of \
      its own through the import tables of the process.
      """
  ) { invocation in
    let count = try invocation.integer("count", in: 1...10_000_000) ?? 20_000
    let runs = try invocation.runs(5)
    let tenants = try invocation.integer("tenants", in: 1...1000) ?? 50
    let bench = try Bench(relay: nil, needsRelay: false)
    defer { bench.end() }
    let mails = try RenderedMails()
    var ours: [Double] = []
    var baseline: [Double] = []
    _ = try mails.make(min(count, 1000))
    for _ in 0..<runs {
      ours.append(try mails.make(count) / Double(count) * 1e6)
      baseline.append(try mails.baseline(count) / Double(count) * 1e6)
    }
    let directory = "\(bench.directory)/Templates"
    try TenantTemplates.write(count: tenants, to: directory)
    var loading: [Double] = []
    var linting: [Double] = []
    for _ in 0..<runs {
      let start = ContinuousClock.now
      let catalogue = try TemplateCatalogue(directory: directory)
      loading.append((ContinuousClock.now - start).inSeconds * 1000)
      guard Set(catalogue.all.compactMap(\.tenant)).count == tenants else {
        throw CommandFault(.inputOutput, "a tenant's templates were not loaded")
      }
    }
    if invocation.has("lint") {
      let start = ContinuousClock.now
      _ = TemplateLint.findings(in: directory)
      linting.append((ContinuousClock.now - start).inSeconds * 1000)
    }
    // Last: counting stays on, and costs a little.
    _ = try Bench.baseline("counting") { Double(cbaselines_count_allocations($0)) }
    let before = cbaselines_allocations()
    _ = try mails.make(1000)
    let allocations = Double(cbaselines_allocations() - before) / 1000

    var figures = Figures()
    figures.add("one mail", "microsecondsPerMail", ours, "µs of one core")
    figures.add("C, code put in and encoded", "baselineMicroseconds", baseline, "µs of one core")
    figures.addRatio("ratio", "ratio", ours, baseline)
    figures.add("allocations", "allocationsPerMail", [allocations], "a mail")
    figures.add("loading and checking", "loadMilliseconds", loading, "ms")
    if !linting.isEmpty { figures.add("lint", "lintMilliseconds", linting, "ms") }
    figures.print(
      title:
        "render: \(count) mails; load: \(tenants) tenants × \(mails.locales) locales × \(mails.purposes) purposes",
      isJSON: invocation.isJSON)
    return .done
  }
}

/// The mails that ship, made again and again with another code each.
private struct RenderedMails {
  private let templates: [MailTemplate]
  private let composer: MessageComposer
  private let values: [TemplateValues]
  let locales: Int
  let purposes: Int

  init() throws {
    let catalogue = try TemplateCatalogue(directory: try TemplatePlaces.find())
    templates = catalogue.all.filter { $0.tenant == nil }
    locales = catalogue.locales.count
    purposes = catalogue.purposes.count
    composer = try MessageComposer(
      sender: Mailbox(name: "Fabrikam", address: try EmailAddress(BenchMail.sender)))
    let address = try EmailAddress(BenchMail.recipient)
    values = (0..<997).map { _ in
      TemplateValues(
        app: "Fabrikam", code: .random(length: 6), validity: .seconds(1800), email: address,
        requestedAt: Date())
    }
  }

  /// Makes `count` mails; the processor time that took.
  func make(_ count: Int) throws -> Double {
    let now = Date()
    let start = cbaselines_thread_seconds()
    var bytes = 0
    var message = ByteBuffer(capacity: 16 * 1024)
    for index in 0..<count {
      let values = values[index % values.count]
      message.removeAll()
      try templates[index % templates.count].compose(
        values, by: composer, messageID: "0123456789abcdef0123456789abcdef",
        entityRef: "0123456789abcdef01234567", date: now, into: &message)
      bytes += message.count
    }
    let seconds = cbaselines_thread_seconds() - start
    guard bytes > count * 1000 else { throw CommandFault(.inputOutput, "the mails are too short") }
    return seconds
  }

  /// The same number of mails of the same parts in C.
  func baseline(_ count: Int) throws -> Double {
    var seconds = 0.0
    for (index, template) in templates.enumerated() {
      let values = values[index]
      let mail = try template.render(values)
      let share = count / templates.count + (index < count % templates.count ? 1 : 0)
      seconds += try Bench.baseline("composing") { why in
        mail.text.withUnsafeBytes { text in
          mail.html.withUnsafeBytes { html in
            cbaselines_compose(
              text.assumingMemoryBound(to: CChar.self).baseAddress, text.count,
              html.assumingMemoryBound(to: CChar.self).baseAddress, html.count, values.code.reveal(), share,
              why)
          }
        }
      }
    }
    return seconds
  }
}

/// A directory in which many tenants bring every part of every mail, each with words of its own.
private enum TenantTemplates {
  static func write(count: Int, to directory: String) throws {
    let files = FileManager.default
    try files.copyItem(atPath: try TemplatePlaces.find(), toPath: directory)
    let catalogue = try TemplateCatalogue(directory: directory)
    for tenant in 0..<count {
      for locale in catalogue.locales {
        for purpose in catalogue.purposes {
          let folder = "\(locale)/\(purpose)"
          let own = "\(directory)/tenants/tenant\(tenant)/\(folder)"
          try files.createDirectory(atPath: own, withIntermediateDirectories: true)
          for part in ["subject.txt", "preheader.txt", "body.txt", "body.html"] {
            let text = try String(contentsOfFile: "\(directory)/\(folder)/\(part)", encoding: .utf8)
            try "Tenant \(tenant): \(text)".write(
              toFile: "\(own)/\(part)", atomically: false, encoding: .utf8)
          }
        }
      }
    }
  }
}
