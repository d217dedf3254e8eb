import Foundation
import LinuxSystem
import TestSupport

@testable import SMTPDelivery

/// A client of a token endpoint, with its secret or key in a directory of its own.
final class TokenRig: Sendable {
  static let secret = "s3cr3t~of/the+client"
  let directory: TemporaryDirectoryOwner
  let server: TokenServer
  let settings: TokenSettings
  let source: TokenSource
  let clock = TestClock()

  /// - Parameter make: the settings, from the endpoint's address and the directory; nil: a client with a secret.
  init(
    _ server: TokenServer, timeout: Duration = patience,
    _ make: ((String, String) throws -> TokenSettings)? = nil
  ) throws {
    self.server = server
    directory = try TemporaryDirectoryOwner()
    settings = try make?(server.url, directory.path) ?? Self.withSecret(server.url, directory.path)
    source = TokenSource(
      settings, endpoint: TokenEndpoint(connectTimeout: patience, timeout: timeout), clock: clock.clock)
  }

  static func withSecret(_ url: String, _ directory: String, caFile: String? = nil) throws -> TokenSettings {
    try TokenSettings(
      grant: .clientCredentials, tokenURL: url, clientID: "client-1",
      clientSecretFile: try writeSecret(Self.secret, in: directory, name: "client.secret"),
      scope: "https://outlook.office365.com/.default", caFile: caFile)
  }

  deinit { server.stop() }

  func token() throws -> String {
    String(decoding: try source.token(cancel: CancelFlag()).bytes, as: UTF8.self)
  }

  /// The fault that asking for a token ends with; nil where there is one.
  func fault() throws -> SecretFault? {
    do {
      _ = try source.token(cancel: CancelFlag())
      return nil
    } catch let fault as SecretFault { return fault }
  }
}
