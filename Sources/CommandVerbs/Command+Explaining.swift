internal import CodeRequests
internal import Configuration
internal import Documents
internal import GuestPolicy
internal import FoundationEssentials
internal import LinuxSystem
internal import MessageTemplates
internal import Records
internal import RecordKeys
internal import RequestSpool
internal import SMTPDelivery
internal import SMTPSink

extension Command {
  /// The exit status and the words for an error of any module. None of these errors carries a secret; that is
  /// each error type's own duty.
  package static func explain(_ error: any Error) -> (ExitStatus, String) {
    switch error {
    case let fault as CommandFault: (fault.status, fault.message)
    case let fault as ConfigurationFault: (.configuration, fault.description)
    case let fault as RequestFault: (.badInput, fault.description)
    case let error as SpoolError: (status(error.code), error.description)
    case let error as RecordError: (status(error.code), error.description)
    case let fault as KeyFault:
      (
        fault.code == .system ? .inputOutput : fault.code == .seal ? .badInput : .configuration,
        fault.description
      )
    case let faults as TemplateFaults: (.configuration, faults.description)
    case let faults as TenantFaults: (.configuration, faults.description)
    case let fault as RelayFault: (.configuration, fault.description)
    case let fault as LibcurlFault: (.unavailable, fault.description)
    case let fault as SinkFault: (fault.code == .store ? .cannotCreate : .unavailable, fault.description)
    case let error as SystemCallError:
      (error.isPermission || error.isNoSpace ? .cannotCreate : .inputOutput, error.advice)
    case let error as CocoaError:
      explain(SystemCallError("", error.filePath ?? error.url?.path ?? "", number(of: error.code)))
    default: (.inputOutput, "\(error)")
    }
  }

  /// An error as a program reads it, on one line.
  static func json(_ error: any Error, _ status: ExitStatus, _ message: String) -> String {
    var line = JSONLine()
    line.add("error", message)
    line.add("exit", Int(status.rawValue))
    switch error {
    case let fault as RequestFault: line.add("field", fault.field.isEmpty ? nil : fault.field)
    case let fault as ConfigurationFault:
      line.add("file", fault.file)
      line.add("key", fault.key.isEmpty ? nil : fault.key)
      line.add("line", fault.line)
      line.add("column", fault.column)
    default: break
    }
    return line.text
  }

  /// What the system said before Foundation gave it a name of its own.
  private static func number(of code: CocoaError.Code) -> ErrorNumber {
    switch code {
    case .fileNoSuchFile, .fileReadNoSuchFile: .notFound
    case .fileReadNoPermission, .fileWriteNoPermission: .permissionDenied
    case .fileWriteFileExists: .exists
    case .fileWriteOutOfSpace: .noSpace
    case .fileWriteVolumeReadOnly: .readOnlyFileSystem
    default: .inputOutput
    }
  }

  private static func status(_ code: SpoolError.Code) -> ExitStatus {
    switch code {
    case .badPath, .missing: .configuration
    case .permission, .readOnly, .noSpace: .cannotCreate
    case .busy: .tryAgain
    case .io: .inputOutput
    case .unsealed, .unacceptable: .badInput
    case .gone: .notFound
    }
  }

  private static func status(_ code: RecordError.Code) -> ExitStatus {
    switch code {
    case .busy: .tryAgain
    case .cannotOpen, .readOnly, .full: .cannotCreate
    case .io, .corrupt, .unexpected: .inputOutput
    case .notRecords, .newerSchema, .key: .configuration
    case .byAddressOff: .usage
    }
  }
}
