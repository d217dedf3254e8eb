package import CodeRequests

extension TenantDirectory {
  /// The tenant that a request means.
  ///
  /// - Parameter reference: id, name, verified domain or sign-in link; nil or empty: the common endpoint.
  /// - Returns: `Tenant.common` at the common endpoint where several tenants exist; the one tenant where there is one.
  /// - Throws: a fault of the field `tenant` that does not repeat the reference.
  package func resolve(_ reference: String?) throws(RequestFault) -> Tenant {
    guard hasFile else { return try resolveWithoutFile(reference) }
    guard let reference, !reference.isEmpty else { return try atCommonEndpoint() }
    guard SignInLink.looksLikeLink(reference) else {
      if let tenant = tenant(id: reference) ?? tenant(name: reference) ?? tenant(domain: reference) {
        return tenant
      }
      throw RequestFault(
        field: "tenant",
        "is not known; expected the id, the name or a verified domain of a tenant, or a sign-in link")
    }
    let (host, link) = try SignInLink.parse(reference)
    if let signInHosts, !signInHosts.contains(host) {
      throw RequestFault(field: "tenant", "is a link to another host; only those of signInHosts are accepted")
    }
    let found: Tenant?
    switch link {
    case .commonEndpoint: return try atCommonEndpoint()
    case .tenantID(let id): found = tenant(id: id)
    case .tenantIDOrDomain(let text): found = tenant(id: text) ?? tenant(domain: text)
    }
    guard let found else {
      throw RequestFault(field: "tenant", "is a sign-in link of a tenant that is not known")
    }
    return found
  }

  /// There is nothing to look up; a malformed link is still refused, so that it is noticed before tenants are set up.
  private func resolveWithoutFile(_ reference: String?) throws(RequestFault) -> Tenant {
    if let reference, SignInLink.looksLikeLink(reference) { _ = try SignInLink.parse(reference) }
    return .only
  }

  private func atCommonEndpoint() throws(RequestFault) -> Tenant {
    guard commonEndpoint == .allowed else {
      throw RequestFault(
        field: "tenant",
        "is missing, and the common endpoint is refused here; name the tenant by id, name, verified domain or sign-in link"
      )
    }
    return tenants.count == 1 ? tenants[0] : .common
  }
}
