/// What is wrong with the configuration: in which file, at which key, and what is accepted there.
package struct ConfigurationFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// The configuration file, as the user named it or as it was found.
  package let file: String
  /// The key's path, for example `relays[0].security`; empty where the file as a whole is meant.
  package let key: String
  /// What was found, what is accepted, what to do.
  package let message: String

  package init(file: String, key: String = "", _ message: String) {
    self.file = file
    self.key = key
    self.message = message
  }

  package var description: String {
    key.isEmpty ? "\(file): \(message)" : "\(file): \(key): \(message)"
  }
}
