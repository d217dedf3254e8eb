internal import Documents
package import FoundationEssentials

extension Settings {
  /// Where the configuration is looked for, in order: `--config`, `$PASSCODE_CONFIG`,
  /// `./Config/passcode.json5`, `/etc/passcode/passcode.json5`.
  ///
  /// - Parameter variable: the value of `$PASSCODE_CONFIG`; the whole environment as a dictionary is dear.
  package static func locate(
    option: String?, variable: String?, exists: (String) -> Bool
  ) throws(ConfigurationFault) -> String {
    if let option { return option }
    if let variable, !variable.isEmpty { return variable }
    let places = ["Config/passcode.json5", "/etc/passcode/passcode.json5"]
    if let place = places.first(where: exists) { return place }
    throw ConfigurationFault(
      file: places[0],
      "no configuration found (looked there and at \(places[1])); give --config FILE or set PASSCODE_CONFIG")
  }

  /// Reads and checks a configuration file. Relative paths in it are relative to the file.
  package init(file: String) throws(ConfigurationFault) {
    let data: Data
    do { data = try Data(contentsOf: URL(fileURLWithPath: file)) } catch {
      let isMissing = !FileManager.default.fileExists(atPath: file)
      throw ConfigurationFault(
        file: file, isMissing ? "there is no such file" : "cannot be read; check its permissions")
    }
    try self.init(json5: data, file: file)
  }

  /// Checks a configuration's text.
  ///
  /// - Parameter file: for messages, and as the base of relative paths.
  package init(json5 data: Data, file: String) throws(ConfigurationFault) {
    do throws(DocumentFault) {
      self = try RootKeys.read(Document(Array(data), file: file).node)
    } catch { throw ConfigurationFault(error) }
  }
}
