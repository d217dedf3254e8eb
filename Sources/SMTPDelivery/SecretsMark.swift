package import LinuxSystem

/// What the files of a relay's secrets looked like at one moment. Two marks that differ mean that a connection that
/// failed before may succeed now: a held relay is worth a try.
package struct SecretsMark: Hashable, Sendable {
  /// Nil for one that is not there.
  private let files: [FileStamp?]

  init(of paths: [String]) { files = paths.map { FileStamp(path: $0) } }
}

extension RelaySettings {
  /// A file that the settings name.
  package struct NamedFile: Hashable, Sendable {
    /// The key of the relay that names it.
    package let key: String
    package let path: String
    package let content: FileTrust.Content
  }

  /// All files that a connection to this relay reads: secrets, authorities, the client's certificate and key.
  package var files: [NamedFile] {
    var files: [NamedFile] = []
    switch credentials?.secret {
    case .file(let file): files.append(NamedFile(key: file.key, path: file.path, content: .secret))
    case .token(let source): files += source.settings.files
    case nil: break
    }
    if let caFile { files.append(NamedFile(key: "caFile", path: caFile, content: .plain)) }
    if let clientCertificate {
      let (certificate, key) = (clientCertificate.certificateFile, clientCertificate.keyFile)
      if certificate != key {
        files.append(NamedFile(key: "clientCertificate", path: certificate, content: .plain))
      }
      files.append(NamedFile(key: "clientKey", path: key, content: .secret))
    }
    return files
  }

  /// A value that differs from an earlier one where any of `files` has been changed, replaced, made or removed
  /// since. Takes a `stat` for each file.
  package func secretsMark() -> SecretsMark { SecretsMark(of: files.map(\.path)) }
}
