internal import CodeRequests
internal import Foundation
internal import GuestPolicy
internal import MessageTemplates
internal import RequestSpool

/// A request that was read and found sound, with everything that its mail needs but the passcode.
struct PreparedRequest: Sendable {
  let entry: SpoolEntry
  /// Its code, if it brought one, is open.
  let request: CodeRequest
  let tenant: Tenant
  /// Never send after this.
  let deadline: Date
  let template: MailTemplate
  /// The reader asked for languages and gets none of them.
  let fellBack: Bool
  let letterhead: Letterhead

  /// What may be kept of it in `failed/` or `rejected/`: everything but its code.
  var bytesToKeep: [UInt8]? {
    var request = request
    request.code = nil
    request.sealedCode = nil
    return (try? request.json()).map { Array($0) + [UInt8(ascii: "\n")] }
  }
}
