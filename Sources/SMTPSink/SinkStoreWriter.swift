internal import LinuxSystem

/// Puts messages into a store, one sink among possibly several.
///
/// A number is claimed by linking the finished message to `<n>.eml`, which fails where another sink was first;
/// the `.json` follows by rename. Whatever fails, no half of a message stays behind, and the client is told 451.
final class SinkStoreWriter {
  private let directory: Directory
  private var next: Int
  private var written = 0

  init(_ store: SinkStore) throws(SinkFault) {
    do throws(SystemCallError) {
      directory = try Directory(store.path)
      next = try Self.firstFree(directory)
    } catch {
      throw SinkFault(.store, store.path, "cannot be used as a message store: \(error)")
    }
  }

  /// Stores `message` and sets its number and file.
  func store(_ message: inout ReceivedMessage) throws(SinkFault) {
    do throws(SystemCallError) {
      message.number = try claim(message.content)
      do throws(SystemCallError) {
        let temporary = try write(StoredMessage(message).json() + [0x0A])
        try keeping(temporary) { () throws(SystemCallError) in
          try directory.rename(temporary, to: directory, as: "\(message.number).json")
        }
      } catch {
        _ = try? directory.remove("\(message.number).eml")
        throw error
      }
    } catch {
      throw SinkFault(.store, directory.path, "a message could not be stored: \(error)")
    }
    message.file = "\(directory.path)/\(message.number).eml"
  }

  private func claim(_ content: [UInt8]) throws(SystemCallError) -> Int {
    let temporary = try write(content)
    return try keeping(temporary) { () throws(SystemCallError) in
      var collisions = 0
      while true {
        let number = next
        next += 1
        do throws(SystemCallError) {
          try directory.link(temporary, as: "\(number).eml")
          try directory.remove(temporary)
          return number
        } catch  where error.number == .exists {
          // Another sink is far ahead: catch up with it at once.
          collisions += 1
          if collisions % 16 == 0 { next = max(next, try Self.firstFree(directory)) }
        }
      }
    }
  }

  /// Writes a file under a name that no reader looks at and no other sink uses.
  private func write(_ bytes: [UInt8]) throws(SystemCallError) -> String {
    written += 1
    let name =
      ".\(CurrentProcess.identifier)-\(UInt(bitPattern: ObjectIdentifier(self).hashValue))-\(written).tmp"
    let descriptor = try directory.create(name)
    try keeping(name) { () throws(SystemCallError) in try descriptor.writeAll(bytes) }
    return name
  }

  /// Removes `temporary` where `body` fails.
  private func keeping<Result>(
    _ temporary: String, _ body: () throws(SystemCallError) -> Result
  ) throws(SystemCallError) -> Result {
    do throws(SystemCallError) { return try body() } catch {
      _ = try? directory.remove(temporary)
      throw error
    }
  }

  private static func firstFree(_ directory: borrowing Directory) throws(SystemCallError) -> Int {
    var last = 0
    try forEachNumber(in: directory) { number, _ in last = max(last, number) }
    return last + 1
  }
}
