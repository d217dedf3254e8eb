internal import Glibc

/// Open files that are synced one after the other and closed together, when it goes out of scope.
package struct OpenFiles: ~Copyable {
  private var numbers: [Int32] = []

  package init() {}

  deinit { for number in numbers { Glibc.close(number) } }

  /// How many there are.
  package var count: Int { numbers.count }

  package mutating func append(_ file: consuming FileDescriptor) { numbers.append(file.release()) }

  /// Makes one of them durable. The corresponding C function is `fsync`.
  package func sync(at index: Int) throws(SystemCallError) {
    try systemCall("fsync") { fsync(numbers[index]) }
  }
}
