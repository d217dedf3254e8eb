import Foundation
import LinuxSystem
import TestSupport
import Testing

@Suite struct SecretBytesTests {
  @Test func `lends its bytes, and equals others by them`() {
    let secret = SecretBytes("918273")
    #expect(secret.count == 6 && secret.withBytes { Array($0) } == Array("918273".utf8))
    #expect(secret == SecretBytes("918273") && secret != SecretBytes("918274"))
    #expect(SecretBytes("").withBytes { $0.isEmpty })
  }

  #if DEBUG
    @Test func `is overwritten when its last owner lets go, and no sooner`() {
      let ended = Monitor<[[UInt8]]>([])
      SecretBytes.$ended.withValue({ bytes in ended.withLock { $0.append(Array(bytes)) } }) {
        var owners: [SecretBytes?] = [SecretBytes("918273")]
        owners.append(owners[0])
        owners[0] = nil
        #expect(ended.withLock { $0.isEmpty })
        owners[1] = nil
        #expect(ended.withLock { $0 } == [[0, 0, 0, 0, 0, 0]])
      }
    }
  #endif

  @Test func `arrays and buffers are overwritten on demand`() {
    var bytes = Array("918273".utf8)
    overwrite(&bytes)
    #expect(bytes == [0, 0, 0, 0, 0, 0])
    var buffer = ByteBuffer(capacity: 16)
    buffer.append("918273")
    let place = buffer.withBytes { $0.baseAddress! }
    buffer.overwrite()
    #expect(buffer.count == 0 && UnsafeBufferPointer(start: place, count: 6).allSatisfy { $0 == 0 })
  }

  @Test func `a process that keeps its memory private writes no core and cannot be looked into`() throws {
    let result = try OwnProcess.run("PrivateMemoryTests")
    #expect(result.status == 0, "\(result)")
  }
}

@Suite(.enabled(if: OwnProcess.arguments != nil, "a part of SecretBytesTests")) struct PrivateMemoryTests {
  @Test func `no core, and nobody looks into it`() {
    #expect(CurrentProcess.isDumpable)
    CurrentProcess.keepMemoryPrivate()
    var limit = rlimit()
    #expect(getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit) == 0)
    #expect(!CurrentProcess.isDumpable && limit.rlim_cur == 0 && limit.rlim_max == 0)
  }
}
