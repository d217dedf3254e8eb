internal import CodeRequests
internal import FoundationEssentials
internal import GuestPolicy
internal import MessageTemplates
internal import RequestSpool

/// A request that was read and found sound, with everything that its mail needs but the passcode.
///
/// On failure: it is made whole or not at all; what is wrong with a request is a `RequestFault` before one of these
/// is there.
///
/// A class, since it is handed from thread to thread unchanged: a copy would count a dozen references.
package final class PreparedRequest: Sendable {
  let entry: SpoolEntry
  /// Its code, if it brought one, is open.
  let request: CodeRequest
  /// Never send after this.
  let deadline: Date
  let template: MailTemplate
  /// The reader asked for languages and gets none of them.
  let fellBack: Bool
  let letterhead: Letterhead
  var tenant: Tenant { letterhead.tenant }

  init(
    entry: SpoolEntry, request: consuming CodeRequest, deadline: Date, template: MailTemplate, fellBack: Bool,
    letterhead: Letterhead
  ) {
    self.entry = entry
    self.request = request
    self.deadline = deadline
    self.template = template
    self.fellBack = fellBack
    self.letterhead = letterhead
  }

  /// What may be kept of it in `failed/` or `rejected/`: everything but its code.
  var bytesToKeep: [UInt8]? {
    var request = request
    request.code = nil
    request.sealedCode = nil
    return (try? request.json()).map { Array($0) + [UInt8(ascii: "\n")] }
  }
}
