internal import Glibc

/// A value of `errno`, under a name that says what it means.
package struct ErrorNumber: Hashable, Sendable {
  package let rawValue: Int32

  package init(_ rawValue: Int32) { self.rawValue = rawValue }

  /// What the last C function on this thread left; to be read before anything else runs.
  static var last: ErrorNumber { ErrorNumber(errno) }

  /// The system's words for it.
  package var words: String { String(cString: strerror(rawValue)) }

  /// ENOENT.
  package static let notFound = ErrorNumber(ENOENT)
  /// EEXIST.
  package static let exists = ErrorNumber(EEXIST)
  /// EACCES.
  package static let permissionDenied = ErrorNumber(EACCES)
  /// EPERM.
  package static let notPermitted = ErrorNumber(EPERM)
  /// EROFS.
  package static let readOnlyFileSystem = ErrorNumber(EROFS)
  /// ENOTDIR.
  package static let notDirectory = ErrorNumber(ENOTDIR)
  /// EISDIR.
  package static let isDirectory = ErrorNumber(EISDIR)
  /// ELOOP: too many links, or one where none may be.
  package static let isLink = ErrorNumber(ELOOP)
  /// ENAMETOOLONG.
  package static let nameTooLong = ErrorNumber(ENAMETOOLONG)
  /// ENXIO: a socket, or a device that is not there.
  package static let noSuchDevice = ErrorNumber(ENXIO)
  /// ENOSPC.
  package static let noSpace = ErrorNumber(ENOSPC)
  /// EDQUOT.
  package static let quotaExceeded = ErrorNumber(EDQUOT)
  /// EMFILE: this process has too many open files.
  package static let tooManyOpenFiles = ErrorNumber(EMFILE)
  /// ENFILE: the machine has.
  package static let tooManyOpenFilesInSystem = ErrorNumber(ENFILE)
  /// ENOMEM.
  package static let noMemory = ErrorNumber(ENOMEM)
  /// EAGAIN, which EWOULDBLOCK is on Linux.
  package static let wouldBlock = ErrorNumber(EAGAIN)
  /// EBUSY.
  package static let busy = ErrorNumber(EBUSY)
  /// EIO.
  package static let inputOutput = ErrorNumber(EIO)
  /// EINTR.
  package static let interrupted = ErrorNumber(EINTR)
  /// EINPROGRESS.
  package static let inProgress = ErrorNumber(EINPROGRESS)
  /// EADDRINUSE.
  package static let addressInUse = ErrorNumber(EADDRINUSE)
  /// EADDRNOTAVAIL.
  package static let addressNotAvailable = ErrorNumber(EADDRNOTAVAIL)
  /// ECONNABORTED.
  package static let connectionAborted = ErrorNumber(ECONNABORTED)
  /// EINVAL.
  package static let notSupported = ErrorNumber(EINVAL)
  /// ENOTEMPTY.
  package static let notEmpty = ErrorNumber(ENOTEMPTY)
  /// EAFNOSUPPORT.
  package static let familyNotSupported = ErrorNumber(EAFNOSUPPORT)
}
