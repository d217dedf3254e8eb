internal import CommandVerbs
internal import Foundation
internal import GuestPolicy
internal import MailWorker
internal import PasscodeService

extension Verbs {
  static let tenantApply = Verb(
    path: ["tenant", "apply"], summary: "take the switch from a Graph resource's JSON", operands: ["FILE"],
    options: [.value("tenant", "T", "which tenant; needed where there are several")],
    discussion: "FILE holds emailAuthenticationMethodConfiguration; - reads it from standard input."
  ) { invocation in
    let file = invocation.operands[0]
    let handle = file == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: file)
    guard let handle, let data = try handle.read(upToCount: 65537), data.count <= 65536 else {
      throw CommandFault(.badInput, "\(file) cannot be read, is empty, or has more than 64 KiB")
    }
    let configuration = try EmailMethodConfiguration(json: Array(data), file: file)
    let changed = try Service(invocation).apply(configuration, toTenant: invocation.string("tenant"))
    invocation.answer("changed \(changed)") { $0.add("changed", true) }
    return .done
  }
}
