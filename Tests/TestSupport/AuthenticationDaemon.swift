internal import Foundation

/// Answers a Postfix that asks Dovecot who may log in (Dovecot's authentication protocol 1.1 over TCP), so that a real
/// Postfix offers AUTH without any account on the machine.
///
/// Bearer mechanisms end as the big providers do it: a refused token gets a challenge with the reason first.
package final class AuthenticationDaemon: Sendable {
  package let port: UInt16
  private let program: ChildProcess

  /// - Parameters:
  ///   - secretFile: the password or token; read at each login.
  ///   - mechanisms: those that it offers: PLAIN, LOGIN, CRAM-MD5, XOAUTH2, OAUTHBEARER.
  package init(user: String, secretFile: String, mechanisms: [String]) throws {
    program = try ChildProcess(
      try ExternalTool.require("python3"), ["-c", Self.script, user, secretFile] + mechanisms)
    guard program.wait(for: "\n"), let port = UInt16(program.text().prefix { $0 != "\n" }) else {
      throw Unexpected("the authentication daemon did not start", program.text() + program.text(of: .errors))
    }
    self.port = port
  }

  deinit { program.kill() }

  private static let script = """
    import base64, hashlib, hmac, os, socketserver, sys
    user, file, mechanisms = sys.argv[1], sys.argv[2], sys.argv[3:]

    def secret():
        with open(file, "rb") as f:
            return f.read().strip()

    # Each yields challenges, is sent responses, and returns whether the login is good.
    def plain():
        return (yield b"").split(b"\\0")[-2:] == [user.encode(), secret()]
    def login():
        name = yield b"Username:"
        return name == user.encode() and (yield b"Password:") == secret()
    def cram():
        challenge = b"<%s@relay.localhost>" % os.urandom(8).hex().encode()
        digest = hmac.new(secret(), challenge, hashlib.md5).hexdigest()
        return (yield challenge) == f"{user} {digest}".encode()
    def bearer(name):
        said = yield b""
        if name in said and b"auth=Bearer " + secret() + b"\\x01" in said:
            return True
        yield b'{"status":"401","schemes":"bearer"}'
        return False
    def start(mechanism):
        return {"PLAIN": plain, "LOGIN": login, "CRAM-MD5": cram,
            "XOAUTH2": lambda: bearer(b"user=" + user.encode() + b"\\x01"),
            "OAUTHBEARER": lambda: bearer(b"a=" + user.encode() + b",")}[mechanism]()

    class Session(socketserver.StreamRequestHandler):
        def say(self, *words):
            self.wfile.write(("\\t".join(words) + "\\n").encode())
        def handle(self):
            self.say("VERSION", "1", "1")
            for mechanism in mechanisms:
                self.say("MECH", mechanism, "plaintext")
            for line in (("SPID", "1"), ("CUID", "1"), ("COOKIE", "0" * 32), ("DONE",)):
                self.say(*line)
            logins = {}
            for line in self.rfile:
                words = line.decode().rstrip("\\n").split("\\t")
                if words[0] not in ("AUTH", "CONT"):
                    continue
                id = words[1]
                try:
                    if words[0] == "AUTH":
                        logins[id] = start(words[2])
                        challenge = next(logins[id])
                        given = [word[5:] for word in words if word.startswith("resp=")]
                        if given:
                            challenge = logins[id].send(base64.b64decode(given[0]))
                    else:
                        challenge = logins[id].send(base64.b64decode(words[2] if len(words) > 2 else ""))
                    self.say("CONT", id, base64.b64encode(challenge).decode())
                except StopIteration as end:
                    self.say(*(("OK", id, "user=" + user) if end.value else ("FAIL", id, "user=" + user)))

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
    server = Server(("127.0.0.1", 0), Session)
    print(server.server_address[1], flush=True)
    server.serve_forever()
    """
}
