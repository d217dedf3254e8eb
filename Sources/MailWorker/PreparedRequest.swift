internal import CodeRequests
internal import FoundationEssentials
internal import GuestPolicy
internal import MessageTemplates
internal import RecordKeys
internal import RequestSpool

/// A request that was read and found sound, with everything that its mail needs but the passcode.
///
/// On failure: it is made whole or not at all; what is wrong with a request is a `RequestFault` before one of these
/// is there.
///
/// A class, since it is handed from thread to thread unchanged: a copy would count a dozen references.
package final class PreparedRequest: Sendable {
  let entry: SpoolEntry
  /// Its code and its device, if it brought them, are open.
  let request: CodeRequest
  /// What stood in its file as it is when that was read.
  let secrets: Secrets
  /// Never send after this.
  let deadline: Date
  let template: MailTemplate
  /// The reader asked for languages and gets none of them.
  let fellBack: Bool
  let letterhead: Letterhead
  var tenant: Tenant { letterhead.tenant }
  private let keyring: Keyring

  enum Secrets: Sendable {
    case none
    /// A device alone: the file is sealed when it is kept, which few are. It signs nobody in.
    case device
    /// A code, and perhaps a device: the file is sealed before anything else happens.
    case code
  }

  init(
    entry: SpoolEntry, request: consuming CodeRequest, secrets: Secrets, keyring: Keyring, deadline: Date,
    template: MailTemplate, fellBack: Bool, letterhead: Letterhead
  ) {
    self.entry = entry
    self.request = request
    self.secrets = secrets
    self.keyring = keyring
    self.deadline = deadline
    self.template = template
    self.fellBack = fellBack
    self.letterhead = letterhead
  }

  /// Its file with code and device sealed. The deadline stands in it: a file that is written anew is younger.
  ///
  /// - Throws: `.unacceptable` where a request of nearly 64 KiB is larger then.
  func sealed() throws(SpoolError) -> [UInt8] {
    var request = request
    request.deadline = deadline
    request.sealedCode = request.code.map { keyring.seal($0, for: request.id) }
    request.code = nil
    request.sealedDevice = request.device.map { keyring.seal($0, for: request.id) }
    request.device = nil
    do { return Array(try request.json()) } catch {
      throw SpoolError(.unacceptable, "is too large to be sealed: \(error)", at: entry.fileName)
    }
  }

  /// What is told of it in `rejected/`.
  var outline: RequestOutline {
    RequestOutline(id: request.id, fields: bytesToKeep.map { RequestOutline(of: $0).fields } ?? [])
  }

  /// What is kept of it in `failed/`: everything but its code and its device.
  var bytesToKeep: [UInt8]? {
    var request = request
    request.code = nil
    request.device = nil
    return (try? request.json()).map { Array($0) + [UInt8(ascii: "\n")] }
  }
}
