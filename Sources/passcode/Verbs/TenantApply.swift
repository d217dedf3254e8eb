internal import CommandVerbs
internal import Documents
internal import GuestPolicy
internal import LinuxSystem
internal import PasscodeService

extension Verbs {
  static let tenantApply = Verb(
    path: ["tenant", "apply"], summary: "take the switch from a Graph resource's JSON", operands: ["FILE"],
    options: [.value("tenant", "T", "which tenant; needed where there are several")],
    discussion: "FILE holds emailAuthenticationMethodConfiguration; - reads it from standard input."
  ) { invocation in
    let file = invocation.operands[0]
    func bytes() throws(SystemCallError) -> [UInt8]? {
      if file == "-" { return try FileDescriptor.standardInput().readAll(limit: 65536) }
      return try FileDescriptor.openForReading(file).readAll(limit: 65536)
    }
    guard let bytes = try? bytes(), !bytes.isEmpty else {
      throw CommandFault(.badInput, "\(file) cannot be read, is empty, or has more than 64 KiB")
    }
    let configuration = try EmailMethodConfiguration(json: bytes, file: file)
    let changed = try Service(invocation).apply(configuration, toTenant: invocation.string("tenant"))
    invocation.answer("changed \(changed)") { $0.add("changed", true) }
    return .done
  }
}
