package import Configuration
package import SMTPDelivery

// On failure: a relay that cannot be used as it is set is thrown with its key, before anything has begun.

extension Settings {
  /// The relays as the delivery module takes them.
  ///
  /// - Throws: a fault that names the relay's key.
  package func relaySettings() throws(ConfigurationFault) -> [RelaySettings] {
    var result: [RelaySettings] = []
    for (index, relay) in relays.enumerated() {
      do throws(RelayFault) {
        result.append(try relay.relaySettings())
      } catch {
        throw ConfigurationFault(
          file: file, key: "relays[\(index)].\(error.field == "heloName" ? "hello" : error.field)",
          error.message)
      }
    }
    return result
  }
}

extension Settings.Relay {
  fileprivate func relaySettings() throws(RelayFault) -> RelaySettings {
    var timing = RelayTiming()
    timing.connect = connectTimeout
    timing.reply = replyTimeout
    var certificate: RelaySettings.ClientCertificate?
    if let clientCertificate {
      certificate = .init(certificateFile: clientCertificate, keyFile: clientKey ?? clientCertificate)
    }
    return try RelaySettings(
      url: url, security: RelaySettings.Security(rawValue: security.rawValue), username: username,
      passwordFile: passwordFile, mechanism: mechanism?.rawValue, caFile: caFile,
      clientCertificate: certificate, lanes: lanes, maxPerSecond: maxPerSecond.map(Double.init),
      maxPerConnection: maxPerConnection, pipelines: pipelining == .auto,
      allowPlaintext: allowPlaintext, heloName: hello, timing: timing,
      oauth: try oauth?.tokenSettings(secretMode),
      secretReaders: SecretReaders(rawValue: secretMode.rawValue) ?? .guarded)
  }
}

extension Settings.OAuth {
  fileprivate func tokenSettings(_ mode: Settings.SecretMode) throws(RelayFault) -> TokenSettings {
    try TokenSettings(
      grant: grant == .jwtBearer ? .jwtBearer : .clientCredentials, tokenURL: tokenURL, clientID: clientID,
      clientSecretFile: clientSecretFile, clientKeyFile: clientKeyFile, clientThumbprint: clientThumbprint,
      keyID: keyID, keyFile: keyFile, subject: subject, scope: scope, caFile: caFile, proxy: proxy,
      readers: SecretReaders(rawValue: mode.rawValue) ?? .guarded)
  }
}
