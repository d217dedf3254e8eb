/// A hash of 32 bytes as the key of a dictionary: its first 8 bytes are as good as all, and the whole is compared.
struct HashKey: Hashable {
  let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  func hash(into hasher: inout Hasher) { hasher.combine(prefixKey(bytes)) }
}
