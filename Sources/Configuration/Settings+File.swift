internal import Documents
package import FoundationEssentials
package import LinuxSystem

extension Settings {
  /// Where the configuration is looked for, in order: `--config`, `$PASSCODE_CONFIG`,
  /// `./Config/passcode.json5`, `/etc/passcode/passcode.json5`. For root the working directory is not looked at: it may
  /// be anybody's.
  ///
  /// - Parameter variable: the value of `$PASSCODE_CONFIG`; the whole environment as a dictionary is dear.
  package static func locate(
    option: String?, variable: String?, isRoot: Bool = CurrentProcess.user == 0, exists: (String) -> Bool
  ) throws(ConfigurationFault) -> String {
    if let option { return option }
    if let variable, !variable.isEmpty { return variable }
    let (here, installed) = ("Config/passcode.json5", "/etc/passcode/passcode.json5")
    if !isRoot, exists(here) { return here }
    if exists(installed) { return installed }
    let ways = "give --config FILE or set PASSCODE_CONFIG"
    guard isRoot else {
      throw ConfigurationFault(
        file: here, "no configuration found (looked there and at \(installed)); \(ways)")
    }
    let remark = exists(here) ? "; \(here) is not looked at for root, since a directory may be anybody's" : ""
    throw ConfigurationFault(file: installed, "there is no such file\(remark); \(ways)")
  }

  /// Reads and checks a configuration file. Relative paths in it are relative to the file.
  ///
  /// The file must belong to somebody who is believed, and nobody else may be able to write it (`FileTrust`). One of the
  /// service's user, whose the state directory is, may be read by others, too; it can name no secrets but his.
  ///
  /// - Parameter trust: without the service's user, whom the file itself names.
  package init(file: String, trust: FileTrust = .current) throws(ConfigurationFault) {
    let trail = FileTrail(file)
    let problem = trust.problem(of: trail)
    let data: Data
    do { data = try Data(contentsOf: URL(fileURLWithPath: file)) } catch {
      let isMissing = !FileManager.default.fileExists(atPath: file)
      throw ConfigurationFault(
        file: file, isMissing ? "there is no such file" : "cannot be read; check its permissions")
    }
    guard let problem else {
      let settings = try Settings(json5: data, file: file)
      self = settings.trusting(trust.serving(settings.state))
      return
    }
    // What stands in it is believed of nothing but whose the state directory is, and that it is his.
    guard let settings = try? Settings(json5: data, file: file) else {
      throw ConfigurationFault(file: file, problem)
    }
    let service = trust.serving(settings.state)
    if let problem = service.problem(of: trail) { throw ConfigurationFault(file: file, problem) }
    self = settings.trusting(service.ofServiceAlone)
  }

  /// Checks a configuration's text. Whoever has the text has vouched for it: whose the files are that it names is not
  /// asked.
  ///
  /// - Parameter file: for messages, and as the base of relative paths.
  package init(json5 data: Data, file: String) throws(ConfigurationFault) {
    do throws(DocumentFault) {
      self = try RootKeys.read(Document(Array(data), file: file).node)
    } catch { throw ConfigurationFault(error) }
  }
}
