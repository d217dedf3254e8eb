internal import Documents

/// A service account's key file as Google gives it: who it is, its key, and where tokens come from.
struct ServiceAccount {
  let address: String
  let privateKey: [UInt8]
  let keyID: String?
  let tokenURL: String?

  private static let names = ["type", "client_email", "private_key", "private_key_id", "token_uri"]

  /// - Parameter path: for messages.
  init(json: [UInt8], path: String) throws(SecretFault) {
    // What is wrong stays untold: the file holds a key.
    guard let file = try? Document(json, as: .json).root, file.isObject,
      Self.names.allSatisfy({ name in file[name].map { $0.text != nil } ?? true })
    else {
      throw SecretFault(
        "\(path) is not a service account's key; expected a JSON file with client_email, private_key and token_uri"
      )
    }
    if let type = file["type"]?.text, type != "service_account" {
      // It comes out of a file with a key in it, so not more of it is shown than a word.
      let word = type.unicodeScalars.allSatisfy { $0.isASCII && ($0.properties.isAlphabetic || $0 == "_") }
      throw SecretFault(
        "\(path) holds a key of type \(word ? String(type.prefix(40)) : "that is not known"); expected service_account"
      )
    }
    guard let address = file["client_email"]?.text, !address.isEmpty else {
      throw SecretFault("\(path) has no client_email; expected a service account's key file")
    }
    guard let key = file["private_key"]?.text, !key.isEmpty else {
      throw SecretFault("\(path) has no private_key; expected a service account's key file")
    }
    self.address = address
    privateKey = Array(key.utf8)
    keyID = file["private_key_id"]?.text
    tokenURL = file["token_uri"]?.text
  }
}
