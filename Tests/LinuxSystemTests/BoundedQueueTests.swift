import LinuxSystem
import TestSupport
import Testing

struct BoundedQueueTests {
  @Test(arguments: [(1, 1, 1), (1, 8, 4), (8, 1, 3), (4, 4, 64), (3, 5, 1000)])
  func `hands each element to exactly one consumer, in the producer's order`(
    producers: Int, consumers: Int, capacity: Int
  ) throws {
    let queue = BoundedQueue<(producer: Int, number: Int)>(capacity: capacity)
    let each = 2000
    let seen = Monitor([[Int]](repeating: [], count: producers))
    let inOrder = Monitor(true)
    let readers = try (0..<consumers).map { index in
      try LinuxThread("reader") {
        var last = [Int](repeating: -1, count: producers)
        while true {
          let batch = index.isMultiple(of: 2) ? queue.popBatch(max: 7) : queue.pop().map { [$0] } ?? []
          if batch.isEmpty { return }
          for element in batch {
            if element.number <= last[element.producer] { inOrder.withLock { $0 = false } }
            last[element.producer] = element.number
            seen.withLock { $0[element.producer].append(element.number) }
          }
        }
      }
    }
    let writers = try (0..<producers).map { producer in
      try LinuxThread("writer") { for number in 0..<each { queue.push((producer, number)) } }
    }
    for writer in writers { writer.join() }
    queue.close()
    for reader in readers { reader.join() }
    #expect(inOrder.withLock { $0 })
    #expect(seen.withLock { $0.map { $0.sorted() } } == .init(repeating: Array(0..<each), count: producers))
    #expect(queue.isFinished)
  }

  @Test func `a full queue holds its producer back until somebody takes`() throws {
    let queue = BoundedQueue<Int>(capacity: 2)
    let pushed = Monitor(0)
    let writer = try LinuxThread("writer") {
      for number in 0..<5 {
        queue.push(number)
        pushed.change { $0 += 1 }
      }
    }
    #expect(pushed.wait(timeout: patience) { $0 == 2 ? true : nil } == true)
    // The third cannot get in, however long it tries.
    #expect(pushed.wait(timeout: .milliseconds(50)) { $0 > 2 ? true : nil } == nil)
    #expect(queue.count == 2)
    #expect(queue.pop() == 0)
    #expect(pushed.wait(timeout: patience) { $0 == 3 ? true : nil } == true)
    for number in 1..<5 { #expect(queue.pop(timeout: patience) == number) }
    writer.join()
  }

  @Test func `closing lets everybody go and keeps what is in it`() throws {
    let full = BoundedQueue<Int>(capacity: 1)
    full.push(1)
    let results = Monitor([Bool]())
    let writers = try (0..<3).map { _ in
      try LinuxThread("writer") {
        let isAdded = full.push(2)
        results.withLock { $0.append(isAdded) }
      }
    }
    full.close()
    for writer in writers { writer.join() }
    #expect(results.withLock { $0 } == [false, false, false])
    #expect(!full.isFinished)
    #expect(full.pop() == 1)
    #expect(full.pop() == nil)
    #expect(full.isFinished)
    #expect(!full.push(3))

    let empty = BoundedQueue<Int>(capacity: 1)
    let readers = try (0..<3).map { _ in
      try LinuxThread("reader") {
        let isEmpty = empty.popBatch(max: 4).isEmpty
        results.withLock { $0.append(isEmpty) }
      }
    }
    empty.close()
    for reader in readers { reader.join() }
    #expect(results.withLock { $0.suffix(3) } == [true, true, true])
  }

  @Test func `gives up when the time is over`() {
    let queue = BoundedQueue<Int>(capacity: 1)
    let start = ContinuousClock.now
    #expect(queue.pop(timeout: .milliseconds(30)) == nil)
    #expect(ContinuousClock.now - start >= .milliseconds(30))
    #expect(queue.popBatch(max: 3, timeout: .zero).isEmpty)
    #expect(queue.pop(timeout: .seconds(-5)) == nil)
    #expect(!queue.waitForElement(timeout: .zero))
  }

  @Test func `what is put back comes first, even beyond the capacity`() {
    let queue = BoundedQueue<Int>(capacity: 2)
    queue.push(1)
    queue.push(2)
    queue.putBack(0)
    #expect(queue.count == 3)
    queue.close()
    queue.putBack(-1)
    #expect(queue.popBatch(max: 10) == [-1, 0, 1, 2])
  }

  @Test func `keeps its order around the end of the ring`() {
    let queue = BoundedQueue<Int>(capacity: 100)
    var next = 0
    var expected = 0
    for round in 0..<200 {
      for _ in 0..<(round % 90) where queue.count < 100 {
        queue.push(next)
        next += 1
      }
      for element in queue.popBatch(max: round % 70 + 1, timeout: .zero) {
        #expect(element == expected)
        expected += 1
      }
    }
    #expect(queue.count == next - expected)
  }

  @Test func `takes out what is unwanted and lets producers in`() throws {
    let queue = BoundedQueue<Int>(capacity: 4)
    for number in 0..<4 { queue.push(number) }
    let writer = try LinuxThread("writer") { queue.push(4) }
    #expect(queue.removeAll { $0 % 2 == 0 } == [0, 2])
    writer.join()
    #expect(queue.popBatch(max: 9) == [1, 3, 4])
  }

  @Test func `a look that takes nothing keeps no reader from its element`() throws {
    for _ in 0..<200 {
      let queue = BoundedQueue<Int>(capacity: 1)
      let looker = try LinuxThread("looker") { _ = queue.waitForElement() }
      let taken = Monitor<Int?>(nil)
      let reader = try LinuxThread("reader") {
        let element = queue.pop(timeout: patience)
        taken.withLock { $0 = element }
      }
      queue.push(7)
      reader.join()
      queue.close()
      looker.join()
      #expect(taken.withLock { $0 } == 7)
    }
  }

  @Test func `a producer that waits goes on once a quarter is free, and loses nothing`() throws {
    let queue = BoundedQueue<Int>(capacity: 8)
    for number in 0..<8 { queue.push(number) }
    let pushed = Monitor(0)
    let producer = try LinuxThread("producer") {
      for number in 8..<20 {
        queue.push(number)
        pushed.change { $0 += 1 }
      }
    }
    var taken: [Int] = []
    while taken.count < 20 { taken += queue.popBatch(max: 3, timeout: patience) }
    #expect(taken == Array(0..<20))
    producer.join()
    #expect(pushed.withLock { $0 } == 12)
  }
}
