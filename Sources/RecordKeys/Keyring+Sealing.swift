internal import CLibcrypto
public import CodeRequests
internal import LinuxSystem

// A sealed code stands in a request file: `KEYVERSION.base64url(nonce ‖ ciphertext ‖ tag)`, AES-256-GCM
// (NIST SP 800-38D) with a random nonce of 96 bits and the request's id as associated data, so that it opens
// for that request alone. A rotated key seals far fewer than the 2^32 messages that random nonces allow.

extension Keyring {
  /// Closes `code` for the request `id`, under the current key.
  public func seal(_ code: Passcode, for id: RequestID) -> String {
    code.withDigits { seal($0, for: Array(id.rawValue.utf8)) }
  }

  /// Opens what `seal` closed for the same id.
  ///
  /// - Throws: a fault of code `seal` where the text was altered or sealed for another request, `missing` where
  ///   the key has gone.
  public func open(_ text: String, for id: RequestID) throws(KeyFault) -> Passcode {
    var plain = try open(text, "code", for: Array(id.rawValue.utf8))
    defer { overwrite(&plain) }
    guard let code = try? Passcode(String(decoding: plain, as: UTF8.self)) else {
      throw Self.doesNotOpen("code")
    }
    return code
  }

  /// Closes a device likewise.
  package func seal(_ device: DeviceToken, for id: RequestID) -> String {
    device.withBytes { seal($0, for: Self.ofDevice(id)) }
  }

  /// Opens what `seal` closed of a device.
  package func open(device text: String, for id: RequestID) throws(KeyFault) -> DeviceToken {
    var plain = try open(text, "device", for: Self.ofDevice(id))
    defer { overwrite(&plain) }
    return DeviceToken(String(decoding: plain, as: UTF8.self))
  }

  /// Other than that of a code, so that neither passes for the other. No id has a blank.
  private static func ofDevice(_ id: RequestID) -> [UInt8] { Array("device \(id.rawValue)".utf8) }

  private func seal(_ secret: UnsafeRawBufferPointer, for associated: [UInt8]) -> String {
    let key = current
    let nonce = RandomBytes.draw(Seal.nonceSize)
    var bytes = nonce
    Seal.close(
      secret.bindMemory(to: UInt8.self), key: key.sealingKey, nonce: nonce, associated: associated, to: &bytes
    )
    return "\(key.version).\(Base64URL.encode(bytes))"
  }

  /// - Parameter what: the name of what was sealed, for messages.
  private func open(_ text: String, _ what: String, for associated: [UInt8]) throws(KeyFault) -> [UInt8] {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, let version = Int(parts[0]), version > 0, let bytes = Base64URL.decode(parts[1]),
      bytes.count > Seal.nonceSize + Seal.tagSize
    else { throw KeyFault(.seal, "", "the sealed \(what) is not one that our tools made; seal it again") }
    let key = try key(version: version)
    let plain = Seal.open(
      Array(bytes[Seal.nonceSize..<(bytes.count - Seal.tagSize)]), tag: Array(bytes.suffix(Seal.tagSize)),
      key: key.sealingKey, nonce: Array(bytes.prefix(Seal.nonceSize)), associated: associated)
    guard let plain else { throw Self.doesNotOpen(what) }
    return plain
  }

  private static func doesNotOpen(_ what: String) -> KeyFault {
    KeyFault(
      .seal, "",
      "the sealed \(what) does not open: it was altered, or sealed for another request or by other keys")
  }
}

enum Seal {
  static let nonceSize = 12
  static let tagSize = 16

  // Looked up once, as Digest's is: every mail and every check of a code seals or opens something.
  // EVP_CIPHER is immutable once fetched, and counted atomically.
  nonisolated(unsafe) private static let algorithm: OpaquePointer? = EVP_CIPHER_fetch(
    nil, "AES-256-GCM", nil)

  private struct Context: @unchecked Sendable {
    // Sendable: only touched with the monitor's lock held.
    let pointer: OpaquePointer?
  }

  // Kept: to make one anew for each mail takes longer than to close its address.
  private static let closing: Monitor<Context> = {
    let context = EVP_CIPHER_CTX_new()
    precondition(
      EVP_EncryptInit_ex2(context, algorithm, nil, nil, nil) == 1, "libcrypto has no AES-256-GCM")
    return Monitor(Context(pointer: context))
  }()
  private static let noKey = [UInt8](repeating: 0, count: 32)

  /// Appends ciphertext and tag.
  static func close(
    _ plain: UnsafeBufferPointer<UInt8>, key: [UInt8], nonce: [UInt8], associated: [UInt8],
    to bytes: inout [UInt8]
  ) {
    let start = bytes.count
    bytes.append(contentsOf: repeatElement(0, count: plain.count + tagSize))
    let isGood = bytes.withUnsafeMutableBufferPointer { bytes in
      let sealed = bytes.baseAddress! + start
      return closing.withLock { closing in
        let context = closing.pointer
        var count: Int32 = 0
        return EVP_EncryptInit_ex2(context, nil, key, nonce, nil) == 1
          && EVP_EncryptUpdate(context, nil, &count, associated, Int32(associated.count)) == 1
          && EVP_EncryptUpdate(context, sealed, &count, plain.baseAddress, Int32(plain.count)) == 1
          && EVP_EncryptFinal_ex(context, nil, &count) == 1
          && clibcrypto_gcm_get_tag(context, Int32(tagSize), sealed + plain.count) == 1
          // What was closed last must not be left in it.
          && EVP_EncryptInit_ex2(context, nil, noKey, nonce, nil) == 1
      }
    }
    // The one other way on would be a code in the clear.
    precondition(isGood, "libcrypto failed at AES-256-GCM")
  }

  static func open(
    _ sealed: [UInt8], tag: [UInt8], key: [UInt8], nonce: [UInt8], associated: [UInt8]
  ) -> [UInt8]? {
    let context = EVP_CIPHER_CTX_new()
    defer { EVP_CIPHER_CTX_free(context) }
    var plain = [UInt8](repeating: 0, count: sealed.count)
    var tag = tag
    var count: Int32 = 0
    let isGood =
      EVP_DecryptInit_ex2(context, algorithm, key, nonce, nil) == 1
      && EVP_DecryptUpdate(context, nil, &count, associated, Int32(associated.count)) == 1
      && EVP_DecryptUpdate(context, &plain, &count, sealed, Int32(sealed.count)) == 1
      && clibcrypto_gcm_set_tag(context, Int32(tagSize), &tag) == 1
      && EVP_DecryptFinal_ex(context, nil, &count) == 1
    return isGood ? plain : nil
  }
}
