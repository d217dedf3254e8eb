internal import Documents

/// What is wrong with the configuration: in which file, at which key, and what is accepted there.
package struct ConfigurationFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// The configuration file, as the user named it or as it was found.
  package let file: String
  /// The key's path, for example `relays[0].security`; empty where the file as a whole is meant.
  package let key: String
  /// Where in the file, from 1; nil where the fault has no place there.
  package let line: Int?
  /// From 1, in characters.
  package let column: Int?
  /// What was found, what is accepted, what to do.
  package let message: String

  package init(file: String, key: String = "", _ message: String) {
    self.file = file
    self.key = key
    self.message = message
    (line, column) = (nil, nil)
  }

  init(_ fault: DocumentFault) {
    (file, key, message) = (fault.file, fault.keyPath, fault.message)
    (line, column) = (fault.line, fault.column)
  }

  /// `passcode.json5:4:5: passcode.length: is 5; expected 6 to 12`
  package var description: String {
    let place = [line, column].compactMap { $0.map { ":\($0)" } }.joined()
    return key.isEmpty ? "\(file)\(place): \(message)" : "\(file)\(place): \(key): \(message)"
  }
}
