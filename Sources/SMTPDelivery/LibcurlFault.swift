internal import CLibcurl
internal import LinuxSystem

/// libcurl, or something in it, is not there: no relay can be reached from this machine.
///
/// It is loaded when a relay is first wanted and not with the program: with the libraries that it brings along it takes
/// as long as all the rest of a short command.
package struct LibcurlFault: Error, CustomStringConvertible, Sendable {
  /// dlerror's words, which name the file.
  let reason: String

  package var description: String {
    "libcurl cannot be loaded: \(reason); expected version 7.87 or later, which Debian has in the package libcurl4"
  }

  /// Loads libcurl, once for the process; later calls cost nothing.
  ///
  /// Who starts lanes calls it first, so that it is known before a mail is taken.
  static func check() throws(LibcurlFault) {
    if let trouble = clibcurl_trouble() { throw LibcurlFault(reason: String(cString: trouble)) }
  }

  /// What libcurl wrote into the buffer that it was given for its words about a failure, at most `limit` bytes of it.
  static func words(in buffer: UnsafePointer<CChar>, limit: Int) -> String {
    let bytes = UnsafeRawBufferPointer(start: buffer, count: min(limit, Int(CURL_ERROR_SIZE)))
    return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }
}

/// SCRAM stands in libcurl only where it was built with GSASL, which Debian's is not.
let libcurlHasSCRAM = clibcurl_has_scram() != 0
