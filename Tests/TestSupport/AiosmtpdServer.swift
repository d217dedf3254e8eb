internal import Foundation

/// A server made with aiosmtpd, in a process of its own: it takes mail only over TLS and only after AUTH.
package final class AiosmtpdServer: Sendable {
  package let port: UInt16
  /// For `localhost` and 127.0.0.1; its own CA.
  package let certificate: TestCertificate
  private let directory: TemporaryDirectory
  private let program: ChildProcess

  package static let comment = "no Python here has aiosmtpd (Debian: python3-aiosmtpd)"
  package static let isAvailable = PythonModule.has("aiosmtpd")

  /// - Parameters:
  ///   - isImplicit: TLS from the first byte; else STARTTLS.
  ///   - mechanism: the only one that it offers: `PLAIN`, `LOGIN`, `XOAUTH2` or `OAUTHBEARER`; for the last two
  ///     `password` is the token.
  package init(isImplicit: Bool, mechanism: String, user: String, password: String) throws {
    guard let python = PythonModule.interpreter(with: "aiosmtpd") else {
      throw MissingTool(name: "python3 with aiosmtpd")
    }
    directory = try TemporaryDirectory()
    certificate = try TestCertificate()
    program = try ChildProcess(
      python,
      [
        "-W", "ignore", "-c", Self.script, certificate.certificateFile, certificate.keyFile,
        isImplicit ? "implicit" : "starttls", mechanism, user, password, directory.path,
      ])
    guard program.wait(for: "\n"), let port = UInt16(program.text().prefix { $0 != "\n" }) else {
      throw Unexpected("aiosmtpd did not start", program.text() + program.text(of: .errors))
    }
    self.port = port
  }

  deinit { program.kill() }

  /// A mail that it took.
  package struct Message: Decodable, Sendable {
    package let user: String
    package let recipients: [String]
    package let isEncrypted: Bool
    package let file: String

    package var content: [UInt8] {
      get throws { Array(try Data(contentsOf: URL(fileURLWithPath: file))) }
    }
  }

  package func messages() throws -> [Message] {
    try program.text().split(separator: "\n").dropFirst()
      .map { try JSONDecoder().decode(Message.self, from: Data($0.utf8)) }
  }

  private static let script = """
    import asyncio, json, ssl, sys
    from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
    certificate, key, security, mechanism, user, password, folder = sys.argv[1:]

    class Handler:
        count = 0
        async def handle_DATA(self, server, session, envelope):
            self.count += 1
            file = f"{folder}/{self.count}.eml"
            with open(file, "wb") as f:
                f.write(envelope.original_content)
            print(json.dumps({"user": session.auth_data, "recipients": envelope.rcpt_tos,
                "isEncrypted": session.ssl is not None or security == "implicit", "file": file}), flush=True)
            return "250 2.0.0 taken"

    def bearer(name):
        async def authenticate(self, server, args):
            said = await server.challenge_auth("")
            if said is None or isinstance(said, AuthResult):
                return AuthResult(success=False, handled=True)
            good = name in said and b"auth=Bearer " + password.encode() + b"\\x01" in said
            return AuthResult(success=good, handled=False, auth_data=user if good else None)
        return authenticate
    if mechanism == "XOAUTH2":
        Handler.auth_XOAUTH2 = bearer(b"user=" + user.encode() + b"\\x01")
    if mechanism == "OAUTHBEARER":
        Handler.auth_OAUTHBEARER = bearer(b"a=" + user.encode() + b",")

    def authenticate(server, session, envelope, used, data):
        good = (used == mechanism and isinstance(data, LoginPassword)
            and data.login == user.encode() and data.password == password.encode())
        return AuthResult(success=good, handled=False, auth_data=user if good else None)

    async def main():
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        implicit = security == "implicit"
        handler = Handler()
        others = [name for name in ("PLAIN", "LOGIN") if name != mechanism]
        # What aiosmtpd knows as TLS is STARTTLS alone: behind implicit TLS it is to offer AUTH as it is.
        server = await asyncio.get_running_loop().create_server(
            lambda: SMTP(handler, hostname="localhost", enable_SMTPUTF8=True, auth_required=True,
                auth_require_tls=not implicit, require_starttls=not implicit,
                tls_context=None if implicit else context, auth_exclude_mechanism=others,
                authenticator=authenticate),
            "127.0.0.1", 0, ssl=context if implicit else None)
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()

    asyncio.run(main())
    """
}
