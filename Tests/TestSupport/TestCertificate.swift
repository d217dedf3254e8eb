internal import CLibssl

/// A self-signed certificate and its key, as files in a directory of their own.
package final class TestCertificate: Sendable {
  private let directory: TemporaryDirectory
  /// PEM; also what a client takes as its CA file.
  package let certificateFile: String
  package let keyFile: String

  package struct Failure: Error {}

  /// - Parameters:
  ///   - names: as OpenSSL writes alternative names, for example `DNS:localhost,IP:127.0.0.1`.
  ///   - validFor: seconds from now until it ends; negative for one that has expired.
  package init(names: String = "DNS:localhost,IP:127.0.0.1", validFor: Int = 86_400) throws {
    directory = try TemporaryDirectory()
    certificateFile = directory.path + "/certificate.pem"
    keyFile = directory.path + "/key.pem"
    guard clibssl_write_certificate(names, -172_800, validFor, certificateFile, keyFile) == 1 else {
      throw Failure()
    }
  }
}
