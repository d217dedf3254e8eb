import LinuxSystem
import Testing

@Suite struct ByteBufferTests {
  @Test func `keeps what was written as it grows`() {
    var buffer = ByteBuffer(capacity: 0)
    var expected: [UInt8] = []
    for round in 0..<200 {
      let text = String(repeating: "ż", count: round % 23)
      buffer.append(text)
      buffer.append(literal: "=\r\n")
      buffer.append(UInt8(round))
      buffer.append([1, 2, 3])
      buffer.write(atMost: 40) { place in
        place.update(repeating: 7, count: round % 40)
        return place + round % 40
      }
      expected += Array(text.utf8) + Array("=\r\n".utf8) + [UInt8(round), 1, 2, 3]
      expected += Array(repeating: 7, count: round % 40)
      #expect(buffer.count == expected.count)
      #expect(buffer.last == expected.last)
    }
    #expect([UInt8](buffer) == expected)
  }

  @Test func `goes back to an earlier end, and to nothing`() {
    var buffer = ByteBuffer(capacity: 4)
    #expect(buffer.last == nil)
    buffer.append("abc")
    buffer.removeLast(to: 1)
    buffer.append("de")
    #expect([UInt8](buffer) == Array("ade".utf8))
    buffer.removeAll()
    #expect(buffer.count == 0 && buffer.last == nil && [UInt8](buffer).isEmpty)
  }

  @Test(arguments: [0, 1, 9, 10, 99, 100, 101, 1_048_576, Int.max]) func `writes numbers`(_ number: Int) {
    var buffer = ByteBuffer(capacity: 0)
    buffer.append(decimal: number)
    #expect(String(decoding: [UInt8](buffer), as: UTF8.self) == String(number))
  }
}
