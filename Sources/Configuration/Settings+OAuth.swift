// `relays[].oauth`: how a token is fetched. What must be there for which grant is checked where it is used, and told
// with the key all the same.

extension Settings.OAuth {
  /// - Parameters:
  ///   - path: reads a path, relative to the configuration.
  ///   - secret: the same for a secret's file, which may be one of systemd's credentials.
  init(
    _ node: SettingsNode, path: (SettingsNode) throws(ConfigurationFault) -> String,
    secret: (SettingsNode) throws(ConfigurationFault) -> String
  ) throws(ConfigurationFault) {
    let keys = try node.object([
      "grant", "tokenURL", "clientID", "clientSecretFile", "clientKeyFile", "clientThumbprint", "keyID",
      "keyFile", "subject", "scope", "caFile", "proxy",
    ])
    grant = try keys.required("grant", "client-credentials (Microsoft) or jwt-bearer (Google)")
      .choice(Grant.self)
    tokenURL = try keys["tokenURL"]?.string()
    clientID = try keys["clientID"]?.string()
    clientSecretFile = try keys["clientSecretFile"].map(secret)
    clientKeyFile = try keys["clientKeyFile"].map(secret)
    clientThumbprint = try keys["clientThumbprint"]?.string()
    keyID = try keys["keyID"]?.string()
    keyFile = try keys["keyFile"].map(secret)
    subject = try keys["subject"]?.string()
    scope = try keys["scope"]?.string()
    caFile = try keys["caFile"].map(path)
    proxy = try keys["proxy"]?.string()
  }
}
