import RecordKeys
import Testing

@Suite struct DigestTests {
  @Test func `gives the SHA-256 of FIPS 180-4's example`() {
    #expect(
      hex(Digest.sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(Digest.sha256("") == Digest.sha256([]))
  }
}

func hex(_ bytes: [UInt8]) -> String { bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
