internal import CLinux
internal import Glibc

/// What the files of a relay's secrets looked like at one moment. Two marks that differ mean that a connection that
/// failed before may succeed now: a held relay is worth a try.
package struct SecretsMark: Hashable, Sendable {
  /// Links are followed: a container's mount swaps a link to the directory of all its files.
  private struct File: Hashable, Sendable {
    let device: UInt64
    let inode: UInt64
    let size: Int64
    let modified: Int64
    /// Changes with owner and mode too, and nobody can set it.
    let changed: Int64

    init?(_ path: String) {
      var status = stat()
      guard stat(path, &status) == 0 else { return nil }
      device = UInt64(status.st_dev)
      inode = UInt64(status.st_ino)
      size = Int64(status.st_size)
      modified = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
      changed = Int64(status.st_ctim.tv_sec) * 1_000_000_000 + Int64(status.st_ctim.tv_nsec)
    }
  }

  /// Nil for one that is not there.
  private let files: [File?]

  init(of paths: [String]) { files = paths.map(File.init) }
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
