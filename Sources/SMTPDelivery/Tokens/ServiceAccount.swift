internal import FoundationEssentials

/// A service account's key file as Google gives it: who it is, its key, and where tokens come from.
struct ServiceAccount {
  let address: String
  let privateKey: [UInt8]
  let keyID: String?
  let tokenURL: String?

  private struct File: Decodable {
    let type: String?
    let client_email: String?
    let private_key: String?
    let private_key_id: String?
    let token_uri: String?
  }

  /// - Parameter path: for messages.
  init(json: [UInt8], path: String) throws(SecretFault) {
    let file: File
    do { file = try JSONDecoder().decode(File.self, from: Data(json)) } catch {
      throw SecretFault(
        "\(path) is not a service account's key; expected a JSON file with client_email, private_key and token_uri"
      )
    }
    if let type = file.type, type != "service_account" {
      // It comes out of a file with a key in it, so not more of it is shown than a word.
      let word = type.unicodeScalars.allSatisfy { $0.isASCII && ($0.properties.isAlphabetic || $0 == "_") }
      throw SecretFault(
        "\(path) holds a key of type \(word ? String(type.prefix(40)) : "that is not known"); expected service_account"
      )
    }
    guard let address = file.client_email, !address.isEmpty else {
      throw SecretFault("\(path) has no client_email; expected a service account's key file")
    }
    guard let key = file.private_key, !key.isEmpty else {
      throw SecretFault("\(path) has no private_key; expected a service account's key file")
    }
    self.address = address
    privateKey = Array(key.utf8)
    keyID = file.private_key_id
    tokenURL = file.token_uri
  }
}
