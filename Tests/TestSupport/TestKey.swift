internal import Foundation

/// An RSA key for signing tokens, as files in a directory of their own, made by the openssl command.
package final class TestKey: Sendable {
  private let directory: TemporaryDirectory
  /// PEM, mode 0600.
  package let privateFile: String
  /// PEM.
  package let publicFile: String

  package static var isAvailable: Bool { ExternalTool.has("openssl") }

  /// - Parameter kind: what `openssl genpkey` is told.
  package init(_ kind: String...) throws {
    directory = try TemporaryDirectory()
    privateFile = directory.path + "/private.pem"
    publicFile = directory.path + "/public.pem"
    let arguments = kind.isEmpty ? ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"] : kind
    for arguments in [
      ["genpkey", "-quiet", "-out", privateFile] + arguments,
      ["pkey", "-in", privateFile, "-passin", "pass:x", "-pubout", "-out", publicFile],
    ] {
      let result = try ChildProcess.run("openssl", arguments)
      guard result.status == 0 else { throw Unexpected("openssl failed", result.description) }
    }
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: privateFile)
  }

  /// Whether the key signed this token (RS256), by openssl.
  package func signed(_ token: String) throws -> Bool {
    let parts = token.components(separatedBy: ".")
    guard parts.count == 3, let signature = Self.decoded(parts[2]) else { return false }
    // Several tests may use one key at a time.
    let work = try TemporaryDirectory()
    let (content, proof) = ("\(work.path)/content", "\(work.path)/signature")
    try Data("\(parts[0]).\(parts[1])".utf8).write(to: URL(fileURLWithPath: content))
    try signature.write(to: URL(fileURLWithPath: proof))
    return try ChildProcess.run(
      "openssl", ["dgst", "-sha256", "-verify", publicFile, "-signature", proof, content]
    ).status == 0
  }

  /// Header or claims of a token.
  package static func part(_ index: Int, of token: String) -> [String: Any] {
    let parts = token.components(separatedBy: ".")
    guard index < parts.count, let data = decoded(parts[index]) else { return [:] }
    return (try? JSONSerialization.jsonObject(with: data)) as? [String: Any] ?? [:]
  }

  /// A token of these claims, signed by openssl.
  package func token(header: String = #"{"alg":"RS256","typ":"JWT"}"#, claims: String) throws -> String {
    let content = "\(Self.encoded(Data(header.utf8))).\(Self.encoded(Data(claims.utf8)))"
    let work = try TemporaryDirectory()
    let (file, proof) = ("\(work.path)/to-sign", "\(work.path)/signed")
    try Data(content.utf8).write(to: URL(fileURLWithPath: file))
    let result = try ChildProcess.run(
      "openssl", ["dgst", "-sha256", "-sign", privateFile, "-out", proof, file])
    guard result.status == 0 else { throw Unexpected("openssl failed", result.description) }
    return "\(content).\(Self.encoded(try Data(contentsOf: URL(fileURLWithPath: proof))))"
  }

  /// A service account's key file as Google gives it.
  package func serviceAccount(
    _ address: String = "mailer@fabrikam.iam.example", tokenURL: String?, keyID: String? = "k1"
  ) throws -> String {
    var object = [
      "type": "service_account", "client_email": address,
      "private_key": try String(contentsOfFile: privateFile, encoding: .utf8),
    ]
    object["private_key_id"] = keyID
    object["token_uri"] = tokenURL
    return String(decoding: try JSONSerialization.data(withJSONObject: object), as: UTF8.self)
  }

  private static func encoded(_ data: Data) -> String {
    data.base64EncodedString().replacingOccurrences(of: "+", with: "-")
      .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
  }

  private static func decoded(_ text: String) -> Data? {
    let plain = text.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
    return Data(base64Encoded: plain + String(repeating: "=", count: (4 - plain.count % 4) % 4))
  }
}
