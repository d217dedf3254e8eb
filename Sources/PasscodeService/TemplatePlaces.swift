package import Configuration
internal import FoundationEssentials

/// Where the templates are when no configuration says so: for the demo and the benches, which bring their own.
package enum TemplatePlaces {
  package static func find() throws(ConfigurationFault) -> String {
    var places = ["Templates", "/etc/passcode/Templates", "/usr/share/passcode/Templates"]
    // Beside the checkout that this program was built in, whatever directory it is called from.
    if let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
      var directory = URL(fileURLWithPath: program).deletingLastPathComponent()
      while directory.path != "/" {
        places.append(directory.appendingPathComponent("Templates").path)
        directory.deleteLastPathComponent()
      }
    }
    guard let place = places.first(where: { FileManager.default.fileExists(atPath: "\($0)/layout.html") })
    else {
      throw ConfigurationFault(
        file: places[0],
        "no templates found (looked here, in \(places[1]) and above the program); call it in a checkout")
    }
    return URL(fileURLWithPath: place).path
  }
}
