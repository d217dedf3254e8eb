package import CodeRequests
package import MessageTemplates
package import Records
package import SMTPDelivery

/// What happens in a worker and is worth telling: the log writes a line of each, with the names and fields of
/// MailWorker.docc.
package enum WorkerEvent: Sendable {
  // The worker.
  case started(version: String, process: Int, spool: String, relays: [String])
  /// Another worker holds the spool's lock.
  case standingBy(spool: String)
  case stopping
  case stopped(WorkerTally)
  case reloaded(Source)
  case reloadRefused(reason: String)
  case templatePassedOver(TemplateFault)
  /// - Parameters:
  ///   - records: what the records' engine calls it, where it is theirs.
  ///   - file: the spool file that cannot be used, where it is one alone.
  case storageError(records: RecordError.Code? = nil, file: String? = nil, error: String)
  case storageRecovered(file: String? = nil)
  case logLinesLost(Int)

  /// Four fifths of what everybody together may be sent have gone.
  case limitNear(LimitNotice)

  // A request.
  /// A file that is no request; nobody has looked into it.
  case setAside(file: String, reason: String)
  case rejected(file: String, RequestFault)
  case localeFellBack(PreparedRequest)
  /// An outcome that was reached before a mail was made, or a repetition of one.
  case concluded(PreparedRequest, SettledRequest)
  case delivered(PasscodeMail, DeliveryReport, Settled)

  // A relay.
  case relay(RelayEvent)

  /// What on disk is in use anew.
  package enum Source: Sendable {
    case configuration(String)
    case templates(String)
    case tenants(String?)
    case records(String)
  }
}
