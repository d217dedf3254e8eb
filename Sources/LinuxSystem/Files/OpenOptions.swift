internal import Glibc

/// How a file is opened. The corresponding C flags are those of `open`; `O_CLOEXEC` is always set.
package struct OpenOptions: OptionSet, Sendable {
  package let rawValue: Int32
  package init(rawValue: Int32) { self.rawValue = rawValue }

  package static let readOnly = OpenOptions(rawValue: O_RDONLY)
  package static let writeOnly = OpenOptions(rawValue: O_WRONLY)
  package static let readWrite = OpenOptions(rawValue: O_RDWR)
  /// At the file's end, wherever that is by then.
  package static let append = OpenOptions(rawValue: O_APPEND)
  /// Made where it is missing.
  package static let create = OpenOptions(rawValue: O_CREAT)
  /// With `create`: an error where it is there.
  package static let exclusive = OpenOptions(rawValue: O_EXCL)
  /// An error where a link stands under the name.
  package static let noFollow = OpenOptions(rawValue: O_NOFOLLOW)
  /// Without waiting for the other end of a FIFO.
  package static let nonBlocking = OpenOptions(rawValue: O_NONBLOCK)
  /// An error for anything but a directory.
  package static let directory = OpenOptions(rawValue: O_DIRECTORY)
  /// Only as a place that names are looked up in: no right to read is needed. The corresponding C flag is `O_PATH`.
  package static let place = OpenOptions(rawValue: __O_PATH)
}
