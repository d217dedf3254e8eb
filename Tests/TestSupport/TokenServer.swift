internal import CLibssl
internal import CLinux
internal import Foundation
internal import Glibc
internal import LinuxSystem

/// A token endpoint on a real socket of 127.0.0.1, on a port of the kernel's choice: HTTP, or HTTPS where it has a
/// certificate. What was asked is kept; what is answered, the test says. Nothing waits longer than `patience`.
package final class TokenServer: Sendable {
  package struct Request: Sendable {
    /// Such as `POST /token HTTP/1.1`.
    package let line: String
    /// Names in lower case.
    package let headers: [String: String]
    package let body: String

    /// The fields of a form, decoded.
    package var form: [String: String] {
      var fields: [String: String] = [:]
      for pair in body.split(separator: "&") {
        let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map {
          $0.replacingOccurrences(of: "+", with: " ").removingPercentEncoding ?? "?"
        }
        fields[parts[0]] = parts.count > 1 ? parts[1] : ""
      }
      return fields
    }
  }

  package enum Answer: Sendable {
    /// `headers` are lines such as `Retry-After: 3`.
    case http(Int, String, type: String = "application/json", headers: [String] = [])
    /// Exactly these bytes, and the end of the connection.
    case bytes(String)
    /// JSON in a Content-Encoding.
    case encoded(String, [UInt8])
    /// So many bytes of a body that never ends well.
    case flood(Int)
    /// Nothing, until the other side gives up.
    case silence
    /// One byte each few milliseconds until the other side gives up.
    case drip
    /// What stands behind the name, once the test says `open(gate)`.
    indirect case gate(String, Answer)

    /// A token as RFC 6749 5.1 has it.
    package static func token(_ token: String, lifetime: Int = 3600, more: String = "") -> Answer {
      .http(200, #"{"access_token":"\#(token)","token_type":"Bearer","expires_in":\#(lifetime)\#(more)}"#)
    }

    /// A refusal as RFC 6749 5.2 has it.
    package static func error(_ code: String, _ description: String? = nil, status: Int = 400) -> Answer {
      .http(
        status,
        #"{"error":"\#(code)"\#(description.map { #","error_description":"\#($0)""# } ?? "")}"#)
    }
  }

  private struct State {
    var requests: [Request] = []
    var openGates: Set<String> = []
    var isStopping = false
  }

  package let port: UInt16
  private let certificate: TestCertificate?
  private let highest: ScriptedRelay.TLS.Version?
  private let answer: @Sendable (Int, Request) -> Answer
  private let server: LoopbackServer
  private let monitor = Monitor(State())

  package var url: String { "\(certificate == nil ? "http" : "https")://127.0.0.1:\(port)/token" }

  /// - Parameters:
  ///   - highest: the last version of TLS that it speaks.
  ///   - answer: to the request of that number, from 0.
  package init(
    certificate: TestCertificate? = nil, highest: ScriptedRelay.TLS.Version? = nil,
    answer: @escaping @Sendable (Int, Request) -> Answer
  ) throws {
    self.certificate = certificate
    self.highest = highest
    self.answer = answer
    server = try LoopbackServer("token server")
    port = server.port
    try server.start { [self] socket in { [self] in serve(socket) } }
  }

  /// The same answers in turn; the last one stays.
  package convenience init(_ answers: Answer..., certificate: TestCertificate? = nil) throws {
    try self.init(certificate: certificate) { index, _ in answers[min(index, answers.count - 1)] }
  }

  deinit { stop() }

  /// Ends all connections and waits for their threads. Safe to call more than once.
  package func stop() {
    monitor.change { $0.isStopping = true }
    server.stop()
  }

  package var requests: [Request] { monitor.withLock { $0.requests } }

  /// Lets answers that wait for this gate go.
  package func open(_ gate: String) { monitor.change { _ = $0.openGates.insert(gate) } }

  /// Waits until so many requests have come.
  @discardableResult
  package func wait(forRequests count: Int) -> Bool {
    monitor.wait(timeout: patience) { $0.requests.count >= count ? true : nil } ?? false
  }

  private func serve(_ socket: Int32) {
    var limit = timeval(tv_sec: Int(patienceMilliseconds / 1000), tv_usec: 0)
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    defer { shutdown(socket, Int32(SHUT_RDWR)) }
    var tls: OpaquePointer?
    defer { SSL_free(tls) }
    if let certificate {
      guard
        let context = clibssl_server_context(
          certificate.certificateFile, certificate.keyFile, nil, highest?.rawValue ?? 0)
      else { return }
      defer { SSL_CTX_free(context) }
      tls = SSL_new(context)
      SSL_set_fd(tls, socket)
      guard SSL_accept(tls) == 1 else { return }
    }
    guard let request = Self.read({ Self.receive(socket, tls, &$0) }) else { return }
    let index = monitor.change { state in
      state.requests.append(request)
      return state.requests.count - 1
    }
    give(answer(index, request), socket, tls)
    if let tls { SSL_shutdown(tls) }
  }

  private func give(_ answer: Answer, _ socket: Int32, _ tls: OpaquePointer?) {
    func send(_ text: String) -> Bool { Self.send(Array(text.utf8), socket, tls) }
    switch answer {
    case .http(let status, let body, let type, let headers):
      let lines =
        ["HTTP/1.1 \(status) \(status == 200 ? "OK" : "No")", "Content-Type: \(type)"] + headers
        + ["Content-Length: \(body.utf8.count)", "Connection: close", "", ""]
      _ = send(lines.joined(separator: "\r\n") + body)
    case .bytes(let text): _ = send(text)
    case .encoded(let encoding, let body):
      _ = send(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: \(encoding)\r\n"
          + "Content-Length: \(body.count)\r\nConnection: close\r\n\r\n")
      _ = Self.send(body, socket, tls)
    case .flood(let count):
      _ = send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: \(count)\r\n\r\n")
      let piece = String(repeating: " ", count: 8192)
      for _ in 0..<count / 8192 where !send(piece) { return }
    case .silence:
      var polled = pollfd(fd: socket, events: pollPeerClosed, revents: 0)
      _ = poll(&polled, 1, patienceMilliseconds)
    case .drip:
      _ = send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
      while send(" ") { _ = poll(nil, 0, 5) }
    case .gate(let name, let answer):
      let isOpen = monitor.wait(timeout: patience) { state in
        state.openGates.contains(name) || state.isStopping ? true : nil
      }
      if isOpen == true { give(answer, socket, tls) }
    }
  }

  private static func read(_ receive: (inout [UInt8]) -> Bool) -> Request? {
    var input: [UInt8] = []
    var head: String?
    var end = 0
    while true {
      let text = String(decoding: input, as: UTF8.self)
      if head == nil, let range = text.range(of: "\r\n\r\n") {
        head = String(text[..<range.lowerBound])
        end = text[..<range.upperBound].utf8.count
      }
      if let head {
        let lines = head.components(separatedBy: "\r\n")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
          guard let colon = line.firstIndex(of: ":") else { continue }
          headers[line[..<colon].lowercased()] =
            line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        }
        let size = Int(headers["content-length"] ?? "0") ?? 0
        if input.count >= end + size {
          return Request(
            line: lines[0], headers: headers, body: String(decoding: input[end..<(end + size)], as: UTF8.self)
          )
        }
      }
      guard receive(&input) else { return nil }
    }
  }

  private static func receive(_ socket: Int32, _ tls: OpaquePointer?, _ input: inout [UInt8]) -> Bool {
    var chunk = [UInt8](repeating: 0, count: 16384)
    let count =
      tls.map { Int(SSL_read($0, &chunk, Int32(chunk.count))) } ?? recv(socket, &chunk, chunk.count, 0)
    guard count > 0 else { return false }
    input += chunk[..<count]
    return true
  }

  private static func send(_ bytes: [UInt8], _ socket: Int32, _ tls: OpaquePointer?) -> Bool {
    var offset = 0
    while offset < bytes.count {
      let count = bytes.withUnsafeBytes { buffer -> Int in
        let start = buffer.baseAddress! + offset
        return tls.map { Int(SSL_write($0, start, Int32(bytes.count - offset))) }
          ?? Glibc.send(socket, start, bytes.count - offset, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      offset += count
    }
    return true
  }
}

/// Linux' POLLRDHUP, which its headers show only with _GNU_SOURCE.
private let pollPeerClosed: Int16 = 0x2000
