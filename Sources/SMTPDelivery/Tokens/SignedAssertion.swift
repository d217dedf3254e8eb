internal import CLibcrypto
internal import Documents
internal import FoundationEssentials

/// Makes and signs a JSON web token (RFC 7519, RS256 of RFC 7518 3.3), which shows a token endpoint who asks.
enum SignedAssertion {
  /// Claims and header fields in the order that they are written.
  typealias Members = [(name: String, value: Value)]
  enum Value {
    case text(String)
    case number(Int)
  }

  /// - Parameters:
  ///   - key: an RSA key in PEM, without a passphrase.
  ///   - path: the key's file, for messages.
  static func make(
    header: Members, claims: Members, key: [UInt8], path: String
  ) throws(SecretFault) -> String {
    let fields: Members = [("alg", .text("RS256")), ("typ", .text("JWT"))] + header
    let content = base64URL(json(fields)) + "." + base64URL(json(claims))
    return content + "." + base64URL(try sign(Array(content.utf8), key: key, path: path))
  }

  private static func sign(_ content: [UInt8], key: [UInt8], path: String) throws(SecretFault) -> [UInt8] {
    // Left-over errors of libcrypto on this thread would be taken for TLS's by libcurl.
    defer { ERR_clear_error() }
    guard let pair = clibcrypto_read_private_key(key, Int32(clamping: key.count)) else {
      throw SecretFault(
        "\(path) holds no private key that can be read; expected an RSA key in PEM (-----BEGIN PRIVATE KEY-----) without a passphrase"
      )
    }
    defer { EVP_PKEY_free(pair) }
    guard clibcrypto_is_rsa(pair) == 1, EVP_PKEY_get_bits(pair) >= 2048 else {
      throw SecretFault("\(path) holds another key than RSA of at least 2,048 bits; make one of these")
    }
    var signature = [UInt8](repeating: 0, count: Int(EVP_PKEY_get_size(pair)))
    var size = signature.count
    let context = EVP_MD_CTX_new()
    defer { EVP_MD_CTX_free(context) }
    let isSigned =
      EVP_DigestSignInit_ex(context, nil, "SHA256", nil, nil, pair, nil) == 1
      && EVP_DigestSign(context, &signature, &size, content, content.count) == 1
    guard isSigned else {
      throw SecretFault("libcrypto cannot sign with the key in \(path); make a new one")
    }
    return Array(signature.prefix(size))
  }

  /// RFC 4648 section 5, without padding.
  static func base64URL(_ bytes: [UInt8]) -> String {
    String(
      Data(bytes).base64EncodedString().compactMap { character -> Character? in
        switch character {
        case "+": "-"
        case "/": "_"
        case "=": nil
        default: character
        }
      })
  }

  static func decoded(base64URL text: ArraySlice<UInt8>) -> Data? {
    var text = text.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "+") : $0 == UInt8(ascii: "_") ? 0x2F : $0 }
    while text.count % 4 != 0 { text.append(UInt8(ascii: "=")) }
    return Data(base64Encoded: Data(text))
  }

  private static func json(_ members: Members) -> [UInt8] {
    var line = JSONLine(capacity: 256)
    for (name, value) in members {
      switch value {
      case .text(let text): line.add(name, text)
      case .number(let number): line.add(name, number)
      }
    }
    return line.finish()
  }
}
