internal import LinuxSystem

/// What the files of a relay's secrets looked like at one moment. Two marks that differ mean that a connection that
/// failed before may succeed now: a held relay is worth a try.
package struct SecretsMark: Hashable, Sendable {
  /// Nil for one that is not there.
  private let files: [FileStamp?]

  init(of paths: [String]) { files = paths.map { FileStamp(path: $0) } }
}

extension RelaySettings {
  /// All files that a connection to this relay reads: secrets, authorities, the client's certificate and key.
  package var secretFiles: [String] {
    var paths: [String] = []
    switch credentials?.secret {
    case .file(let file): paths.append(file.path)
    case .token(let source): paths += source.settings.files
    case nil: break
    }
    if let caFile { paths.append(caFile) }
    if let clientCertificate { paths += [clientCertificate.certificateFile, clientCertificate.keyFile] }
    return paths
  }

  /// A value that differs from an earlier one where any of `secretFiles` has been changed, replaced, made or removed
  /// since. Takes a `stat` for each file.
  package func secretsMark() -> SecretsMark { SecretsMark(of: secretFiles) }
}
